// Where a run is shown, people are asked, and signals stop it.
#pragma once

#include "display.hpp"
#include "exit_code.hpp"
#include "palette.hpp"
#include "terminal.hpp"

#include <runbook/executor.hpp>

#include <functional>
#include <memory>
#include <string>

namespace runbook::cli {

/// What the words of `run` and `resume` say about it.
struct StageOptions {
  std::string actor;
  std::string store; ///< empty: memory
  bool yes = false;
  bool json = false;
  bool no_color = false;
};

/// Shows the run, asks, stops it on a signal, waits for it and says how it ended. `start` starts it.
[[nodiscard]] ExitCode
put_on_stage(const Plan& plan, const StageOptions& options, std::shared_ptr<RunStore> store,
             const std::function<RunHandle(Executor& executor, std::shared_ptr<Observer> observer)>& start);

} // namespace runbook::cli
