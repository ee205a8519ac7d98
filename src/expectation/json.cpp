#include "expectation/compare.hpp"

#include "json_text.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <cmath>
#include <cstdint>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t excerpt = 120;

std::string shown(const Value& value) {
  return printable_excerpt(canonical_json(value), excerpt);
}

std::string difference(std::string_view pointer, std::string_view expected, std::string_view got) {
  const std::string place = pointer.empty() ? "at the top" : "at " + printable_excerpt(pointer, excerpt);
  return fmt::format("{}: expected {}, got {}", place, expected, got);
}

/// Whether an integer and a double are the same number. Converting the integer could round it to the double.
template <class Integer>
bool same(Integer integer, double number) noexcept {
  const double limit = std::ldexp(1.0, std::is_signed_v<Integer> ? 63 : 64);
  if (number != std::floor(number) || number >= limit || number < (std::is_signed_v<Integer> ? -limit : 0.0)) {
    return false;
  }
  return static_cast<Integer>(number) == integer;
}

bool same_number(const Value& a, const Value& b) noexcept {
  if (a.is_double() && b.is_double()) return a.get_double() == b.get_double();
  if (a.is_double()) return same_number(b, a);
  if (b.is_double()) {
    return a.is_int64() ? same(a.get_int64(), b.get_double()) : same(a.get_uint64(), b.get_double());
  }
  return a == b; // Boost.JSON compares integers of both signs by value
}

std::optional<std::string> subset_mismatch(const Value& expected, const Value& got, const std::string& pointer);

std::optional<std::string> members_mismatch(const Values& expected, const Values& got, const std::string& pointer) {
  for (const auto& [key, member] : expected) {
    const std::string at = pointer + '/' + pointer_token(key);
    const Value* found = got.if_contains(key);
    if (found == nullptr) return difference(at, shown(member), "nothing");
    if (auto different = subset_mismatch(member, *found, at)) return different;
  }
  return std::nullopt;
}

std::optional<std::string> elements_mismatch(const boost::json::array& expected, const boost::json::array& got,
                                             const std::string& pointer) {
  if (expected.size() != got.size()) {
    return difference(pointer, fmt::format("an array of {}", expected.size()), fmt::format("one of {}", got.size()));
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (auto different = subset_mismatch(expected[i], got[i], pointer + '/' + std::to_string(i))) return different;
  }
  return std::nullopt;
}

std::optional<std::string> subset_mismatch(const Value& expected, const Value& got, const std::string& pointer) {
  if (expected.is_object() && got.is_object()) {
    return members_mismatch(expected.get_object(), got.get_object(), pointer);
  }
  if (expected.is_array() && got.is_array()) return elements_mismatch(expected.get_array(), got.get_array(), pointer);
  const bool equal = expected.is_number() && got.is_number() ? same_number(expected, got) : expected == got;
  if (equal) return std::nullopt;
  return difference(pointer, shown(expected), shown(got));
}

} // namespace

std::optional<std::string> json_mismatch(std::string_view expected, std::string_view output, const Values& values) {
  const Result<std::string> text = expand(expected, values, Place::json);
  if (!text) return to_string(text.error());
  const Result<Value> wanted = parse_json(*text);
  if (!wanted) return "the expected text is not JSON: " + to_string(wanted.error());
  const Result<Value> got = parse_json(output);
  if (!got) {
    return fmt::format("expected JSON, got \"{}\", which is not JSON: {}", printable_excerpt(output, excerpt),
                       printable(to_string(got.error())));
  }
  return subset_mismatch(*wanted, *got, {});
}

std::optional<std::string> json_flaw(std::string_view expected) {
  std::string text;
  for (const TemplatePart& part : template_parts(expected)) {
    // A JSON value outside quotes, and harmless text inside them.
    text += part.kind == TemplatePart::Kind::name ? "null" : part.text;
  }
  const Result<Value> parsed = parse_json(text);
  if (parsed) return std::nullopt;
  return "the expected text is not JSON: " + to_string(parsed.error());
}

} // namespace runbook
