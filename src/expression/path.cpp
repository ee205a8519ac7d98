#include "expression/evaluation.hpp"
#include "expression/number.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

/// An element or member of a value; moved out of one that belongs to the evaluation and so is not really const.
Computed inner(const Computed& whole, const Value& found) {
  if (!whole.is_own()) return Computed::elsewhere(found);
  return Computed(std::move(const_cast<Value&>(found)));
}

} // namespace

/// The path's base and the steps after it, `count` in all.
Computed Evaluation::path(const Node& node, std::uint32_t count) {
  Computed value = value_of(operand(node, 0).node);
  for (std::uint32_t i = 1; value && i < count; ++i) value = step(std::move(value), node, i);
  return value;
}

/// What is not there is null, and so is every member of null: a path never fails for want of a member.
Computed Evaluation::step(Computed from, const Node& node, std::uint32_t i) {
  const Operand& next = operand(node, i);
  const Computed index = value_of(next.node);
  if (!index) return {};
  if (from->is_null()) return from;
  const Part before = part_before(node, i);
  if (const Values* map = from->if_object()) {
    if (!index->is_string()) {
      return wrong_type(part_of(next.node), *index, "the keys of a map are strings");
    }
    if (!budget_.spend_on_text(text_of(*index).size())) return too_much(part_of(next.node));
    const Value* found = map->if_contains(text_of(*index));
    return found == nullptr ? Computed(Value(nullptr)) : inner(from, *found);
  }
  if (next.op == Op::member || !from->is_array()) {
    const std::string wanted = next.op == Op::member ? "has no members" : "has no elements";
    return fail({before.begin, next.end}, fmt::format("{} and {}", told(before, *from), wanted));
  }
  return element(from, index, node, i);
}

/// What stands before a step of a path.
Part Evaluation::part_before(const Node& path, std::uint32_t step) const noexcept {
  return {part_of(operand(path, 0).node).begin, operand(path, step - 1).end};
}

Computed Evaluation::element(const Computed& from, const Computed& index, const Node& node, std::uint32_t i) {
  const auto& list = from->get_array();
  const Part part = part_of(operand(node, i).node);
  const auto number = number_of(*index);
  const auto at = number ? whole(*number) : std::nullopt;
  if (!number) return wrong_type(part, *index, "the index of a list is an int");
  if (!at || *at < 0 || static_cast<std::uint64_t>(*at) >= list.size()) {
    return fail(
        part,
        fmt::format("{} of {} elements; it has none with this index", told(part_before(node, i), *from), list.size()),
        "the first has the index 0; size() says how many there are");
  }
  return inner(from, list[static_cast<std::size_t>(*at)]);
}

Computed Evaluation::has(const Node& node) {
  const Computed from = path(node, node.count - 1);
  if (!from) return {};
  if (from->is_null()) return Computed(Value(false));
  const Values* map = from->if_object();
  if (map == nullptr) {
    const Part before = part_before(node, node.count - 1);
    return fail(before, fmt::format("{} and has no members", told(before, *from)));
  }
  const Value& name = program_.literals[program_.nodes[operand(node, node.count - 1).node].data];
  return Computed(Value(map->contains(text_of(name))));
}

} // namespace runbook::expression
