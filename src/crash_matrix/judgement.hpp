// What must be true of a run, however often its owner ended.
#pragma once

#include <runbook/crash_matrix.hpp>

#include <string>
#include <vector>

namespace runbook::testing::crash {

/// What a history left.
struct Evidence {
  const CrashScenario& scenario;
  const CrashLife& life;
  const Plan& plan;
  const std::vector<Event>& events;
  RunStore& store;
  std::string effects{}; ///< the log
};

/// What is not as it must be, in words.
[[nodiscard]] std::vector<std::string> judge(const Evidence& evidence);

/// The journal and the log for a person.
[[nodiscard]] std::string story(const std::vector<Event>& events, const std::string& effects);

} // namespace runbook::testing::crash
