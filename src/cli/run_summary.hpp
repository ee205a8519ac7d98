// What is said at the end of a run.
#pragma once

#include "palette.hpp"

#include <runbook/executor.hpp>

#include <string>

namespace runbook::cli {

/// The status, why, what was not undone and how to get the report. `report_command` is empty when there is none.
[[nodiscard]] std::string run_summary(const RunResult& result, const Outline& outline, const Palette& palette,
                                      const std::string& report_command);

} // namespace runbook::cli
