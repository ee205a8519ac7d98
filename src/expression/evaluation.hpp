// One evaluation of a program on variables.
//
// A part of the program that has no value leaves its problem here, where `&&` and `||` may still find that it does not
// matter. What costs too much always matters.
//
// Ownership: refers to the program and the variables. Thread-safety: belongs to one thread.
#pragma once

#include "expression/budget.hpp"
#include "expression/computed.hpp"
#include "expression/problem.hpp"
#include "expression/program.hpp"

#include <string>
#include <string_view>

namespace runbook::expression {

class Evaluation {
public:
  Evaluation(const Program& program, const Values& variables) : program_(program), variables_(variables) {}

  [[nodiscard]] Computed value_of(NodeIndex index);
  /// Why there is no value.
  [[nodiscard]] Problem problem() const;

  // For operators and functions:
  [[nodiscard]] const Program& program() const noexcept { return program_; }
  [[nodiscard]] Budget& budget() noexcept { return budget_; }
  /// The value itself, copied if it lies elsewhere; nothing if that costs too much.
  [[nodiscard]] Computed made_own(Computed computed, const Part& part);
  [[nodiscard]] Computed fail(const Part& part, std::string message, std::string hint = {});
  /// The evaluation costs too much.
  [[nodiscard]] Computed too_much(const Part& part);
  /// More was to be made than may be: `what` says of what.
  [[nodiscard]] Computed too_large(const Part& part, std::string_view what);
  /// A value is of a type that has no place here: `wanted` says what is.
  [[nodiscard]] Computed wrong_type(const Part& part, const Value& value, std::string_view wanted);
  /// `'inputs.n' is a string`, with the text of the part.
  [[nodiscard]] std::string told(const Part& part, const Value& value) const;
  [[nodiscard]] Part part_of(NodeIndex index) const noexcept {
    return {program_.nodes[index].begin, program_.nodes[index].end};
  }

private:
  [[nodiscard]] const Operand& operand(const Node& node, std::uint32_t i) const noexcept {
    return program_.operands[node.first + i];
  }
  [[nodiscard]] Computed variable(const Node& node);
  [[nodiscard]] std::string hint_for_unknown(const Node& node) const;
  [[nodiscard]] Computed list(const Node& node);
  [[nodiscard]] Computed map(const Node& node);
  [[nodiscard]] Computed call(const Node& node);
  [[nodiscard]] Computed signs(const Node& node);
  [[nodiscard]] Computed binary(const Node& node);
  [[nodiscard]] Computed logic(const Node& node, bool decisive);
  [[nodiscard]] Computed conditional(const Node& node);
  [[nodiscard]] Computed condition(NodeIndex index, std::string_view wanted);

  // path.cpp
  [[nodiscard]] Computed path(const Node& node, std::uint32_t count);
  [[nodiscard]] Computed step(Computed from, const Node& node, std::uint32_t i);
  [[nodiscard]] Computed element(const Computed& from, const Computed& index, const Node& node, std::uint32_t i);
  [[nodiscard]] Computed has(const Node& node);
  [[nodiscard]] Part part_before(const Node& path, std::uint32_t step) const noexcept;

  const Program& program_;
  const Values& variables_;
  Budget budget_;
  Problem problem_;
  const Node* unknown_ = nullptr; ///< the variable that is unknown, if that is the problem
};

/// The name of the value's type, with its article: "an int".
[[nodiscard]] std::string_view type_of(const Value& value) noexcept;

} // namespace runbook::expression
