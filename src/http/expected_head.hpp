// The head of an expected response: `HTTP/1.1 404` or `HTTP 404`, perhaps with a reason, a class such as `HTTP 2xx`, or
// several, `HTTP 200, 404`; and header lines below. What follows a blank line is the body, which is not compared here.
#pragma once

#include <runbook/system.hpp>
#include <runbook/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook::http {

/// What is different, or nothing: the status is one of the expected, and every header that is expected is there with
/// exactly this value, `...` in it standing for any text. `values` fill `{{ name }}`; what they hold is compared as it
/// is.
[[nodiscard]] std::optional<std::string> head_mismatch(std::string_view expected, const HttpResponse& response,
                                                       const Values& values);

/// What is wrong with the expectation itself, so that nothing could be compared with it; nothing if it is well.
[[nodiscard]] std::optional<std::string> expected_head_flaw(std::string_view expected);

} // namespace runbook::http
