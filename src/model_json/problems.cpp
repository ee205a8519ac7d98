#include "model_json/problems.hpp"

#include "printable.hpp"

#include <fmt/format.h>

namespace runbook::model_json {

void Problems::add(const std::string& pointer, const SourceSpan& span, std::string_view code, std::string_view message,
                   std::string_view hint) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = printable(pointer.empty() ? std::string(message) : fmt::format("{}: {}", pointer, message));
  diagnostic.hint = printable(hint);
  diagnostic.step = printable(step_);
  diagnostic.span = span;
  all_.push_back(std::move(diagnostic));
}

} // namespace runbook::model_json
