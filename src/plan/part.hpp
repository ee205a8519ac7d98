// Planning one runbook by itself, whether it is the whole plan or a part of another.
#pragma once

#include "plan/findings.hpp"
#include "plan/inputs.hpp"

#include <runbook/handler.hpp>
#include <runbook/plan.hpp>

#include <cstddef>
#include <map>
#include <string>

namespace runbook {

/// How much has been planned of a plan: runbooks that run others several times, which do the same, soon are very many.
struct PlannedSoFar {
  std::size_t steps = 0;
  std::size_t text = 0;     ///< of the runbooks that steps run
  bool is_too_much = false; ///< nothing more is planned, and whoever plans the whole says so
};

/// What a runbook is given.
struct Given {
  GivenInputs inputs{};
  std::map<std::string, std::string, std::less<>> secrets{}; ///< by the names of inputs, the plan's names
  std::string prefix{};                                      ///< of its steps in the whole plan
  std::size_t depth = 0;                                     ///< how many runbooks run it
};

/// The runbook with everything that its steps run: all of a plan but the runbook itself, warnings, outline and digests.
/// Whatever is wrong goes to `findings`; then the content is not to be used. `origins`: of the whole plan's secrets.
[[nodiscard]] Plan::Content plan_part(const Runbook& runbook, const Given& given, const SecretOrigins& origins,
                                      const HandlerRegistry& handlers, PlannedSoFar& so_far, Findings& findings);

} // namespace runbook
