#include "http/request_list.hpp"
#include "lint/destructive_calls.hpp"
#include "lint/rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::linting {

namespace {

constexpr std::string_view hint = "write Rollback: below it with what brings it back, or {irreversible} if nothing can";

void report(Findings& findings, const SourceSpan& place, const Step& step, std::string_view what) {
  warn(findings, "destructive-without-undo", place, step.id,
       fmt::format("'{}' destroys something, and the step has no undo", what), hint);
}

void check_script(const Script& script, Findings& findings) {
  for (const Call& call : calls_of(script.text, script.shell)) {
    const std::string what = destruction_by(call);
    if (!what.empty()) report(findings, script.span(call.begin, call.end), *script.place.step, what);
  }
}

/// What other handlers do: a request that deletes, statements of a handler for SQL.
void check_action(const Step& step, const Action& action, Findings& findings) {
  const SourceSpan place = action.span.known() ? action.span : step.span;
  if (action.handler == "http") {
    const auto deletes = [](const Values* request) { return http::method_of(*request) == "DELETE"; };
    if (std::ranges::any_of(http::requests_in(action.params), deletes)) report(findings, place, step, "DELETE");
  } else if (action.handler.find("sql") != std::string::npos) {
    const Value* text = action.params.if_contains("text");
    if (text == nullptr || !text->is_string()) return;
    const std::string what = destruction_by_sql(std::string_view(text->get_string()));
    if (!what.empty()) report(findings, place, step, what);
  }
}

} // namespace

void check_destructive_commands(const Subject& subject, Findings& findings) {
  for (const Script& script : subject.scripts) {
    const bool forward = script.place.section == Section::steps && script.kind == ActionKind::forward;
    if (forward && !script.place.has_way_back) check_script(script, findings);
  }
  for (const PlacedStep& place : subject.steps) {
    if (place.has_way_back || place.section != Section::steps) continue;
    for (const Action& action : place.step->actions) check_action(*place.step, action, findings);
  }
}

} // namespace runbook::linting
