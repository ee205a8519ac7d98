// `run`: puts the parts together, waits, and says how it ended.
#include "actor.hpp"
#include "approvers.hpp"
#include "commands.hpp"
#include "document.hpp"
#include "output.hpp"
#include "run_summary.hpp"
#include "secret_prompt.hpp"
#include "stop_signals.hpp"
#include "stored_run.hpp"
#include "views.hpp"

#include <runbook/decider.hpp>
#include <runbook/executor.hpp>
#include <runbook/handlers.hpp>

#include <cstdlib>
#include <cstring>
#include <future>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

// Where the run is shown and people are asked.
struct Stage {
  bool live = false;
  Palette palette;
  std::shared_ptr<Terminal> terminal;
  std::shared_ptr<Approver> approver;
  std::shared_ptr<Display> display;
};

// People are asked on the terminal that is standard input and standard error; where standard output is a terminal too,
// the questions appear among the steps.
std::shared_ptr<Approver> make_approver(const RunOptions& options, const Stage& stage, const std::string& actor) {
  std::shared_ptr<Approver> person = make_absent_approver();
  if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0) {
    person = make_terminal_approver(stage.terminal, stage.palette, stage.display, actor);
  }
  if (!options.yes) return person;
  return make_yes_approver(fmt::format("--yes ({})", actor), std::move(person));
}

Stage make_stage(const Plan& plan, const RunOptions& options, const std::string& actor) {
  Stage stage;
  stage.live = !options.json && is_live_terminal(STDOUT_FILENO);
  const int descriptor = stage.live ? STDOUT_FILENO : STDERR_FILENO;
  stage.palette = make_palette(descriptor, options.no_color);
  stage.terminal = std::make_shared<Terminal>(descriptor, stage.live);
  std::unique_ptr<View> view;
  if (stage.live) {
    view = make_terminal_view(plan, stage.terminal, stage.palette);
  } else {
    view = options.json ? make_json_view() : make_plain_view(plan);
  }
  stage.display = std::make_shared<Display>(std::move(view));
  stage.approver = make_approver(options, stage, actor);
  return stage;
}

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

std::string_view name_of_signal(int signal) {
  if (signal == SIGINT) return "Ctrl-C";
  return signal == SIGTERM ? "SIGTERM" : "SIGHUP";
}

// Carries the run out, from its start to its end.
RunResult carry_out(const Plan& plan, const RunOptions& options, Secrets secrets, std::shared_ptr<RunStore> store,
                    const Stage& stage, const std::string& actor, StopSignals& signals) {
  ExecutorOptions how;
  how.store = std::move(store);
  how.approver = stage.approver;
  Executor executor(builtin_handlers(), std::move(how));
  std::promise<RunHandle> started;
  signals.watch([run = started.get_future().share(), &actor](int signal) {
    try {
      run.get().cancel(fmt::format("{} ({})", actor, name_of_signal(signal)));
    } catch (const std::future_error&) { // the run could not be started
    }
  });
  StartOptions start;
  start.actor = actor;
  start.parallel = options.parallel;
  start.timeout = options.timeout;
  start.rollback = options.rollback;
  start.on_rollback_failure = options.on_rollback_failure;
  start.directory = options.directory;
  start.observer = stage.display;
  start.secrets = std::move(secrets);
  const RunHandle run = executor.start(plan, std::move(start));
  started.set_value(run);
  return run.wait();
}

std::string report_command(const RunOptions& options, const RunResult& result) {
  if (options.store.empty()) return {};
  return fmt::format("runbook report {} --store {}", result.run, shell_word(options.store));
}

// Returns whether it could be said.
bool say_how_it_ended(const RunOptions& options, const Plan& plan, const RunResult& result, const Stage& stage) {
  bool said = true;
  if (!options.json) {
    Palette palette = stage.palette;
    palette.colours = palette.colours && stage.live;
    said = write_all(STDOUT_FILENO, run_summary(result, *plan.outline(), palette, report_command(options, result)));
  }
  if (result.error) complain(fmt::format("the run stands where its journal ends: {}", to_string(*result.error)));
  if (options.store.empty()) {
    complain("the journal was kept in memory and is gone; --store FILE or RUNBOOK_STORE keeps it");
  }
  return said;
}

// Null with a word about why if it cannot be opened; without a name it is in memory.
Result<std::shared_ptr<RunStore>> open_store(const std::string& name) {
  if (name.empty()) return make_memory_store();
  return open_sqlite(name);
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
  auto store = open_store(options.store);
  if (!store) {
    complain(to_string(store.error()));
    return ExitCode::refused;
  }
  if (!plan) plan = plan_rest(options, **store);
  if (!plan) return ExitCode::refused;
  std::optional<Secrets> secrets = ask_for_secrets(*plan);
  if (!secrets) return ExitCode::refused;
  const std::string actor = options.actor.empty() ? default_actor() : options.actor;
  survive_failing_writes();
  std::optional<StopSignals> signals(std::in_place); // before any thread is started
  const Stage stage = make_stage(*plan, options, actor);
  const RunResult result =
      carry_out(*plan, options, std::exchange(*secrets, {}), std::move(*store), stage, actor, *signals);
  signals.reset(); // what is left to be shown may be cut off
  stage.display->close();
  const bool told = say_how_it_ended(options, *plan, result, stage) && !stage.display->lost();
  const ExitCode code = exit_code(result.status);
  return code == ExitCode::succeeded && !told ? ExitCode::output_lost : code;
}

} // namespace runbook::cli
