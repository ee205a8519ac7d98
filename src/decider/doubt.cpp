// What becomes of an action that was under way when the run's owner ended, or of which nobody can tell how it went.
#include <runbook/decider.hpp>

namespace runbook {

void RunState::begin_times_anew(Strand& strand) {
  if (strand.progress == Progress::pausing) strand.progress = Progress::retrying;
  if (strand.deadline == Deadline::set) strand.deadline = Deadline::none;
  if (strand.progress != Progress::running || plan_.action(strand.cursor).asks) return;
  // A probe changes nothing: it is begun again.
  strand.progress = strand.doubted ? Progress::doubtful : Progress::adrift;
  if (strand.doubted) strand.cursor = *strand.doubted;
  strand.doubted.reset();
}

void RunState::on(const StepTakenUp& event) {
  Strand* strand = strand_at(event.at);
  if (strand == nullptr || strand->progress != Progress::adrift || strand->attempt != event.attempt) return;
  strand->progress = Progress::running;
  attend_to(*strand);
}

void RunState::on(const StepDoubt& event) {
  Strand* strand = strand_at(event.at);
  if (strand == nullptr || strand->attempt != event.attempt) return;
  if (strand->progress != Progress::adrift && strand->progress != Progress::running) return;
  if (event.at.kind == ActionKind::probe) return probe_is_unclear(*strand);
  strand->progress = Progress::doubtful;
  strand->verdict = Verdict::none;
  if (event.kind == DoubtKind::not_started) {
    strand->resolved = DoubtResolved{event.at, event.attempt, DoubtDecision::repeat, {}, event.evidence};
  }
  attend_to(*strand);
}

void RunState::on(const DoubtResolved& event) {
  Strand* strand = strand_at(event.at);
  if (strand == nullptr || strand->progress != Progress::doubtful || strand->attempt != event.attempt) return;
  strand->resolved = event;
  attend_to(*strand);
}

void RunState::probe_is_unclear(Strand& strand) {
  strand.progress = Progress::doubtful;
  strand.verdict = Verdict::unclear;
  strand.cursor = *strand.doubted;
  strand.doubted.reset();
  attend_to(strand);
}

void RunState::begin_probe(const StepIntent& event) {
  Strand* strand = find_strand(event.at.step, event.at.iteration);
  if (strand == nullptr || strand->progress != Progress::doubtful) return;
  if (!strand->doubted) strand->doubted = strand->cursor;
  strand->cursor = event.at;
  strand->progress = Progress::running;
  is_attended_to(place_of(event.at));
}

// Exit code 0 of all: it was done; 1 of one: it was not.
void RunState::probe_ended(Strand& strand, const StepOutcome& event) {
  const Value& value = event.outcome.value;
  const Value* code = value.is_object() ? value.get_object().if_contains("exit_code") : nullptr;
  const bool says_no = code != nullptr && *code == Value(1);
  strand.progress = Progress::doubtful;
  attend_to(strand);
  if (event.outcome.ok() && ++strand.cursor.part < plan_.steps()[event.at.step].probe.size()) return;
  strand.verdict = event.outcome.ok() ? Verdict::done : says_no ? Verdict::not_done : Verdict::unclear;
  strand.cursor = *strand.doubted;
  strand.doubted.reset();
}

} // namespace runbook
