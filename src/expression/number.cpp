#include "expression/number.hpp"

#include <charconv>
#include <cmath>
#include <limits>

namespace runbook::expression {

namespace {

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

/// Compares a double with an integer of which `below` is larger than any, and `least` smaller than none.
template <class Integer>
std::partial_ordering compare_exactly(double real, Integer integer, double least, double below) noexcept {
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (real >= below) return std::partial_ordering::greater;
  if (real < least) return std::partial_ordering::less;
  const double floor = std::floor(real);
  const auto whole = static_cast<Integer>(floor);
  if (whole != integer) return whole <=> integer;
  return real > floor ? std::partial_ordering::greater : std::partial_ordering::equivalent;
}

std::partial_ordering compare_real(double real, const Number& other) noexcept {
  switch (other.kind) {
  case Number::Kind::integer: return compare_exactly(real, other.integer, -two_to_63, two_to_63);
  case Number::Kind::too_large: return compare_exactly(real, other.too_large, 0.0, two_to_64);
  case Number::Kind::real: break;
  }
  return real <=> other.real;
}

ArithmeticResult calculate_integers(Op op, std::int64_t a, std::int64_t b) noexcept {
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
  case Op::add: overflow = __builtin_add_overflow(a, b, &result); break;
  case Op::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
  case Op::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
  default:
    if (b == 0) return {{}, ArithmeticError::division_by_zero};
    overflow = a == least && b == -1;
    if (!overflow) result = op == Op::divide ? a / b : a % b;
  }
  if (overflow) return {{}, ArithmeticError::overflow};
  return {Value(result), ArithmeticError::none};
}

ArithmeticResult calculate_reals(Op op, double a, double b) noexcept {
  switch (op) {
  case Op::add: return {Value(a + b), ArithmeticError::none};
  case Op::subtract: return {Value(a - b), ArithmeticError::none};
  case Op::multiply: return {Value(a * b), ArithmeticError::none};
  case Op::divide: return {Value(a / b), ArithmeticError::none}; // IEEE 754 says what division by 0.0 gives
  default: return {{}, ArithmeticError::types};
  }
}

/// Whether a number that no double can hold is too small for one, and not too large: by the place of its first digit
/// that counts.
bool is_tiny(std::string_view text) noexcept {
  const std::size_t exponent_at = std::min(text.find_first_of("eE"), text.size());
  const std::string_view mantissa = text.substr(0, exponent_at);
  std::string_view digits = text.substr(std::min(exponent_at + 1, text.size()));
  if (digits.starts_with('+')) digits.remove_prefix(1);
  int exponent = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec == std::errc::result_out_of_range) {
    return digits.starts_with('-');
  }
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t first = std::min(mantissa.find_first_of("123456789"), mantissa.size());
  return static_cast<std::ptrdiff_t>(point) - static_cast<std::ptrdiff_t>(first) + exponent < 0;
}

} // namespace

std::optional<Number> number_of(const Value& value) noexcept {
  using Kind = Number::Kind;
  if (const auto* integer = value.if_int64()) return Number{.kind = Kind::integer, .integer = *integer};
  if (const auto* real = value.if_double()) return Number{.kind = Kind::real, .real = *real};
  const auto* natural = value.if_uint64();
  if (natural == nullptr) return std::nullopt;
  if (*natural > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
    return Number{.kind = Kind::too_large, .too_large = *natural};
  }
  return Number{.kind = Kind::integer, .integer = static_cast<std::int64_t>(*natural)};
}

std::partial_ordering compare(const Number& a, const Number& b) noexcept {
  if (a.kind == Number::Kind::real) return compare_real(a.real, b);
  if (b.kind == Number::Kind::real) return 0 <=> compare_real(b.real, a);
  if (a.kind != b.kind) {
    return a.kind == Number::Kind::too_large ? std::partial_ordering::greater : std::partial_ordering::less;
  }
  if (a.kind == Number::Kind::integer) return a.integer <=> b.integer;
  return a.too_large <=> b.too_large;
}

std::optional<std::int64_t> whole(const Number& number) noexcept {
  if (number.kind == Number::Kind::integer) return number.integer;
  if (number.kind == Number::Kind::too_large) return std::nullopt;
  const bool fits = number.real >= -two_to_63 && number.real < two_to_63; // NaN does not
  if (!fits || std::floor(number.real) != number.real) return std::nullopt;
  return static_cast<std::int64_t>(number.real);
}

ArithmeticResult calculate(Op op, const Number& a, const Number& b) noexcept {
  using Kind = Number::Kind;
  if ((a.kind == Kind::real) != (b.kind == Kind::real)) return {{}, ArithmeticError::types};
  if (a.kind == Kind::real) return calculate_reals(op, a.real, b.real);
  if (a.kind == Kind::too_large || b.kind == Kind::too_large) return {{}, ArithmeticError::overflow};
  return calculate_integers(op, a.integer, b.integer);
}

ArithmeticResult negated(const Number& number) noexcept {
  if (number.kind == Number::Kind::real) return {Value(-number.real), ArithmeticError::none};
  return calculate(Op::subtract, Number{}, number);
}

std::optional<double> read_real(std::string_view text) noexcept {
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty() || error == std::errc::invalid_argument) return std::nullopt;
  if (error != std::errc::result_out_of_range) return number;
  const bool negative = text.front() == '-';
  const double size = is_tiny(text.substr(negative ? 1 : 0)) ? 0.0 : std::numeric_limits<double>::infinity();
  return negative ? -size : size;
}

} // namespace runbook::expression
