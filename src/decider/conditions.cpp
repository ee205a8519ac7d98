// What conditions see of a run, and what `until` makes of an attempt.
#include <runbook/decider.hpp>

#include "names.hpp"

#include <boost/json/parse.hpp>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::string_view status_member = "status";

/// Null for text that is no JSON.
Value json_in(const Value& printed) {
  const auto* text = printed.if_string();
  if (text == nullptr) return nullptr;
  boost::system::error_code error;
  Value value = boost::json::parse(*text, error);
  return error ? Value() : value;
}

Values result_of(const StepOutcome& event) {
  const Value& value = event.outcome.value;
  Values result{
      {status_member, name_of(event.outcome.status)}, {"stdout", event.printed}, {"json", json_in(event.printed)}};
  const Value* code = value.is_object() ? value.get_object().if_contains("exit_code") : nullptr;
  if (code != nullptr) result["exit_code"] = *code;
  result["output"] = code != nullptr || value.is_null() ? event.printed : value;
  return result;
}

/// The member that the reference names, or all where it names none.
void add_members(const Values& from, const Expression::Reference& reference, Values& to) {
  if (reference.path.size() < 2) {
    for (const auto& [name, value] : from) to[name] = value;
  } else if (const Value* member = from.if_contains(reference.path[1])) {
    to[reference.path[1]] = *member;
  }
}

/// Of an attempt that has ended by itself: what the condition says counts, whatever the handler said.
Outcome judge(Outcome outcome, const Result<bool>& is_true, const Expression& until) {
  if (!is_true) {
    return {OutcomeStatus::failed, std::move(outcome.value),
            fmt::format("'until' ({}) has no value: {}", until.text(), is_true.error().message)};
  }
  if (*is_true) return {OutcomeStatus::ok, std::move(outcome.value), {}};
  const std::string why = outcome.message.empty() ? std::string() : fmt::format(" ({})", outcome.message);
  return {OutcomeStatus::failed, std::move(outcome.value), fmt::format("not yet: {}{}", until.text(), why)};
}

} // namespace

// A check says only whether its step has failed after all.
void RunState::note_result(Strand& strand, const StepOutcome& event) {
  const PlannedStep& step = plan_.steps()[event.at.step];
  const bool is_known = !step.chosen && plan_.continued() != nullptr; // from the earlier run
  if (!step.observed || is_known) return;
  const bool of_element = event.at.iteration > 0 && !in_scope_of_element(event.at);
  Values& results = of_element ? strand.results : scope_of(event.at).results;
  const std::string_view id = plan_.scopes()[step.scope].local(step.id);
  if (event.at.kind != ActionKind::check) {
    results[id] = result_of(event);
  } else if (!event.outcome.ok() && results.contains(id)) {
    results[id].as_object()[status_member] = name_of(event.outcome.status);
  }
}

Values RunState::variables(const Expression& condition, const Strand& strand) const {
  Values variables{{"inputs", Values()}, {"steps", Values()}, {"targets", boost::json::array()}};
  variables["run"] = {{"id", header_->run}, {"actor", header_->actor}, {"rolls_back", phase_ != Phase::forward}};
  Values& inputs = variables["inputs"].as_object();
  Values& steps = variables["steps"].as_object();
  const ScopeRun& scope = scope_of(strand.cursor);
  const bool apart = in_scope_of_element(strand.cursor); // the element is the outer runbook's
  for (const Expression::Reference& reference : condition.references()) {
    const std::string& root = reference.path.front();
    if (root == "inputs") {
      add_members(scope.inputs, reference, inputs);
    } else if (root == "steps") {
      add_members(scope.results, reference, steps);
      if (!apart) add_members(strand.results, reference, steps);
    } else if (const Value* element = strand.values && !apart ? strand.values->if_contains(root) : nullptr) {
      variables[root] = *element;
    }
  }
  return variables;
}

StepOutcome RunState::judged(StepOutcome event) const {
  const Strand* strand = find_strand(event.at.step, event.at.iteration);
  const auto& until = plan_.action(event.at).until;
  if (strand == nullptr || !until) return event;
  Outcome& outcome = event.outcome;
  if (outcome.ok() || outcome.status == OutcomeStatus::failed) {
    Values after = variables(*until, *strand);
    const PlannedStep& step = plan_.steps()[event.at.step];
    after["steps"].as_object()[plan_.scopes()[step.scope].local(step.id)] = result_of(event);
    outcome = judge(std::move(outcome), until->test(after), *until);
  }
  if (!outcome.ok() && strand->deadline == Deadline::passed && !is_ending()) {
    outcome.status = OutcomeStatus::timed_out;
    outcome.message =
        fmt::format("not true after {} ms: {}", plan_.action(event.at).action.timeout->count(), until->text());
  }
  return event;
}

} // namespace runbook
