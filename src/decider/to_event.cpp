// The events that record commands, and the words of questions.
#include "answer_form.hpp"
#include "decider/doubt.hpp"
#include "template.hpp"

#include <runbook/decider.hpp>

#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace runbook {

std::string question_token(const Plan& plan, QuestionKind kind, const ActionRef& at) {
  switch (kind) {
  case QuestionKind::rollback: return "run:rollback";
  case QuestionKind::stop_rollback: return "run:stop-rollback";
  case QuestionKind::continue_rollback: return "run:continue-rollback/" + plan.steps()[at.step].id;
  case QuestionKind::doubt: return "doubt/" + action_path(*plan.outline(), at);
  case QuestionKind::step: break;
  }
  return action_path(*plan.outline(), at);
}

namespace {

// The words of a question. A prompt whose names are not all known is shown as it stands.
std::string question_text(const RunState& state, const Ask& ask) {
  switch (ask.kind) {
  case QuestionKind::rollback: return fmt::format("The run failed ({}). Roll back?", state.reason());
  case QuestionKind::stop_rollback: return "The rollback is under way. Give it up and leave things as they are?";
  case QuestionKind::continue_rollback: return "An undo failed. Go on with the others?";
  case QuestionKind::doubt:
    return fmt::format(
        "How '{}' has ended is not known; what it started may still run. Was it done? If not, it is done "
        "again.",
        action_path(*state.plan().outline(), ask.at));
  case QuestionKind::step: break;
  }
  const Values& params = state.plan().action(ask.at).action.params;
  const Value* prompt = params.if_contains("prompt");
  return prompt == nullptr ? std::string() : expand_known(to_text(*prompt), state.values_of(ask.at));
}

// What is asked about the run is answered with yes or no. The choices may depend on what earlier steps have brought.
AnswerForm wanted_answer(const RunState& state, const Ask& ask) {
  if (ask.kind == QuestionKind::doubt) {
    return {.kind = AnswerKind::choice,
            .choices = {std::string(doubt_done), std::string(doubt_not_done), std::string(doubt_failed)}};
  }
  if (ask.kind != QuestionKind::step) return {};
  AnswerForm form = answer_form(state.plan().action(ask.at).action.params);
  for (std::string& choice : form.choices) choice = expand_known(choice, state.values_of(ask.at));
  return form;
}

struct ToEvent {
  const RunState& state;

  std::optional<EventData> operator()(const StartAction& c) const {
    const PlannedAction& planned = state.plan().action(c.at);
    const auto timeout = planned.until || planned.asks ? std::nullopt : planned.action.timeout;
    return StepIntent{c.at, c.attempt, timeout.value_or(std::chrono::milliseconds{0})};
  }
  std::optional<EventData> operator()(const TakeUpAction&) const { return std::nullopt; }
  std::optional<EventData> operator()(const ResolveDoubt& c) const {
    return DoubtResolved{c.at, c.attempt, c.decision, c.who, c.evidence};
  }
  std::optional<EventData> operator()(const Ask& c) const {
    return WaitOpened{question_token(state.plan(), c.kind, c.at), c.kind, c.at, question_text(state, c),
                      wanted_answer(state, c)};
  }
  std::optional<EventData> operator()(const SettleAction& c) const {
    return StepOutcome{c.at, c.attempt, c.outcome, c.outcome.value}; // of a question: what was answered
  }
  std::optional<EventData> operator()(const SettleStep& c) const {
    return StepSettled{c.at.step, c.at.iteration, c.outcome};
  }
  std::optional<EventData> operator()(const BeginLoop& c) const {
    return LoopBegun{c.step, c.end, state.plan().units()[state.plan().steps()[c.step].unit].loop->as, c.items};
  }
  std::optional<EventData> operator()(const SetTimer& c) const { return TimerSet{c.at, c.attempt, c.delay, c.kind}; }
  std::optional<EventData> operator()(const BeginRollback& c) const { return RollbackBegun{c.reason}; }
  std::optional<EventData> operator()(const Park& c) const { return RunParked{c.reason}; }
  std::optional<EventData> operator()(const Close& c) const { return c.closed; }
  std::optional<EventData> operator()(const Withdraw&) const { return std::nullopt; }
  std::optional<EventData> operator()(const StopAction&) const { return std::nullopt; }
};

} // namespace

std::optional<EventData> to_event(const RunState& state, const Command& command) {
  return std::visit(ToEvent{state}, command);
}

} // namespace runbook
