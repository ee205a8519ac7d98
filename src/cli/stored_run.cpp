#include "stored_run.hpp"

#include "open_store.hpp"
#include "output.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace runbook::cli {

namespace {

constexpr std::size_t most_candidates = 5;

// The id of the run that is meant, or nothing and a word about why.
std::string chosen_run(const std::vector<RunSummary>& runs, const std::string& wanted) {
  if (wanted == "latest") {
    if (!runs.empty()) return runs.front().run;
    complain("the store holds no run yet");
    return {};
  }
  std::vector<std::string> matches;
  for (const RunSummary& run : runs) {
    if (run.run == wanted) return run.run;
    if (run.run.starts_with(wanted)) matches.push_back(run.run);
  }
  if (matches.size() == 1) return matches.front();
  if (matches.empty()) {
    complain(fmt::format("the store holds no run '{}': 'runbook runs' lists them", wanted));
    return {};
  }
  const bool more = matches.size() > most_candidates;
  const std::size_t count = matches.size();
  if (more) matches.resize(most_candidates);
  complain(fmt::format("'{}' is the beginning of {} runs, give more of it: {}{}", wanted, count,
                       fmt::join(matches, ", "), more ? ", …" : ""));
  return {};
}

} // namespace

std::shared_ptr<RunStore> open_to_read(const std::string& path) {
  if (path.empty()) {
    complain("no store: name it with --store FILE or in the environment variable RUNBOOK_STORE");
    return nullptr;
  }
  auto store = open_store(path, StoreUse::read);
  if (!store) {
    complain(to_string(store.error()));
    return nullptr;
  }
  return *store;
}

std::optional<std::string> find_run(RunStore& store, const std::string& wanted) {
  const auto list = store.list();
  if (!list) {
    complain(to_string(list.error()));
    return std::nullopt;
  }
  std::string run = chosen_run(*list, wanted);
  if (run.empty()) return std::nullopt;
  return run;
}

std::optional<std::vector<Event>> load_run(RunStore& store, const std::string& wanted) {
  const auto run = find_run(store, wanted);
  if (!run) return std::nullopt;
  auto events = store.load(*run);
  if (!events) {
    complain(to_string(events.error()));
    return std::nullopt;
  }
  return std::move(*events);
}

} // namespace runbook::cli
