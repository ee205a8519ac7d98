#include <runbook/error.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

std::string to_string(const Diagnostic& d) {
  std::string out = d.path;
  if (d.span.known()) {
    out += fmt::format("{}{}:{}", out.empty() ? "" : ":", d.span.line, d.span.column);
  }
  if (!out.empty()) out += ": ";
  out += fmt::format("{}: ", to_string(d.severity));
  if (!d.step.empty()) out += fmt::format("step '{}': ", d.step);
  out += d.message;
  if (!d.hint.empty()) out += fmt::format("; {}", d.hint);
  if (!d.code.empty()) out += fmt::format(" [{}]", d.code);
  return out;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) noexcept {
  return std::ranges::any_of(diagnostics, [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string to_string(const Error& error) {
  std::string out = error.message;
  for (const Diagnostic& d : error.diagnostics) {
    if (!out.empty()) out += '\n';
    out += to_string(d);
  }
  return out;
}

Exception::Exception(Error error) : error_(std::move(error)), text_(to_string(error_)) {}

void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw Exception(error);
}

} // namespace runbook
