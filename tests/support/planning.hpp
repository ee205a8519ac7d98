// Handlers that are planned with and never run, and plans that must come about.
#pragma once

#include <runbook/plan.hpp>

#include "handlers/builtin.hpp"

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <utility>

namespace runbook_test {

/// `shell`, `http` and `confirm` as they describe themselves, `drain` that expands its parameters, `db` that claims the
/// fence language sql.
inline runbook::HandlerRegistry planning_handlers() {
  using runbook::Effect;
  const auto never = [](runbook::StepContext&) -> runbook::Result<runbook::Value> { return nullptr; };
  runbook::HandlerRegistry handlers;
  handlers.add({.name = "shell",
                .effect = Effect::mutating,
                .params = {{.name = "script", .required = true}, {.name = "shell"}},
                .expand = false},
               never);
  handlers.add({.name = "http", .effect = Effect::idempotent, .expand = false}, never);
  handlers.add(runbook::make_confirm_handler());
  handlers.add({.name = "drain", .effect = Effect::idempotent}, never);
  handlers.add({.name = "db", .effect = Effect::mutating, .languages = {"sql"}, .expand = false}, never);
  return handlers;
}

inline runbook::Plan planned(const runbook::Runbook& runbook, const runbook::Values& inputs = {}) {
  auto plan = runbook::make_plan(runbook, planning_handlers(), inputs);
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return std::move(*plan);
}

inline runbook::Error refused(const runbook::Runbook& runbook, const runbook::Values& inputs = {}) {
  const auto plan = runbook::make_plan(runbook, planning_handlers(), inputs);
  REQUIRE_FALSE(plan.has_value());
  return plan.error();
}

inline bool has_code(const runbook::Error& error, std::string_view code) {
  for (const runbook::Diagnostic& diagnostic : error.diagnostics) {
    if (diagnostic.code == code) return true;
  }
  return false;
}

/// The diagnostic that there is; it must be the only one.
inline runbook::Diagnostic only(const runbook::Error& error) {
  REQUIRE_MESSAGE(error.diagnostics.size() == 1, to_string(error));
  return error.diagnostics.front();
}

inline runbook::Action action(std::string handler, runbook::Values params = {}) {
  runbook::Action out;
  out.handler = std::move(handler);
  out.params = std::move(params);
  return out;
}

inline runbook::Action script(std::string_view text) {
  return action("shell", {{"script", text}, {"shell", "bash"}});
}

inline runbook::Action question(std::string_view text) {
  return action("confirm", {{"prompt", text}});
}

/// An item with one action.
inline runbook::Step item(std::string id, runbook::Action first) {
  runbook::Step out;
  out.title = id;
  out.id = std::move(id);
  out.actions.push_back(std::move(first));
  return out;
}

inline runbook::Input text_input(std::string name) {
  runbook::Input out;
  out.name = std::move(name);
  return out;
}

} // namespace runbook_test
