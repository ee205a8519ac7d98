#include "expression/evaluation.hpp"

#include "expression/characters.hpp"
#include "expression/function.hpp"
#include "expression/operators.hpp"

#include "printable.hpp"
#include "suggest.hpp"

#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::expression {

namespace {

using Kind = Node::Kind;

constexpr std::size_t shown = 60; ///< code points, of what a message quotes

} // namespace

Computed Evaluation::value_of(NodeIndex index) {
  const Node& node = program_.nodes[index];
  if (!budget_.spend(1)) return too_much(part_of(index));
  switch (node.kind) {
  case Kind::literal: return Computed::elsewhere(program_.literals[node.data]);
  case Kind::variable: return variable(node);
  case Kind::path: return path(node, node.count);
  case Kind::has: return has(node);
  case Kind::list: return list(node);
  case Kind::map: return map(node);
  case Kind::call: return call(node);
  case Kind::negate:
  case Kind::invert: return signs(node);
  case Kind::binary: return binary(node);
  case Kind::all_of: return logic(node, false);
  case Kind::any_of: return logic(node, true);
  case Kind::conditional: return conditional(node);
  }
  return {};
}

Computed Evaluation::variable(const Node& node) {
  const std::string& name = program_.names[node.data];
  if (const Value* value = variables_.if_contains(name)) return Computed::elsewhere(*value);
  Computed nothing = fail({node.begin, node.end}, fmt::format("there is no variable '{}'", name));
  unknown_ = &node;
  return nothing;
}

/// Looked for only when the problem is told: comparing a name with all others takes its time.
std::string Evaluation::hint_for_unknown(const Node& node) const {
  const std::string& name = program_.names[node.data];
  const std::string_view before = program_.text_between(0, node.begin);
  if (before.size() > 1 && before.back() == '-' && is_name_part(before[before.size() - 2])) {
    return "a member whose name has a '-' is written in brackets: a['b-c']";
  }
  std::vector<std::string> names;
  for (const auto& variable : variables_) names.emplace_back(variable.key());
  std::string hint = did_you_mean(name, names);
  const std::string_view after = std::string_view(program_.text).substr(node.end);
  const bool is_path = after.starts_with('.') || after.starts_with('[');
  if (hint.empty() && !is_path) hint = fmt::format("a string is quoted: '{}'", name);
  return hint;
}

Problem Evaluation::problem() const {
  Problem told = problem_;
  if (unknown_ != nullptr) told.hint = hint_for_unknown(*unknown_);
  return told;
}

Computed Evaluation::list(const Node& node) {
  boost::json::array elements;
  elements.reserve(node.count);
  for (std::uint32_t i = 0; i < node.count; ++i) {
    const NodeIndex index = operand(node, i).node;
    Computed element = made_own(value_of(index), part_of(index));
    if (!element) return element;
    elements.push_back(std::move(element.own()));
  }
  return Computed(Value(std::move(elements)));
}

Computed Evaluation::map(const Node& node) {
  Values members;
  for (std::uint32_t i = 0; i < node.count; i += 2) {
    const Part part = part_of(operand(node, i).node);
    const Computed key = value_of(operand(node, i).node);
    if (!key) return {};
    if (!key->is_string()) return wrong_type(part, *key, "the keys of a map are strings");
    const NodeIndex index = operand(node, i + 1).node;
    Computed value = made_own(value_of(index), part_of(index));
    if (!value) return value;
    if (!budget_.spend_on_text(text_of(*key).size())) return too_much(part);
    const bool is_new = members.emplace(text_of(*key), std::move(value.own())).second;
    if (!is_new)
      return fail(part, fmt::format("the map has the key '{}' twice", printable_excerpt(text_of(*key), shown)));
  }
  return Computed(Value(std::move(members)));
}

Computed Evaluation::call(const Node& node) {
  std::vector<Computed> arguments;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    arguments.push_back(value_of(operand(node, i).node));
    if (!arguments.back()) return {};
  }
  return program_.functions[node.data]->apply({*this, node, arguments});
}

/// `-` or `!`, any number of times.
Computed Evaluation::signs(const Node& node) {
  const NodeIndex index = operand(node, 0).node;
  Computed value = value_of(index);
  if (value && !budget_.spend(node.data)) return too_much({node.begin, node.end});
  for (std::uint32_t i = 0; value && i < node.data; ++i) {
    value = node.kind == Kind::negate ? negate(*this, *value, part_of(index)) : invert(*this, *value, part_of(index));
  }
  return value;
}

Computed Evaluation::binary(const Node& node) {
  Computed left = value_of(operand(node, 0).node);
  std::uint32_t end = operand(node, 0).end;
  for (std::uint32_t i = 1; left && i < node.count; ++i) {
    const Operand& next = operand(node, i);
    Computed right = value_of(next.node);
    if (!right) return right;
    left = apply(*this, next.op, std::move(left), std::move(right), {{node.begin, end}, part_of(next.node)});
    end = next.end;
  }
  return left;
}

/// The operands in their order until one decides. One that has no value decides nothing, but if no other decides, its
/// problem is the result.
Computed Evaluation::logic(const Node& node, bool decisive) {
  std::optional<std::pair<Problem, const Node*>> first;
  for (std::uint32_t i = 0; i < node.count; ++i) {
    Computed value = condition(operand(node, i).node, decisive ? "'||' joins bools" : "'&&' joins bools");
    if (value && value->get_bool() == decisive) return value;
    if (value) continue;
    if (problem_.code == errc::limit_exceeded) return {};
    if (!first) first = {std::move(problem_), unknown_};
  }
  if (!first) return Computed(Value(!decisive));
  std::tie(problem_, unknown_) = std::move(*first);
  return {};
}

Computed Evaluation::conditional(const Node& node) {
  std::uint32_t i = 0;
  for (; i + 1 < node.count; i += 2) {
    const Computed value = condition(operand(node, i).node, "what is before '?' is a bool");
    if (!value) return {};
    if (value->get_bool()) return value_of(operand(node, i + 1).node);
  }
  return value_of(operand(node, i).node);
}

Computed Evaluation::condition(NodeIndex index, std::string_view wanted) {
  Computed value = value_of(index);
  if (value && !value->is_bool()) return wrong_type(part_of(index), *value, wanted);
  return value;
}

Computed Evaluation::made_own(Computed computed, const Part& part) {
  if (!computed || computed.is_own()) return computed;
  if (!pay_for_copy(*computed, budget_)) return too_much(part);
  return Computed(Value(*computed, {})); // not in the memory resource of the variables, which may go away
}

Computed Evaluation::fail(const Part& part, std::string message, std::string hint) {
  problem_ = {part, std::move(message), std::move(hint), errc::invalid_input};
  unknown_ = nullptr;
  return {};
}

Computed Evaluation::too_much(const Part& part) {
  problem_ = {part,
              fmt::format("the evaluation costs more than the {} units of work that are allowed", Expression::max_cost),
              {},
              errc::limit_exceeded};
  unknown_ = nullptr;
  return {};
}

Computed Evaluation::too_large(const Part& part, std::string_view what) {
  problem_ = {part, fmt::format("this makes a value of more than {}", what), {}, errc::limit_exceeded};
  unknown_ = nullptr;
  return {};
}

Computed Evaluation::wrong_type(const Part& part, const Value& value, std::string_view wanted) {
  return fail(part, fmt::format("{}, but {}", told(part, value), wanted),
              value.is_null() ? "guard it with has(), or compare it with null" : "");
}

std::string Evaluation::told(const Part& part, const Value& value) const {
  const std::string text = printable_excerpt(program_.text_between(part.begin, part.end), shown);
  const bool is_quoted = text.starts_with('\'') || text.starts_with('"');
  return fmt::format("{}{}{} is {}", is_quoted ? "" : "'", text, is_quoted ? "" : "'", type_of(value));
}

std::string_view type_of(const Value& value) noexcept {
  switch (value.kind()) {
  case boost::json::kind::null: return "null";
  case boost::json::kind::bool_: return "a bool";
  case boost::json::kind::int64:
  case boost::json::kind::uint64: return "an int";
  case boost::json::kind::double_: return "a double";
  case boost::json::kind::string: return "a string";
  case boost::json::kind::array: return "a list";
  case boost::json::kind::object: return "a map";
  }
  return "nothing";
}

} // namespace runbook::expression
