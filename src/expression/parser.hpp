// The parser: from tokens to a program. Operators are read by precedence (Pratt's way); how deep anything may be nested
// is limited, so neither reading nor evaluating can run out of stack.
//
// Ownership: writes to a program of the caller. Thread-safety: belongs to one thread.
#pragma once

#include "expression/problem.hpp"
#include "expression/program.hpp"
#include "expression/token.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::expression {

class Parser {
public:
  /// The tokens are those of `program.text`, which must not change.
  Parser(Program& program, const std::vector<Token>& tokens) : program_(program), tokens_(tokens) {}

  /// Fills in the program. If that is not possible, says why not.
  [[nodiscard]] std::optional<Problem> run();

private:
  using Parsed = std::optional<NodeIndex>; ///< nothing: there is a problem

  // parser.cpp: operators
  Parsed expression();
  Parsed operators(int least_precedence);
  Parsed chain(NodeIndex left, int precedence);
  Parsed unary();

  // primary.cpp: values
  Parsed primary();
  Parsed postfix(NodeIndex base);
  bool member(std::vector<Operand>& steps);
  bool index(std::vector<Operand>& steps);
  Parsed path(NodeIndex base, std::vector<Operand>& steps);
  Parsed literal(bool negative);
  Parsed word();
  Parsed variable(const Token& name);
  Parsed parenthesised();
  Parsed list();
  Parsed map();

  // calls.cpp: functions, methods and has()
  Parsed function(const Token& name);
  Parsed method(NodeIndex object, const Token& name);
  Parsed has(const Token& name);
  Parsed call(const Token& name, const Function& function, std::vector<Operand> arguments);
  bool arguments(std::vector<Operand>& found);
  bool elements(std::string_view close, std::vector<Operand>& found);
  bool keep_pattern(NodeIndex node);
  Parsed unknown_function(const Token& name);

  // The tokens
  [[nodiscard]] const Token& peek(std::size_t ahead = 0) const noexcept;
  const Token& take() noexcept;
  bool skip(std::string_view symbol) noexcept;
  bool expect(std::string_view symbol, std::string_view after);
  [[nodiscard]] std::uint32_t end_of_last() const noexcept { return tokens_[at_ - 1].part.end; }

  // The program
  Parsed add(Node node, std::uint32_t begin);
  Parsed add(Node node, std::uint32_t begin, const std::vector<Operand>& operands);
  std::uint32_t add_name(std::string_view name);
  Parsed add_literal(Value value, const Part& part);
  [[nodiscard]] Operand operand(NodeIndex node, Op op = Op::none) const noexcept { return {node, op, end_of_last()}; }
  [[nodiscard]] Node& node(NodeIndex index) noexcept { return program_.nodes[index]; }

  // Problems
  std::nullopt_t fail(const Part& part, std::string message, std::string hint = {});
  std::nullopt_t too_nested(const Part& part);
  std::nullopt_t unexpected(std::string_view wanted);

  Program& program_;
  const std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::optional<Problem> problem_;
};

/// Whether a name may not be used for a variable, because it is a word of the language or of one that may surround it.
[[nodiscard]] bool is_reserved(std::string_view name) noexcept;

/// Whether a name may also not be used for a member: `true`, `false`, `null` and `in`.
[[nodiscard]] bool is_keyword(std::string_view name) noexcept;

} // namespace runbook::expression
