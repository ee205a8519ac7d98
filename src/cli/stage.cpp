#include "stage.hpp"

#include "approvers.hpp"
#include "open_store.hpp"
#include "output.hpp"
#include "run_summary.hpp"
#include "stop_signals.hpp"
#include "views.hpp"

#include <runbook/handlers.hpp>

#include <cstdlib>
#include <future>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>
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
std::shared_ptr<Approver> make_approver(const StageOptions& options, const Stage& stage) {
  std::shared_ptr<Approver> person = make_absent_approver();
  if (::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0) {
    person = make_terminal_approver(stage.terminal, stage.palette, stage.display, options.actor);
  }
  if (!options.yes) return person;
  return make_yes_approver(fmt::format("--yes ({})", options.actor), std::move(person));
}

Stage make_stage(const Plan& plan, const StageOptions& options) {
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
  stage.approver = make_approver(options, stage);
  return stage;
}

std::string_view name_of_signal(int signal) {
  if (signal == SIGINT) return "Ctrl-C";
  return signal == SIGTERM ? "SIGTERM" : "SIGHUP";
}

// Returns whether it could be said.
bool say_how_it_ended(const StageOptions& options, const Plan& plan, const RunResult& result, const Stage& stage) {
  bool said = true;
  if (!options.json) {
    Palette palette = stage.palette;
    palette.colours = palette.colours && stage.live;
    said = write_all(STDOUT_FILENO, run_summary(result, *plan.outline(), palette, shown_store(options.store)));
  }
  if (result.error) complain(fmt::format("the run stands where its journal ends: {}", to_string(*result.error)));
  if (options.store.empty()) {
    complain("the journal was kept in memory and is gone; --store FILE or RUNBOOK_STORE keeps it");
  }
  return said;
}

using Start = std::function<RunHandle(Executor& executor, std::shared_ptr<Observer> observer)>;

// Whoever wants programs to end with the command says so.
bool supervisor_is_unwanted() {
  const char* named = std::getenv("RUNBOOK_SUPERVISOR");
  return named != nullptr && std::string_view(named) == "none";
}

// Carries the run out, from its start to its end.
RunResult carry_out(const StageOptions& options, const Stage& stage, std::shared_ptr<RunStore> store,
                    StopSignals& signals, const Start& start) {
  ExecutorOptions how;
  how.store = std::move(store);
  how.approver = stage.approver;
  if (supervisor_is_unwanted()) how.supervision = Supervision::none;
  Executor executor(builtin_handlers(), std::move(how));
  std::promise<RunHandle> started;
  signals.watch([run = started.get_future().share(), &options](int signal) {
    try {
      run.get().cancel(fmt::format("{} ({})", options.actor, name_of_signal(signal)));
    } catch (const std::future_error&) { // the run could not be started
    }
  });
  const RunHandle run = start(executor, stage.display);
  started.set_value(run);
  return run.wait();
}

} // namespace

ExitCode put_on_stage(const Plan& plan, const StageOptions& options, std::shared_ptr<RunStore> store,
                      const Start& start) {
  survive_failing_writes();
  std::optional<StopSignals> signals(std::in_place); // before any thread is started
  const Stage stage = make_stage(plan, options);
  const RunResult result = carry_out(options, stage, std::move(store), *signals, start);
  signals.reset(); // what is left to be shown may be cut off
  stage.display->close();
  const bool told = say_how_it_ended(options, plan, result, stage) && !stage.display->lost();
  const ExitCode code = exit_code(result.status);
  return code == ExitCode::succeeded && !told ? ExitCode::output_lost : code;
}

} // namespace runbook::cli
