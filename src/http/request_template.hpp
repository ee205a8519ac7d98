// A step's parameters as an HTTP request.
#pragma once

#include <runbook/system.hpp>
#include <runbook/value.hpp>

#include <string>

namespace runbook::http {

/// One of `requests_in`, with every `{{ name }}` replaced: in the URL as `expand_url` says; in headers as it is, but no
/// line breaks; in a body that is JSON or a form (by its Content-Type, or by its first character) escaped as such.
/// `shared`: the action's parameters, of which files, proxy and redirects hold for all of its requests. `directory`:
/// what relative paths of files are relative to. Needs parameters without flaws (`request_flaws`).
[[nodiscard]] Result<HttpRequest> make_request(const Values& params, const Values& shared, const Values& values,
                                               const std::string& directory);

} // namespace runbook::http
