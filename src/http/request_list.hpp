// The requests of an `http` action: one, whose parameters are the action's own, or several in its parameter `requests`.
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::http {

/// The name of the engine's idempotency key in a request, unless an input or a capture has it.
inline constexpr std::string_view key_name = "idempotency_key";

/// The parameters of each request, in order; what is no object is left out. They refer to `params`.
[[nodiscard]] std::vector<const Values*> requests_in(const Values& params);

/// The names under which the requests capture something, in order. They refer to `params`.
[[nodiscard]] std::vector<std::string_view> captured_names(const Values& params);

/// The text of a request's member; empty if it is not there, or no text.
[[nodiscard]] std::string_view text_of(const Values& request, std::string_view member) noexcept;

/// The request's method; GET if there is none.
[[nodiscard]] std::string method_of(const Values& request);

/// Whether the request has this header.
[[nodiscard]] bool has_header(const Values& request, std::string_view name);

/// How a message names one of several requests: `request 2 'poll'`.
[[nodiscard]] std::string request_name(const Values& request, std::size_t index);

} // namespace runbook::http
