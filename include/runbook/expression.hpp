// Expressions: what a condition asks, in a subset of CEL, the Common Expression Language. `docs/expressions.md` says
// which subset. An expression is read once and evaluated as often as needed; it has no effects and no clock, so the
// same variables always give the same value.
//
//   rb::Expression when = rb::Expression::parse("inputs.env == 'prod' && steps.count.exit_code == 0").value();
//   bool go = when.test({{"inputs", {{"env", "prod"}}}, {"steps", ...}}).value();
//
// What an expression may cost is limited, whoever wrote it: its text, its nesting and the work of one evaluation. A
// stack of 256 KiB is enough for any of them.
//
// Ownership: an immutable value; copies share what was read and are cheap. A moved-from expression may only be assigned
// to or destroyed. Thread-safety: all functions may be called at the same time from any threads, also on one object.
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

namespace expression {
struct Program; // private: what was read
}

class RUNBOOK_EXPORT Expression {
public:
  static constexpr std::size_t max_text = std::size_t{16} * 1024; ///< bytes of an expression
  static constexpr std::size_t max_nesting = 64;                  ///< brackets and operators inside each other
  static constexpr std::size_t max_patterns = 32;                 ///< literal patterns of matches()
  static constexpr std::size_t max_cost = 1'000'000;              ///< units of work of one evaluation
  static constexpr std::size_t max_string = std::size_t{1} << 20; ///< bytes of a string that an evaluation makes
  static constexpr std::size_t max_elements = 100'000;            ///< elements of a list that an evaluation makes

  /// A variable, or a member of one, that the expression reads: `steps['drain-node'].json.ok` is `{"steps",
  /// "drain-node", "json", "ok"}`. A path ends before an index that is no literal string: `list[0].name` reads
  /// `{"list"}`.
  struct Reference {
    std::vector<std::string> path{}; ///< never empty
    SourceSpan span{};               ///< in the expression's text
    bool tested = false;             ///< inside `has()`, which asks whether it is there

    friend bool operator==(const Reference&, const Reference&) = default;
  };

  /// Reads an expression. The error (`invalid_document`, or `limit_exceeded` for one that is too large) has one
  /// diagnostic, "invalid-expression", with a hint where there is one. Lines and columns count from the beginning of
  /// the text: who knows where the text stands in a document adds that place.
  [[nodiscard]] static Result<Expression> parse(std::string_view text);

  /// The expression's value. The error is `invalid_input` when the variables do not give it one, or `limit_exceeded`,
  /// and has one diagnostic, "expression-failed", whose span is the part of the text that has no value.
  [[nodiscard]] Result<Value> evaluate(const Values& variables) const;

  /// The value of a condition: true or false. A value that is neither is an error that says what it is; nothing counts
  /// as true or false but those.
  [[nodiscard]] Result<bool> test(const Values& variables) const;

  /// What it reads, in the order of the text, each path once for each place: a linter can check the names. Like
  /// `text()` it lives as long as the expression or a copy of it.
  [[nodiscard]] const std::vector<Reference>& references() const noexcept;

  /// The text that was read.
  [[nodiscard]] const std::string& text() const noexcept;

  /// Whether both have the same text.
  friend bool operator==(const Expression& a, const Expression& b) noexcept { return a.text() == b.text(); }

private:
  explicit Expression(std::shared_ptr<const expression::Program> program);

  std::shared_ptr<const expression::Program> program_;
};

} // namespace runbook
