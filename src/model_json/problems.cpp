#include "model_json/problems.hpp"

#include "printable.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook::model_json {

namespace {

constexpr std::size_t longest_id = 200; // characters of a step's id that are shown

} // namespace

void Problems::add(const std::string& pointer, const SourceSpan& span, std::string_view code, std::string_view message,
                   std::string_view hint) {
  if (!limit_.admit(Severity::error)) return;
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = printable(pointer.empty() ? std::string(message) : fmt::format("{}: {}", pointer, message));
  diagnostic.hint = printable(hint);
  diagnostic.step = step_;
  diagnostic.span = span;
  all_.push_back(std::move(diagnostic));
}

std::string Problems::set_step(std::string_view id) {
  return std::exchange(step_, printable_excerpt(id, longest_id));
}

} // namespace runbook::model_json
