// `{{ name }}` in a URL: a value can become part of a path segment, of a query value or of a host's name, and never
// more.
#pragma once

#include <runbook/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook::http {

/// The URL with every `{{ name }}` replaced, each escaped for its place:
/// - at the very start, where it stands for the whole beginning (`{{ base_url }}/path`): put in as it is, and must be
/// an
///   http or https URL; if more than a query follows, it must not have one of its own;
/// - in host and port: only letters, digits and `.-_:[]` are accepted;
/// - in the path: percent-encoded, `/` too; a segment that turns into `.` or `..` by it is refused;
/// - behind the `?`: percent-encoded.
/// Fails with `errc::invalid_input`.
[[nodiscard]] Result<std::string> expand_url(std::string_view url, const Values& values);

/// What is wrong with the URL whatever its `{{ name }}` stand for; nothing if it is well.
[[nodiscard]] std::optional<std::string> url_flaw(std::string_view url);

} // namespace runbook::http
