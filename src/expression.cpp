#include <runbook/expression.hpp>

#include "expression/evaluation.hpp"
#include "expression/parser.hpp"
#include "expression/problem.hpp"
#include "expression/program.hpp"
#include "expression/token.hpp"
#include "utf8.hpp"

#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

using expression::Computed;
using expression::Evaluation;
using expression::Problem;
using expression::Program;

/// What is wrong with the text whatever it says.
std::optional<Problem> flaw_of(std::string_view text) {
  if (text.size() > Expression::max_text) {
    return Problem{{},
                   fmt::format("it has {} bytes; at most {} are allowed", text.size(), Expression::max_text),
                   {},
                   errc::limit_exceeded};
  }
  const std::size_t invalid = find_invalid_utf8(text);
  if (invalid == std::string_view::npos) return std::nullopt;
  const auto at = static_cast<std::uint32_t>(invalid);
  return Problem{{at, at}, "there is a byte that is no UTF-8", {}};
}

} // namespace

Expression::Expression(std::shared_ptr<const Program> program) : program_(std::move(program)) {}

Result<Expression> Expression::parse(std::string_view text) {
  if (const auto flaw = flaw_of(text)) return expression::unreadable(*flaw, text);
  auto program = std::make_shared<Program>();
  program->text = text;
  std::vector<expression::Token> tokens;
  auto problem = expression::tokenize(program->text, tokens);
  if (!problem) problem = expression::Parser(*program, tokens).run();
  if (problem) return expression::unreadable(*problem, text);
  return Expression(std::move(program));
}

Result<Value> Expression::evaluate(const Values& variables) const {
  Evaluation evaluation(*program_, variables);
  Computed result = evaluation.value_of(program_->root);
  result = evaluation.made_own(std::move(result), evaluation.part_of(program_->root));
  if (!result) return expression::failed(evaluation.problem(), text());
  return std::move(result.own());
}

Result<bool> Expression::test(const Values& variables) const {
  Evaluation evaluation(*program_, variables);
  const Computed result = evaluation.value_of(program_->root);
  if (!result) return expression::failed(evaluation.problem(), text());
  if (result->is_bool()) return result->get_bool();
  const auto part = evaluation.part_of(program_->root);
  const Problem problem{part, evaluation.told(part, *result), "a condition is true or false: compare it with something",
                        errc::invalid_input};
  return expression::failed(problem, text(), "is neither true nor false");
}

const std::vector<Expression::Reference>& Expression::references() const noexcept {
  return program_->references;
}

const std::string& Expression::text() const noexcept {
  return program_->text;
}

} // namespace runbook
