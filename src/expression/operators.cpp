#include "expression/operators.hpp"

#include "expression/number.hpp"

#include <algorithm>
#include <compare>
#include <optional>
#include <utility>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace runbook::expression {

namespace {

Part both(const Sides& sides) noexcept {
  return {sides.left.begin, sides.right.end};
}

/// Neither side is of a type, or both are not of one, that the operator has a meaning for.
Computed mismatch(Evaluation& e, Op op, const Value& left, const Value& right, const Sides& sides,
                  std::string_view wanted) {
  const std::string needed = fmt::format("'{}' {}", symbol_of(op), wanted);
  if (left.is_null()) return e.wrong_type(sides.left, left, needed);
  if (right.is_null()) return e.wrong_type(sides.right, right, needed);
  std::string hint;
  if (left.is_number() && right.is_number() && op != Op::remainder) {
    hint = "numbers are not converted by themselves: write 1.0 instead of 1, or use double() or int()";
  } else if (op == Op::add && (left.is_string() || right.is_string())) {
    hint = "string() makes a string of a value";
  } else if (left.is_string() != right.is_string() && (left.is_number() || right.is_number())) {
    hint = "int() and double() make a number of a string";
  }
  return e.fail(both(sides),
                fmt::format("{} and {}, but {}", e.told(sides.left, left), e.told(sides.right, right), needed),
                std::move(hint));
}

Computed equal(Evaluation& e, bool wanted, const Value& left, const Value& right, const Sides& sides) {
  const Equality found = equality(left, right, e.budget());
  if (found == Equality::unaffordable) return e.too_much(both(sides));
  return Computed(Value((found == Equality::equal) == wanted));
}

/// Nothing if values of these types have no order.
std::optional<std::partial_ordering> order(const Value& left, const Value& right) {
  const auto number = number_of(left);
  const auto other = number_of(right);
  if (number && other) return compare(*number, *other);
  if (left.is_bool() && right.is_bool()) return left.get_bool() <=> right.get_bool();
  // The bytes of UTF-8 have the order of the code points.
  if (left.is_string() && right.is_string()) return text_of(left) <=> text_of(right);
  return std::nullopt;
}

Computed ordered(Evaluation& e, Op op, const Value& left, const Value& right, const Sides& sides) {
  if (left.is_string() && right.is_string() &&
      !e.budget().spend_on_text(std::min(text_of(left).size(), text_of(right).size()))) {
    return e.too_much(both(sides));
  }
  const auto found = order(left, right);
  if (!found) return mismatch(e, op, left, right, sides, "compares two numbers, two strings or two bools");
  switch (op) {
  case Op::less: return Computed(Value(*found < 0));
  case Op::less_equal: return Computed(Value(*found <= 0));
  case Op::greater: return Computed(Value(*found > 0));
  default: return Computed(Value(*found >= 0));
  }
}

Computed contained(Evaluation& e, const Value& left, const Value& right, const Sides& sides) {
  if (const Values* map = right.if_object()) {
    if (!left.is_string()) return Computed(Value(false)); // all keys are strings
    if (!e.budget().spend_on_text(text_of(left).size())) return e.too_much(both(sides));
    return Computed(Value(map->contains(text_of(left))));
  }
  const auto* list = right.if_array();
  if (list == nullptr) return e.wrong_type(sides.right, right, "'in' looks into a list or the keys of a map");
  for (const Value& element : *list) {
    const Equality found = equality(left, element, e.budget());
    if (found == Equality::unaffordable) return e.too_much(both(sides));
    if (found == Equality::equal) return Computed(Value(true));
  }
  return Computed(Value(false));
}

/// Joins two strings. What the left side already has of its own is not copied again.
Computed joined_text(Evaluation& e, Computed left, const Computed& right, const Sides& sides) {
  if (text_of(*left).size() + text_of(*right).size() > Expression::max_string) {
    return e.too_large(both(sides), fmt::format("{} bytes", Expression::max_string));
  }
  Computed whole = e.made_own(std::move(left), both(sides));
  if (!whole) return whole;
  if (!e.budget().spend_on_text(text_of(*right).size())) return e.too_much(both(sides));
  whole.own().get_string().append(text_of(*right));
  return whole;
}

Computed joined_lists(Evaluation& e, Computed left, Computed right, const Sides& sides) {
  if (left->get_array().size() + right->get_array().size() > Expression::max_elements) {
    return e.too_large(both(sides), fmt::format("{} elements", Expression::max_elements));
  }
  Computed whole = e.made_own(std::move(left), both(sides));
  if (!whole) return whole;
  Computed rest = e.made_own(std::move(right), both(sides));
  if (!rest) return rest;
  auto& elements = whole.own().get_array();
  if (!e.budget().spend(rest->get_array().size())) return e.too_much(both(sides));
  for (Value& element : rest.own().get_array()) elements.push_back(std::move(element));
  return whole;
}

Computed explained(Evaluation& e, ArithmeticError error, Op op, const Part& part) {
  if (error == ArithmeticError::overflow) {
    return e.fail(part, "the result is beyond the range of an int", "a double has more range: write 1.0 instead of 1");
  }
  return e.fail(part, op == Op::remainder ? "a remainder of a division by zero" : "a division by zero");
}

Computed arithmetic(Evaluation& e, Op op, Computed left, Computed right, const Sides& sides) {
  if (op == Op::add && left->is_string() && right->is_string()) return joined_text(e, std::move(left), right, sides);
  if (op == Op::add && left->is_array() && right->is_array()) {
    return joined_lists(e, std::move(left), std::move(right), sides);
  }
  const auto a = number_of(*left);
  const auto b = number_of(*right);
  const ArithmeticResult result = a && b ? calculate(op, *a, *b) : ArithmeticResult{{}, ArithmeticError::types};
  if (result.error == ArithmeticError::none) return Computed(result.value);
  if (result.error != ArithmeticError::types) return explained(e, result.error, op, both(sides));
  std::string_view wanted = "takes two ints or two doubles";
  if (op == Op::add) wanted = "takes two ints, two doubles, two strings or two lists";
  if (op == Op::remainder) wanted = "takes two ints";
  return mismatch(e, op, *left, *right, sides, wanted);
}

} // namespace

Computed apply(Evaluation& evaluation, Op op, Computed left, Computed right, const Sides& sides) {
  if (!evaluation.budget().spend(1)) return evaluation.too_much(both(sides));
  switch (op) {
  case Op::equal: return equal(evaluation, true, *left, *right, sides);
  case Op::not_equal: return equal(evaluation, false, *left, *right, sides);
  case Op::less:
  case Op::less_equal:
  case Op::greater:
  case Op::greater_equal: return ordered(evaluation, op, *left, *right, sides);
  case Op::in: return contained(evaluation, *left, *right, sides);
  default: return arithmetic(evaluation, op, std::move(left), std::move(right), sides);
  }
}

Computed negate(Evaluation& evaluation, const Value& value, const Part& part) {
  const auto number = number_of(value);
  if (!number) return evaluation.wrong_type(part, value, "'-' takes a number");
  const ArithmeticResult result = negated(*number);
  if (result.error != ArithmeticError::none) return explained(evaluation, result.error, Op::subtract, part);
  return Computed(result.value);
}

Computed invert(Evaluation& evaluation, const Value& value, const Part& part) {
  if (!value.is_bool()) return evaluation.wrong_type(part, value, "'!' takes a bool");
  return Computed(Value(!value.get_bool()));
}

} // namespace runbook::expression
