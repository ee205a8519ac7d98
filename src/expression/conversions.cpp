#include "expression/conversions.hpp"

#include "expression/characters.hpp"
#include "expression/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

/// The text without the blanks around it, which the output of programs has, and without a plus sign.
std::string_view number_text(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  return text;
}

Computed out_of_range(const Call& call) {
  return call.evaluation.fail(call.part(), "the number is beyond the range of an int");
}

Computed text_to_int(const Call& call, std::string_view text) {
  text = number_text(text);
  std::int64_t integer = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), integer);
  if (result.ec == std::errc::invalid_argument || result.ptr != text.data() + text.size()) {
    return call.evaluation.fail(call.part(), "the string is not a decimal integer");
  }
  if (result.ec != std::errc{}) return out_of_range(call);
  return Computed(Value(integer));
}

Computed real_to_int(const Call& call, double real) {
  constexpr double limit = 9223372036854775808.0;  // as CEL has it, the smallest int is out of range too
  const bool fits = real > -limit && real < limit; // NaN does not
  if (!fits) return out_of_range(call);
  return Computed(Value(static_cast<std::int64_t>(real)));
}

/// False, with a problem in `failure`, if the text to be read is more than the budget allows.
bool pay_for_text(const Call& call, const Value& value, Computed& failure) {
  if (!value.is_string() || call.evaluation.budget().spend_on_text(text_of(value).size())) return true;
  failure = call.evaluation.too_much(call.part());
  return false;
}

std::string real_text(double real) {
  if (std::isnan(real)) return "NaN";
  if (std::isinf(real)) return real > 0 ? "+Inf" : "-Inf";
  return to_text(Value(real));
}

} // namespace

Computed to_int(const Call& call) {
  const Value& value = call.argument(0);
  Computed failure;
  if (!pay_for_text(call, value, failure)) return failure;
  if (value.is_string()) return text_to_int(call, text_of(value));
  const auto number = number_of(value);
  if (!number) return call.evaluation.wrong_type(call.part(0), value, "int() takes a number or a string");
  if (number->kind == Number::Kind::too_large) return out_of_range(call);
  if (number->kind == Number::Kind::real) return real_to_int(call, number->real);
  return Computed(Value(number->integer));
}

Computed to_double(const Call& call) {
  const Value& value = call.argument(0);
  Computed failure;
  if (!pay_for_text(call, value, failure)) return failure;
  if (value.is_string()) {
    const auto real = read_real(number_text(text_of(value)));
    if (!real) return call.evaluation.fail(call.part(), "the string is not a decimal number");
    return Computed(Value(*real));
  }
  const auto number = number_of(value);
  if (!number) return call.evaluation.wrong_type(call.part(0), value, "double() takes a number or a string");
  if (number->kind == Number::Kind::real) return Computed(Value(number->real));
  if (number->kind == Number::Kind::too_large) return Computed(Value(static_cast<double>(number->too_large)));
  return Computed(Value(static_cast<double>(number->integer)));
}

Computed to_string_value(const Call& call) {
  const Value& value = call.argument(0);
  if (value.is_string()) return call.evaluation.made_own(Computed::elsewhere(value), call.part());
  if (const auto* real = value.if_double()) return Computed(Value(real_text(*real)));
  if (value.is_number()) return Computed(Value(to_text(value)));
  if (value.is_bool()) return Computed(Value(value.get_bool() ? "true" : "false"));
  return call.evaluation.wrong_type(call.part(0), value, "string() takes a number, a bool or a string");
}

} // namespace runbook::expression
