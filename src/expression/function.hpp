// Functions: their names, how they may be called, and what they do.
#pragma once

#include "expression/evaluation.hpp"

#include <cstdint>
#include <span>
#include <string_view>

namespace runbook::expression {

/// A call whose arguments have been evaluated.
struct Call {
  Evaluation& evaluation;
  const Node& node;
  std::span<const Computed> arguments;

  [[nodiscard]] const Value& argument(std::size_t i) const { return *arguments[i]; }
  [[nodiscard]] NodeIndex index(std::size_t i) const { return evaluation.program().operands[node.first + i].node; }
  [[nodiscard]] Part part() const noexcept { return {node.begin, node.end}; }
  [[nodiscard]] Part part(std::size_t i) const { return evaluation.part_of(index(i)); }
};

struct Function {
  std::string_view name;
  bool is_function;       ///< may be called as `name(x, y)`
  bool is_method;         ///< may be called as `x.name(y)`
  std::uint8_t arguments; ///< how many it takes, a method's object among them
  bool takes_pattern;     ///< the last one is a pattern
  Computed (*apply)(const Call& call);
};

[[nodiscard]] std::span<const Function> functions() noexcept;

/// Null if there is no such function.
[[nodiscard]] const Function* find_function(std::string_view name) noexcept;

} // namespace runbook::expression
