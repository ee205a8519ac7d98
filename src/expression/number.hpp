// Numbers: the value of one, comparing those of different types exactly, arithmetic within one type, and reading text.
//
// There are two types, `int` (64 bits) and `double`. JSON may hold an integer that is larger than the largest int: it
// can be compared and shown, but not calculated with.
#pragma once

#include "expression/program.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace runbook::expression {

struct Number {
  enum class Kind : std::uint8_t { integer, too_large, real };

  Kind kind = Kind::integer;
  std::int64_t integer = 0;
  std::uint64_t too_large = 0; ///< more than the largest int
  double real = 0;
};

/// Nothing if the value is no number.
[[nodiscard]] std::optional<Number> number_of(const Value& value) noexcept;

/// Exact, also where a double cannot hold the integer. NaN is unordered to everything.
[[nodiscard]] std::partial_ordering compare(const Number& a, const Number& b) noexcept;

/// A list's index, if the number is a whole one: 1 and 1.0 are.
[[nodiscard]] std::optional<std::int64_t> whole(const Number& number) noexcept;

enum class ArithmeticError : std::uint8_t { none, types, overflow, division_by_zero };

struct ArithmeticResult {
  Value value{};
  ArithmeticError error = ArithmeticError::none;
};

/// `+ - * / %` of two ints or, but for `%`, two doubles.
[[nodiscard]] ArithmeticResult calculate(Op op, const Number& a, const Number& b) noexcept;

/// `-` before a number.
[[nodiscard]] ArithmeticResult negated(const Number& number) noexcept;

/// A decimal number as a whole text: nothing if it is none; infinite if no double is as large.
[[nodiscard]] std::optional<double> read_real(std::string_view text) noexcept;

} // namespace runbook::expression
