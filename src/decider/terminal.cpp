// Who finds what in the run's terminal.
#include <runbook/decider.hpp>

namespace runbook {

namespace {

/// The version of the rules that brought the terminal.
constexpr std::uint32_t first_with_a_terminal = 2;

} // namespace

const Terminal& RunState::terminal_of(const ActionRef& at) const {
  if (plan_.steps()[at.step].isolated) return first_terminal_;
  if (at.kind == ActionKind::undo && !stack_.empty()) return stack_.newest().terminal;
  const Strand* strand = in_scope_of_element(at) ? nullptr : find_strand(at.step, at.iteration);
  return strand != nullptr && strand->terminal ? *strand->terminal : scope_of(at).terminal;
}

bool RunState::hands_on(const ActionRef& at) const {
  if (!header_ || header_->rules < first_with_a_terminal) return false;
  const PlannedStep& step = plan_.steps()[at.step];
  if (step.isolated || at.kind == ActionKind::probe) return false;
  return at.kind != ActionKind::undo || at.part + std::size_t{1} < step.undo.size();
}

// What an attempt has left that is tried again is there for the undo alone, which comes next if the run is cancelled
// before that.
void RunState::take_over(Strand& strand, const StepOutcome& event) {
  if (!event.terminal || !hands_on(event.at)) return;
  const Terminal left = terminal_of(event.at).after(*event.terminal);
  const bool counts = !is_tried_again(strand, event);
  if (event.at.kind == ActionKind::undo) {
    if (counts) stack_.at(stack_.size() - 1).terminal = left;
    return;
  }
  undo_finds(strand, left);
  if (!counts) return;
  if (strand.terminal && !in_scope_of_element(event.at)) {
    strand.terminal = left;
  } else {
    scope_of(event.at).terminal = left;
  }
}

// For the step at the strand's cursor, if its undo is armed.
void RunState::undo_finds(const Strand& strand, const Terminal& terminal) {
  if (strand.armed) stack_.at(*strand.armed).terminal = terminal;
}

} // namespace runbook
