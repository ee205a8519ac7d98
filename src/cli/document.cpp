#include "document.hpp"

#include "output.hpp"

#include <algorithm>
#include <tuple>

namespace runbook::cli {

namespace {

/// Those of the findings that are not among the known ones.
std::vector<Diagnostic> without_known(std::vector<Diagnostic> found, const std::vector<Diagnostic>& known) {
  const auto key = [](const Diagnostic* d) { return std::tie(d->span.line, d->span.column, d->code, d->message); };
  std::vector<const Diagnostic*> sorted;
  for (const Diagnostic& each : known) sorted.push_back(&each);
  std::ranges::sort(sorted, {}, key);
  std::erase_if(found, [&](const Diagnostic& each) {
    return std::ranges::any_of(std::ranges::equal_range(sorted, key(&each), {}, key),
                               [&](const Diagnostic* other) { return *other == each; });
  });
  return found;
}

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
  Result<Parsed> parsed = parse_file(path, {.path = {}, .handler_languages = handlers.languages()});
  if (!parsed) {
    print_failure(path, parsed.error());
    return std::nullopt;
  }
  print_findings(parsed->diagnostics);
  if (!parsed->ok()) return std::nullopt;
  return std::move(*parsed);
}

std::optional<Plan> plan_document(const std::string& path, const HandlerRegistry& handlers, const Values& inputs,
                                  const SecretOrigins& secrets, const Selection& selection) {
  std::optional<Parsed> parsed = read_document(path, handlers);
  if (!parsed) return std::nullopt;
  const DocumentReader read = file_reader({.path = {}, .handler_languages = handlers.languages()});
  if (const auto loaded = load_runbooks(parsed->runbook, read); !loaded) {
    print_failure(path, loaded.error());
    return std::nullopt;
  }
  Result<Plan> plan = make_plan(parsed->runbook, handlers, inputs, secrets);
  if (!plan) {
    print_failure(path, plan.error());
    return std::nullopt;
  }
  print_findings(without_known(plan->warnings(), parsed->diagnostics));
  if (selection.empty()) return *plan;
  Result<Plan> chosen = choose(*plan, selection);
  if (!chosen) {
    print_failure(path, chosen.error());
    return std::nullopt;
  }
  return *chosen;
}

} // namespace runbook::cli
