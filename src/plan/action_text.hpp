// What one action would do, in lines that a person reads.
#pragma once

#include <runbook/plan.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace runbook {

/// An action: what it is, and below that what it is given. All of it is fit to be shown.
struct ActionText {
  std::string head;               ///< `run bash`, `GET http://…`, `ask a person`, `drain_node`
  std::vector<std::string> lines; ///< the script, headers and body, the question, the parameters
};

/// Fills in the inputs where the handler would; other names stay as they stand.
[[nodiscard]] ActionText action_text(const PlannedAction& action, const std::string& handler, const Values& inputs);

/// The lines of a text, fit to be shown, tabs kept.
[[nodiscard]] std::vector<std::string> shown_lines(std::string_view text);

/// `1m30s`, `250ms`, `0s`.
[[nodiscard]] std::string duration_text(std::chrono::milliseconds duration);

} // namespace runbook
