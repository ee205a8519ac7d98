#include "document.hpp"

#include "output.hpp"

#include <algorithm>

namespace runbook::cli {

namespace {

void print_findings(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.severity != Severity::note) lines += to_string(diagnostic) + "\n";
  }
  if (!lines.empty()) print_error(lines);
}

} // namespace

void print_failure(const std::string& path, const Error& error) {
  if (!error.diagnostics.empty()) return print_findings(error.diagnostics);
  std::string_view message = error.message;
  const std::string named = path + ": ";
  if (message.starts_with(named)) message.remove_prefix(named.size());
  print_error(named + "error: " + std::string(message) + "\n");
}

std::optional<Parsed> read_document(const std::string& path, const HandlerRegistry& handlers) {
  ParseOptions options;
  options.handler_languages = handlers.languages();
  Result<Parsed> parsed = parse_file(path, std::move(options));
  if (!parsed) {
    print_failure(path, parsed.error());
    return std::nullopt;
  }
  print_findings(parsed->diagnostics);
  if (!parsed->ok()) return std::nullopt;
  return std::move(*parsed);
}

std::optional<Plan> plan_document(const std::string& path, const HandlerRegistry& handlers, const Values& inputs) {
  std::optional<Parsed> parsed = read_document(path, handlers);
  if (!parsed) return std::nullopt;
  Result<Plan> plan = make_plan(parsed->runbook, handlers, inputs);
  if (!plan) {
    print_failure(path, plan.error());
    return std::nullopt;
  }
  std::vector<Diagnostic> fresh = plan->warnings();
  std::erase_if(fresh, [&](const Diagnostic& known) { return std::ranges::count(parsed->diagnostics, known) > 0; });
  print_findings(fresh);
  return *plan;
}

} // namespace runbook::cli
