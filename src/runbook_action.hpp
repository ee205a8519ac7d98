// The action that runs another runbook, as documents have it.
#pragma once

#include <runbook/model.hpp>
#include <runbook/parse.hpp>

#include <boost/json/string.hpp>

#include <string_view>

namespace runbook {

inline constexpr std::string_view runbook_handler = "runbook";

/// How deep runbooks may run others.
inline constexpr std::size_t max_runbooks_deep = 16;

/// How much text those have together that run in one: that are read, and that are planned, each as often as it runs.
inline constexpr std::size_t max_runbooks_text = 4 * max_document_bytes;

[[nodiscard]] inline bool runs_runbook(const Action& action) noexcept {
  return action.handler == runbook_handler;
}

/// The file that the action names; empty if it names none.
[[nodiscard]] inline std::string_view runbook_file(const Action& action) noexcept {
  const Value* file = action.params.if_contains("file");
  return file != nullptr && file->is_string() ? std::string_view(file->get_string()) : std::string_view();
}

/// Calls `visit(step, action)` for each action of the steps, and of those inside of them, that runs another runbook.
template <class Visit>
void for_each_runbook_action(const std::vector<Step>& steps, const Visit& visit) {
  for (const Step& step : steps) {
    for (const auto* actions : {&step.actions, &step.checks, &step.undo, &step.probe}) {
      for (const Action& action : *actions) {
        if (runs_runbook(action)) visit(step, action);
      }
    }
    for_each_runbook_action(step.steps, visit);
  }
}

} // namespace runbook
