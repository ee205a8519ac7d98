#include "expression/problem.hpp"

#include "printable.hpp"
#include "source_text.hpp"

#include <fmt/format.h>

namespace runbook::expression {

namespace {

constexpr std::size_t excerpt = 80;

Error make_error(const Problem& problem, std::string_view text, std::string_view rule, std::string headline) {
  Diagnostic diagnostic;
  diagnostic.code = rule;
  diagnostic.message = printable(problem.message);
  diagnostic.hint = printable(problem.hint);
  diagnostic.span = SourceText(text).span(problem.part.begin, problem.part.end);
  Error error{problem.code, std::move(headline), {}};
  error.diagnostics.push_back(std::move(diagnostic));
  return error;
}

} // namespace

Error unreadable(const Problem& problem, std::string_view text) {
  return make_error(problem, text, "invalid-expression",
                    fmt::format("the expression '{}' cannot be read", printable_excerpt(text, excerpt)));
}

Error failed(const Problem& problem, std::string_view text, std::string_view outcome) {
  return make_error(problem, text, "expression-failed",
                    fmt::format("the expression '{}' {}", printable_excerpt(text, excerpt), outcome));
}

} // namespace runbook::expression
