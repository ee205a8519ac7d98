// `run`: puts the parts together.
#include "actor.hpp"
#include "commands.hpp"
#include "document.hpp"
#include "open_store.hpp"
#include "output.hpp"
#include "secret_prompt.hpp"
#include "stage.hpp"
#include "stored_run.hpp"

#include <runbook/decider.hpp>
#include <runbook/executor.hpp>
#include <runbook/handlers.hpp>

#include <cstring>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>

namespace runbook::cli {

namespace {

bool is_directory(const std::string& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0) {
    complain(fmt::format("--directory {}: {}", path, std::strerror(errno)));
    return false;
  }
  if (S_ISDIR(status.st_mode)) return true;
  complain(fmt::format("--directory {}: not a directory", path));
  return false;
}

// Without a name it is in memory.
Result<std::shared_ptr<RunStore>> store_for(const std::string& name) {
  if (name.empty()) return make_memory_store();
  return open_store(name, StoreUse::create);
}

// What the earlier run has left to do. With its inputs, unless others are given.
std::optional<Plan> plan_rest(const RunOptions& options, RunStore& store) {
  const auto journal = load_run(store, options.continued);
  if (!journal) return std::nullopt;
  const auto* created = std::get_if<RunCreated>(&journal->front().data);
  const Values& inputs = options.inputs.empty() && created != nullptr ? created->header->inputs : options.inputs;
  const auto plan = plan_document(options.file, builtin_handlers(), inputs, options.secrets, {});
  if (!plan) return std::nullopt;
  Result<Plan> rest = continue_from(*plan, *journal);
  if (rest) return std::move(*rest);
  complain(rest.error().message);
  return std::nullopt;
}

} // namespace

ExitCode run(const RunOptions& options) {
  if (!options.directory.empty() && !is_directory(options.directory)) return ExitCode::refused;
  if (!options.continued.empty() && options.store.empty()) {
    complain("--continue needs the store in which the run is: --store FILE or RUNBOOK_STORE");
    return ExitCode::refused;
  }
  std::optional<Plan> plan;
  if (options.continued.empty()) {
    plan = plan_document(options.file, builtin_handlers(), options.inputs, options.secrets, options.selection);
    if (!plan) return ExitCode::refused;
  }
  auto store = store_for(options.store);
  if (!store) {
    complain(to_string(store.error()));
    return ExitCode::refused;
  }
  if (!plan) plan = plan_rest(options, **store);
  if (!plan) return ExitCode::refused;
  std::optional<Secrets> secrets = ask_for_secrets(*plan);
  if (!secrets) return ExitCode::refused;
  const std::string actor = options.actor.empty() ? default_actor() : options.actor;
  StartOptions start;
  start.actor = actor;
  start.parallel = options.parallel;
  start.timeout = options.timeout;
  start.rollback = options.rollback;
  start.on_rollback_failure = options.on_rollback_failure;
  start.directory = options.directory;
  start.secrets = std::exchange(*secrets, {});
  return put_on_stage(*plan, {actor, options.store, options.yes, options.json, options.no_color}, std::move(*store),
                      [&](Executor& executor, std::shared_ptr<Observer> observer) {
                        start.observer = std::move(observer);
                        return executor.start(*plan, std::exchange(start, {}));
                      });
}

} // namespace runbook::cli
