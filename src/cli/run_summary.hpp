// What is said at the end of a run.
#pragma once

#include "palette.hpp"

#include <runbook/executor.hpp>

#include <string>

namespace runbook::cli {

/// The status, why, what was not undone, and how a parked run goes on. `store`: empty if the run was in memory; else
/// the commands that lead further are named with it.
[[nodiscard]] std::string run_summary(const RunResult& result, const Outline& outline, const Palette& palette,
                                      const std::string& store);

} // namespace runbook::cli
