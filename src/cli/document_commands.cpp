// `plan` and `show`: what can be said of a document without running it.
#include "commands.hpp"
#include "document.hpp"
#include "output.hpp"
#include "overview.hpp"

#include <runbook/handlers.hpp>

#include <boost/json/serialize.hpp>

namespace runbook::cli {

namespace {

ExitCode printed(const std::string& text) {
  return print(text) ? ExitCode::succeeded : ExitCode::output_lost;
}

} // namespace

ExitCode plan(const PlanOptions& options) {
  const auto planned = plan_document(options.file, builtin_handlers(), options.inputs, options.selection);
  if (!planned) return ExitCode::refused;
  return printed(options.json ? boost::json::serialize(to_json(*planned)) + "\n" : to_text(*planned));
}

ExitCode show(const ShowOptions& options) {
  const auto parsed = read_document(options.file, builtin_handlers());
  if (!parsed) return ExitCode::refused;
  const Runbook& runbook = parsed->runbook;
  if (options.yaml) return printed(to_yaml(runbook));
  return printed(options.json ? boost::json::serialize(to_json(runbook)) + "\n" : overview(runbook));
}

} // namespace runbook::cli
