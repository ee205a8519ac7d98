#include "plan/findings.hpp"

#include "by_place.hpp"
#include "printable.hpp"

#include <fmt/format.h>

namespace runbook {

namespace {

int gravity(errc kind) noexcept {
  switch (kind) {
  case errc::invalid_document: return 2;
  case errc::unknown_handler: return 1;
  default: return 0;
  }
}

Diagnostic make(Severity severity, std::string_view code, const Where& where, std::string_view message,
                std::string_view hint) {
  return {severity,  std::string(code), std::string(message), std::string(hint), {}, std::string(where.step),
          where.span};
}

} // namespace

void Findings::document_error(std::string_view code, const Where& where, std::string_view message,
                              std::string_view hint) {
  add(errc::invalid_document, make(Severity::error, code, where, message, hint));
}

void Findings::input_error(std::string_view code, const Where& where, std::string_view message, std::string_view hint) {
  add(errc::invalid_input, make(Severity::error, code, where, message, hint));
}

void Findings::handler_error(std::string_view code, const Where& where, std::string_view message,
                             std::string_view hint) {
  add(errc::unknown_handler, make(Severity::error, code, where, message, hint));
}

void Findings::warning(std::string_view code, const Where& where, std::string_view message, std::string_view hint) {
  add(errc::invalid_document, make(Severity::warning, code, where, message, hint));
}

void Findings::add(const Diagnostic& diagnostic, const Where& where) {
  Diagnostic placed = diagnostic;
  if (placed.step.empty()) placed.step = where.step;
  if (!placed.span.known()) placed.span = where.span;
  add(errc::invalid_document, std::move(placed));
}

void Findings::add(errc kind, Diagnostic diagnostic) {
  diagnostic.path = path_;
  diagnostic.message = printable(diagnostic.message);
  diagnostic.hint = printable(diagnostic.hint);
  diagnostic.step = printable(diagnostic.step);
  if (diagnostic.severity == Severity::error) {
    ++errors_;
    if (gravity(kind) > gravity(gravest_)) gravest_ = kind;
  }
  diagnostics_.push_back(std::move(diagnostic));
}

std::vector<Diagnostic> Findings::take_warnings() {
  sort_by_place(diagnostics_);
  return std::move(diagnostics_);
}

Error Findings::take_error() {
  std::string message = fmt::format("the runbook cannot be run: {} {}", errors_, errors_ == 1 ? "problem" : "problems");
  return {gravest_, std::move(message), take_warnings()};
}

} // namespace runbook
