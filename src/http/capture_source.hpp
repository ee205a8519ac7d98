// What a request captures: `/json/pointer` into the body, `header:NAME`, or the whole `body` as text.
#pragma once

#include <runbook/system.hpp>
#include <runbook/value.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook::http {

/// What is wrong with the source itself; nothing if it is well.
[[nodiscard]] std::optional<std::string> capture_flaw(std::string_view source);

/// The value that the response to a request for `url` has there. A JSON value keeps its type. Of a `Location` that
/// begins with `/`, scheme, host and port are filled in, so that it can stand at the start of a URL. Fails if nothing
/// is there, or something that no variable can hold.
[[nodiscard]] Result<Value> captured_value(std::string_view source, const HttpResponse& response, std::string_view url);

} // namespace runbook::http
