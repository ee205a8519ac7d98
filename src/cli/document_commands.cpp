// `plan`, `lint` and `show`: what can be said of a document without running it.
#include "commands.hpp"
#include "document.hpp"
#include "output.hpp"
#include "overview.hpp"
#include "shown_text.hpp"

#include <runbook/handlers.hpp>

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

ExitCode printed(const std::string& text) {
  return print(text) ? ExitCode::succeeded : ExitCode::output_lost;
}

// What planning finds beyond the text itself. No inputs are given here, so those that are missing say nothing; and
// where the text has errors, what is missing may be what could not be read.
bool tells_nothing_new(const Diagnostic& found, const Parsed& parsed) {
  if (found.code == "missing-input" || std::ranges::count(parsed.diagnostics, found) > 0) return true;
  if (parsed.ok()) return false;
  return found.code == "empty-runbook" || found.code == "empty-step" || found.code == "no-handler";
}

void add_findings_of_plan(Parsed& parsed, const HandlerRegistry& handlers) {
  const Result<Plan> plan = make_plan(parsed.runbook, handlers);
  std::vector<Diagnostic> found = plan ? plan->warnings() : plan.error().diagnostics;
  std::erase_if(found, [&](const Diagnostic& d) { return tells_nothing_new(d, parsed); });
  parsed.diagnostics.insert(parsed.diagnostics.end(), found.begin(), found.end());
}

std::string as_json_line(const Diagnostic& d) {
  const Value line{{"severity", to_string(d.severity)},
                   {"code", d.code},
                   {"message", d.message},
                   {"hint", d.hint},
                   {"path", shown_line(d.path)},
                   {"line", d.span.line},
                   {"column", d.span.column},
                   {"end_line", d.span.end_line},
                   {"end_column", d.span.end_column},
                   {"step", d.step}};
  return boost::json::serialize(line) + "\n";
}

std::string counted(std::ptrdiff_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string summary(const std::string& path, const std::vector<Diagnostic>& diagnostics) {
  const auto count = [&](Severity severity) {
    return std::ranges::count(diagnostics, severity, &Diagnostic::severity);
  };
  return fmt::format("{}: {}, {}, {}\n", path, counted(count(Severity::error), "error"),
                     counted(count(Severity::warning), "warning"), counted(count(Severity::note), "note"));
}

} // namespace

ExitCode plan(const PlanOptions& options) {
  const auto planned = plan_document(options.file, builtin_handlers(), options.inputs);
  if (!planned) return ExitCode::refused;
  return printed(options.json ? boost::json::serialize(to_json(*planned)) + "\n" : to_text(*planned));
}

ExitCode lint(const LintOptions& options) {
  const HandlerRegistry handlers = builtin_handlers();
  ParseOptions how;
  how.handler_languages = handlers.languages();
  Result<Parsed> parsed = parse_file(options.file, std::move(how));
  if (!parsed) {
    print_failure(options.file, parsed.error());
    return ExitCode::refused;
  }
  add_findings_of_plan(*parsed, handlers);
  std::string text;
  for (const Diagnostic& diagnostic : parsed->diagnostics) {
    text += options.json ? as_json_line(diagnostic) : to_string(diagnostic) + "\n";
  }
  if (!options.json) text += summary(options.file, parsed->diagnostics);
  if (!print(text)) return ExitCode::output_lost;
  return parsed->ok() ? ExitCode::succeeded : ExitCode::refused;
}

ExitCode show(const ShowOptions& options) {
  const auto parsed = read_document(options.file, builtin_handlers());
  if (!parsed) return ExitCode::refused;
  const Runbook& runbook = parsed->runbook;
  if (options.yaml) return printed(to_yaml(runbook));
  return printed(options.json ? boost::json::serialize(to_json(runbook)) + "\n" : overview(runbook));
}

} // namespace runbook::cli
