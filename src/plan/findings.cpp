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

constexpr std::size_t longest_id = 200; // characters of a step's id that are shown

} // namespace

void Findings::document_error(std::string_view code, const Where& where, std::string_view message,
                              std::string_view hint) {
  add(errc::invalid_document, Severity::error, code, where, message, hint);
}

void Findings::input_error(std::string_view code, const Where& where, std::string_view message, std::string_view hint) {
  add(errc::invalid_input, Severity::error, code, where, message, hint);
}

void Findings::handler_error(std::string_view code, const Where& where, std::string_view message,
                             std::string_view hint) {
  add(errc::unknown_handler, Severity::error, code, where, message, hint);
}

void Findings::warning(std::string_view code, const Where& where, std::string_view message, std::string_view hint) {
  add(errc::invalid_document, Severity::warning, code, where, message, hint);
}

void Findings::add(const Diagnostic& diagnostic, const Where& where) {
  const Where place{diagnostic.step.empty() ? where.step : std::string_view(diagnostic.step),
                    diagnostic.span.known() ? diagnostic.span : where.span};
  add(errc::invalid_document, diagnostic.severity, diagnostic.code, place, diagnostic.message, diagnostic.hint);
}

bool Findings::admit(errc kind, Severity severity) {
  if (severity == Severity::error) {
    ++errors_;
    if (gravity(kind) > gravity(gravest_)) gravest_ = kind;
  }
  return limit_.admit(severity);
}

void Findings::take_over(Findings&& other) {
  for (Diagnostic& diagnostic : other.diagnostics_) {
    if (admit(other.gravest_, diagnostic.severity)) diagnostics_.push_back(std::move(diagnostic));
  }
}

void Findings::add(errc kind, Severity severity, std::string_view code, const Where& where, std::string_view message,
                   std::string_view hint) {
  if (!admit(kind, severity)) return;
  diagnostics_.push_back({severity, std::string(code), printable(message), printable(hint), path_,
                          printable_excerpt(where.step, longest_id), where.span});
}

std::vector<Diagnostic> Findings::take_warnings() {
  sort_by_place(diagnostics_);
  limit_.tell(diagnostics_, path_);
  return std::move(diagnostics_);
}

Error Findings::take_error() {
  std::string message = fmt::format("the runbook cannot be run: {} {}", errors_, errors_ == 1 ? "problem" : "problems");
  return {gravest_, std::move(message), take_warnings()};
}

} // namespace runbook
