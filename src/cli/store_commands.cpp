// `runs` and `report`: what a store holds.
#include "commands.hpp"
#include "output.hpp"
#include "shown_text.hpp"
#include "stored_run.hpp"
#include "time_text.hpp"

#include <runbook/report.hpp>
#include <runbook/store.hpp>

#include <algorithm>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

std::shared_ptr<RunStore> open_existing(const std::string& path) {
  if (path.empty()) {
    complain("no store: name it with --store FILE or in the environment variable RUNBOOK_STORE");
    return nullptr;
  }
  auto store = open_sqlite(path, {.read_only = true});
  if (!store) {
    complain(to_string(store.error()));
    return nullptr;
  }
  return *store;
}

std::string as_json_line(const RunSummary& run) {
  const Value line{{"run", run.run},
                   {"title", run.title},
                   {"status", to_string(run.status)},
                   {"started", utc_time(run.started)},
                   {"actor", run.actor}};
  return boost::json::serialize(line) + "\n";
}

std::string as_table(const std::vector<RunSummary>& runs) {
  std::size_t id = 3;
  std::size_t actor = 5;
  for (const RunSummary& run : runs) {
    id = std::max(id, run.run.size());
    actor = std::max(actor, columns_of(run.actor));
  }
  std::string text =
      fmt::format("{:<{}}  {:<21}  {:<19}  {:<{}}  {}\n", "RUN", id, "STATUS", "STARTED", "ACTOR", actor, "TITLE");
  for (const RunSummary& run : runs) {
    const std::string who = shown_line(run.actor);
    const std::string blanks(actor - std::min(actor, columns_of(who)), ' ');
    text += fmt::format("{:<{}}  {:<21}  {:<19}  {}{}  {}\n", run.run, id, to_string(run.status),
                        local_time(run.started), who, blanks, shown_line(run.title));
  }
  return text;
}

std::string rendered(const Report& report, ReportFormat format) {
  switch (format) {
  case ReportFormat::json: return boost::json::serialize(to_json(report)) + "\n";
  case ReportFormat::text: return to_text(report);
  case ReportFormat::markdown: break;
  }
  return to_markdown(report);
}

} // namespace

ExitCode runs(const RunsOptions& options) {
  const auto store = open_existing(options.store);
  if (!store) return ExitCode::refused;
  const auto list = store->list();
  if (!list) {
    complain(to_string(list.error()));
    return ExitCode::refused;
  }
  std::string text;
  if (options.json) {
    for (const RunSummary& run : *list) text += as_json_line(run);
  } else {
    text = as_table(*list);
  }
  return print(text) ? ExitCode::succeeded : ExitCode::output_lost;
}

ExitCode report(const ReportOptions& options) {
  const auto store = open_existing(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  const std::string& run = std::get<RunCreated>(events->front().data).header->run;
  // Output that cannot be read is an error of the store, not an empty output.
  const auto read = [&](std::uint64_t seq) { return store->output(run, seq).value(); };
  return print(rendered(make_report(*events, read), options.format)) ? ExitCode::succeeded : ExitCode::output_lost;
}

} // namespace runbook::cli
