#include "plan/convert.hpp"

#include "printable.hpp"
#include "utf8.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t excerpt = 60;

std::string_view expected_words(InputType type) noexcept {
  switch (type) {
  case InputType::string: return "text";
  case InputType::integer: return "an integer between -9223372036854775808 and 9223372036854775807";
  case InputType::number: return "a number";
  case InputType::boolean: return "true, false, yes or no";
  case InputType::path: return "a path";
  case InputType::secret: break;
  }
  return "a value";
}

Error unfit(const Value& value, InputType type) {
  const std::string got = value.is_string() ? fmt::format("'{}'", printable_excerpt(to_text(value), excerpt))
                                            : printable_excerpt(canonical_json(value), excerpt);
  return {errc::invalid_input, fmt::format("expects {}, got {}", expected_words(type), got), {}};
}

/// The number that is the whole of the text.
template <class Number>
std::optional<Number> number_in(std::string_view text) noexcept {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<Value> to_string_value(const Value& value, InputType type) {
  const auto* text = value.if_string();
  if (text == nullptr) return unfit(value, type);
  if (std::string_view(*text).find('\0') != std::string_view::npos) {
    return Error{errc::invalid_input, "holds a NUL byte, which no program can be given", {}};
  }
  if (find_invalid_utf8(*text) != std::string_view::npos) {
    return Error{errc::invalid_input, fmt::format("is not UTF-8: '{}'", printable_excerpt(*text, excerpt)), {}};
  }
  if (type == InputType::path && text->empty()) {
    return Error{errc::invalid_input, "expects a path, got nothing", {}};
  }
  return value;
}

/// Integers of one kind where they fit it: equal values must give equal digests.
std::optional<std::int64_t> as_int64(const Value& value) noexcept {
  if (value.is_int64()) return value.get_int64();
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (value.is_uint64() && value.get_uint64() <= largest) return static_cast<std::int64_t>(value.get_uint64());
  return std::nullopt;
}

Result<Value> to_integer(const Value& value) {
  if (const auto integer = as_int64(value)) return Value(*integer);
  if (const auto* text = value.if_string()) {
    if (const auto number = number_in<std::int64_t>(*text)) return Value(*number);
  }
  return unfit(value, InputType::integer);
}

Result<Value> to_number(const Value& value) {
  if (const auto integer = as_int64(value)) return Value(*integer);
  if (value.is_uint64()) return value;
  if (value.is_double() && std::isfinite(value.get_double())) return value;
  if (const auto* text = value.if_string()) {
    if (const auto integer = number_in<std::int64_t>(*text)) return Value(*integer);
    const auto number = number_in<double>(*text);
    if (number && std::isfinite(*number)) return Value(*number);
  }
  return unfit(value, InputType::number);
}

Result<Value> to_boolean(const Value& value) {
  if (value.is_bool()) return value;
  if (const auto* text = value.if_string()) {
    if (*text == "true" || *text == "yes") return Value(true);
    if (*text == "false" || *text == "no") return Value(false);
  }
  return unfit(value, InputType::boolean);
}

} // namespace

Result<Value> convert(const Value& value, InputType type) {
  switch (type) {
  case InputType::integer: return to_integer(value);
  case InputType::number: return to_number(value);
  case InputType::boolean: return to_boolean(value);
  case InputType::string:
  case InputType::path:
  case InputType::secret: break;
  }
  return to_string_value(value, type);
}

} // namespace runbook
