// `runs` and `report`: what a store holds.
#include "commands.hpp"
#include "open_store.hpp"
#include "output.hpp"
#include "shown_text.hpp"
#include "stored_run.hpp"
#include "time_text.hpp"

#include <runbook/report.hpp>
#include <runbook/standing.hpp>
#include <runbook/store.hpp>

#include <algorithm>
#include <utility>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

/// A run with what is told of how it stands.
struct Listed {
  RunSummary run;
  std::string status;
  std::vector<std::string> in_doubt; ///< or under way while nobody owns it: paths of actions
};

/// Of a run that has ended, its status says it all.
Result<Listed> look_at(RunStore& store, RunSummary run) {
  Listed listed{std::move(run), {}, {}};
  listed.status = to_string(listed.run.status);
  if (listed.run.status != RunStatus::running && listed.run.status != RunStatus::parked) return listed;
  const auto events = store.load(listed.run.run);
  if (!events) return events.error();
  const auto standing = standing_of(store, listed.run.run);
  if (!standing) return standing.error();
  listed.status = to_string(standing->kind);
  if (standing->kind == StandingKind::ended) listed.status = to_string(standing->status); // meanwhile
  const auto& outline = *std::get<RunCreated>(events->front().data).header->outline;
  for (const StepDoubt& doubt : standing->doubts) listed.in_doubt.push_back(action_path(outline, doubt.at));
  if (standing->kind != StandingKind::abandoned) return listed;
  for (const StepIntent& intent : standing->under_way) listed.in_doubt.push_back(action_path(outline, intent.at));
  return listed;
}

std::string as_json_line(const Listed& listed) {
  boost::json::array in_doubt;
  for (const std::string& path : listed.in_doubt) in_doubt.emplace_back(path);
  const Value line{
      {"run", listed.run.run},     {"title", listed.run.title},       {"status", to_string(listed.run.status)},
      {"standing", listed.status}, {"in_doubt", std::move(in_doubt)}, {"started", utc_time(listed.run.started)},
      {"actor", listed.run.actor}};
  return boost::json::serialize(line) + "\n";
}

std::string as_table(const std::vector<Listed>& runs) {
  std::size_t id = 3;
  std::size_t actor = 5;
  for (const Listed& listed : runs) {
    id = std::max(id, listed.run.run.size());
    actor = std::max(actor, columns_of(listed.run.actor));
  }
  std::string text =
      fmt::format("{:<{}}  {:<21}  {:<19}  {:<{}}  {}\n", "RUN", id, "STATUS", "STARTED", "ACTOR", actor, "TITLE");
  for (const Listed& listed : runs) {
    const std::string who = shown_line(listed.run.actor);
    const std::string blanks(actor - std::min(actor, columns_of(who)), ' ');
    text += fmt::format("{:<{}}  {:<21}  {:<19}  {}{}  {}\n", listed.run.run, id, listed.status,
                        local_time(listed.run.started), who, blanks, shown_line(listed.run.title));
    const bool abandoned = listed.status == to_string(StandingKind::abandoned);
    for (const std::string& path : listed.in_doubt) {
      text += fmt::format("{:<{}}  {}: {}\n", "", id, abandoned ? "was under way" : "in doubt", path);
    }
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
  const auto store = open_to_read(options.store);
  if (!store) return ExitCode::refused;
  const auto list = store->list();
  if (!list) {
    complain(to_string(list.error()));
    return ExitCode::refused;
  }
  std::vector<Listed> runs;
  bool all_read = true;
  for (const RunSummary& run : *list) {
    auto listed = look_at(*store, run);
    if (!listed) complain(to_string(listed.error()));
    all_read = all_read && listed.has_value();
    runs.push_back(listed ? std::move(*listed) : Listed{run, "unreadable", {}});
  }
  std::string text;
  for (const Listed& run : runs) text += options.json ? as_json_line(run) : std::string();
  if (!options.json) text = as_table(runs);
  if (!print(text)) return ExitCode::output_lost;
  return all_read ? ExitCode::succeeded : ExitCode::refused;
}

ExitCode report(const ReportOptions& options) {
  const auto store = open_to_read(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  const std::string& run = std::get<RunCreated>(events->front().data).header->run;
  // Output that cannot be read is an error of the store, not an empty output.
  const auto read = [&](std::uint64_t seq) { return store->output(run, seq).value(); };
  return print(rendered(make_report(*events, read), options.format)) ? ExitCode::succeeded : ExitCode::output_lost;
}

} // namespace runbook::cli
