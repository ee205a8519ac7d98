// A step's parameters as an HTTP request.
#pragma once

#include <runbook/model.hpp>
#include <runbook/system.hpp>

#include <string>
#include <vector>

namespace runbook::http {

/// What is wrong with the parameters, and with what the action expects, whatever their `{{ name }}` stand for.
[[nodiscard]] std::vector<Diagnostic> request_flaws(const Action& action);

/// The parameters' method, in capitals or not as it was written; GET if there is none.
[[nodiscard]] std::string request_method(const Values& params);

/// The request with every `{{ name }}` replaced: in the URL as `expand_url` says; in headers as it is, but no line
/// breaks; in a body that is JSON or a form (by its Content-Type, or by its first character) escaped as such.
/// `directory`: what a relative `ca_file` is relative to.
[[nodiscard]] Result<HttpRequest> make_request(const Values& params, const Values& values,
                                               const std::string& directory);

} // namespace runbook::http
