// `plan` and `show`: what can be said of a document without running it.
#include "commands.hpp"
#include "document.hpp"
#include "output.hpp"
#include "overview.hpp"

#include <runbook/format.hpp>
#include <runbook/handlers.hpp>

#include <boost/json/serialize.hpp>

namespace runbook::cli {

namespace {

ExitCode printed(const std::string& text) {
  return print(text) ? ExitCode::succeeded : ExitCode::output_lost;
}

// The JSON form is laid out as `fmt` does it.
Result<std::string> shown(const Runbook& runbook, ShownForm form) {
  switch (form) {
  case ShownForm::json: return format_json_form(boost::json::serialize(to_json(runbook)));
  case ShownForm::yaml: return to_yaml(runbook);
  case ShownForm::markdown: return to_markdown(runbook);
  case ShownForm::overview: break;
  }
  return overview(runbook);
}

} // namespace

ExitCode plan(const PlanOptions& options) {
  const auto planned =
      plan_document(options.file, builtin_handlers(), options.inputs, options.secrets, options.selection);
  if (!planned) return ExitCode::refused;
  return printed(options.json ? boost::json::serialize(to_json(*planned)) + "\n" : to_text(*planned));
}

ExitCode show(const ShowOptions& options) {
  const auto parsed = read_document(options.file, builtin_handlers());
  if (!parsed) return ExitCode::refused;
  const Result<std::string> text = shown(parsed->runbook, options.form);
  if (text) return printed(*text);
  Error error = text.error();
  for (Diagnostic& d : error.diagnostics) d.path = options.file;
  print_failure(options.file, error);
  return ExitCode::refused;
}

} // namespace runbook::cli
