// One life of a run's owner, in the process that is forked off for it.
#pragma once

#include "crash_matrix/points.hpp"

#include <runbook/crash_matrix.hpp>

#include <memory>
#include <string>

namespace runbook::testing {

struct CrashLife::State {
  State(std::string its_folder, std::string its_run, const std::string& kill_at, const std::string& passed)
      : folder(std::move(its_folder)), run(std::move(its_run)), points(kill_at, passed, folder + "/killed") {}

  std::string folder;
  std::string run;
  crash::Points points;
  std::shared_ptr<const Outline> outline{}; // set before anything is written

  [[nodiscard]] std::string effects_file() const { return folder + "/effects"; }
};

} // namespace runbook::testing

namespace runbook::testing::crash {

/// How a life goes.
struct Order {
  std::string folder{};
  std::string run{};
  std::string kill_at{}; ///< empty: this is the last life, which goes on to the end and judges
  std::string passed{};  ///< the file that its points are noted in; empty: none
};

/// Takes the run to its end, or to where it waits. What is wrong is written into the files "problems" and "story" of
/// the folder. Returns the exit code of the process.
[[nodiscard]] int live(const CrashScenario& scenario, const CrashMatrix& matrix, const Order& order);

/// What a handler is registered under, but each of its effects passes points and is noted.
[[nodiscard]] HandlerRegistry with_points(const HandlerRegistry& handlers,
                                          const std::shared_ptr<CrashLife::State>& life);

/// The store, but each of its writes passes points.
[[nodiscard]] std::shared_ptr<RunStore> with_points(std::shared_ptr<RunStore> store,
                                                    const std::shared_ptr<CrashLife::State>& life);

/// The action's name in the log of effects: its idempotency key without the run's id.
[[nodiscard]] std::string effect_name(const Plan& plan, const ActionRef& at);

} // namespace runbook::testing::crash
