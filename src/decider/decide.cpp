// What comes next, from the state of a run.
#include "answer_form.hpp"
#include "decider/doubt.hpp"
#include "expression/evaluation.hpp"
#include "template.hpp"

#include <runbook/decider.hpp>

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include <boost/json/parse.hpp>

#include <fmt/format.h>

namespace runbook {

namespace {

/// The elements of a list. Text that is JSON of a list is that list, other text a list of its lines that are not empty.
std::optional<boost::json::array> items_of(Value& value) {
  if (value.is_array()) return std::move(value.get_array());
  const auto* text = value.if_string();
  if (text == nullptr) return std::nullopt;
  boost::system::error_code error;
  Value parsed = boost::json::parse(*text, error);
  if (!error && parsed.is_array()) return std::move(parsed.get_array());
  boost::json::array lines;
  std::string_view rest = *text;
  while (!rest.empty()) {
    std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(line.size() + 1, rest.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) lines.emplace_back(line);
  }
  return lines;
}

} // namespace

class Decider {
public:
  Decider(const RunState& state, std::vector<Command>& commands) : s_(state), out_(commands) {}

  void run() {
    if (s_.status_ == RunStatus::parked) return;
    switch (s_.phase_) {
    case RunState::Phase::fresh:
    case RunState::Phase::ended: return;
    case RunState::Phase::forward: return forward();
    case RunState::Phase::rollback: return rollback();
    }
  }

private:
  using Progress = RunState::Progress;
  using Verdict = RunState::Verdict;
  using Mark = RunState::Mark;
  using Strand = RunState::Strand;

  void forward() {
    if (s_.is_ending()) return wind_down();
    if (s_.header_->timeout.count() > 0 && !s_.timer_set_) {
      out_.emplace_back(SetTimer{.delay = s_.header_->timeout, .kind = TimerKind::run});
    }
    for (const auto& place : s_.due_) attend(*s_.strands_.find(place));
    if (s_.queue_.all_done()) return close(RunStatus::succeeded);
    if (nobody_answers_ && out_.empty() && !anything_goes_on()) park();
  }

  // Nothing new begins; what runs is stopped, or after a failure let end; then comes the rollback.
  void wind_down() {
    bool ended = true;
    s_.strands_.for_each([&](const Strand& strand) {
      if (strand.progress == Progress::adrift) take_up(strand);
      ended = ended && strand.progress != Progress::adrift && strand.progress != Progress::running;
      if (strand.progress != Progress::running) return;
      if (s_.cancelled_ || s_.plan_.action(strand.cursor).asks) cut_off(strand);
    });
    if (ended) end_without_success();
  }

  void rollback() {
    if (given_up()) {
      if (s_.undoing_.progress == Progress::adrift) return take_up(s_.undoing_);
      if (s_.undoing_.progress == Progress::running) return cut_off(s_.undoing_);
      return close_rollback();
    }
    if (s_.rollback_cancels_ > 0 && !asked(QuestionKind::stop_rollback)) ask(QuestionKind::stop_rollback);
    if (s_.undo_failed_unseen_) {
      if (s_.header_->on_rollback_failure == OnRollbackFailure::ask && !rollback_is_done()) {
        if (!s_.question(QuestionKind::continue_rollback).answer) return attend(QuestionKind::continue_rollback);
      }
    }
    if (s_.undoing_.progress == Progress::idle && rollback_is_done()) return close_rollback();
    attend(s_.undoing_);
    if (nobody_answers_) park();
  }

  void attend(const Strand& strand) {
    switch (strand.progress) {
    case Progress::idle: return begin(strand);
    case Progress::running: return attend_action(strand);
    case Progress::adrift: return take_up(strand);
    case Progress::doubtful: return resolve(strand);
    case Progress::retrying:
    case Progress::pausing: return overdue(strand) ? time_out(strand) : retry(strand);
    }
  }

  void begin(const Strand& strand) {
    const PlannedStep& step = s_.plan_.steps()[strand.cursor.step];
    if (is_beginning(strand, step) && !s_.scope_of(strand.cursor).open) return leave_with_opener(strand, step);
    if (strand.opens_loop) return begin_loop(strand, *s_.plan_.units()[step.unit].loop);
    if (is_beginning(strand, step) && !step.chosen) return leave_out(strand);
    if (is_beginning(strand, step) && !go_ahead(strand, step.conditions)) return;
    start(strand);
  }

  [[nodiscard]] static bool is_beginning(const Strand& strand, const PlannedStep& step) {
    if (strand.attempt > 0 || strand.cursor.part > 0 || strand.cursor.kind == ActionKind::undo) return false;
    return strand.cursor.kind == ActionKind::forward || step.forward.empty();
  }

  // Whether all conditions are true; else the step is settled.
  bool go_ahead(const Strand& strand, const std::vector<std::uint32_t>& conditions) {
    for (const std::uint32_t number : conditions) {
      const Expression& condition = s_.plan_.conditions()[number];
      const Result<bool> is_true = condition.test(s_.variables(condition, strand));
      if (is_true && *is_true) continue;
      if (is_true) {
        settle(strand, OutcomeStatus::skipped, fmt::format("not true: {}", condition.text()));
      } else {
        settle(strand, OutcomeStatus::failed,
               fmt::format("the condition {} has no value: {}", condition.text(), is_true.error().message));
      }
      return false;
    }
    return true;
  }

  void settle(const Strand& strand, OutcomeStatus status, std::string why) {
    const ActionRef at{.step = strand.cursor.step, .iteration = strand.cursor.iteration};
    out_.emplace_back(SettleStep{at, {status, nullptr, std::move(why)}});
  }

  void leave_out(const Strand& strand) {
    const Continued* earlier = s_.plan_.continued();
    settle(strand, OutcomeStatus::skipped, earlier == nullptr ? "not chosen" : "done in run " + earlier->run);
  }

  void leave_with_opener(const Strand& strand, const PlannedStep& step) {
    const std::string& opener = s_.plan_.steps()[s_.plan_.scopes()[step.scope].opener].id;
    settle(strand, OutcomeStatus::skipped, fmt::format("'{}' is skipped", opener));
  }

  void begin_loop(const Strand& strand, const PlannedLoop& loop) {
    const auto steps = std::span(s_.plan_.steps()).subspan(strand.cursor.step, strand.end - strand.cursor.step);
    if (std::ranges::none_of(steps, &PlannedStep::chosen)) return leave_out(strand);
    if (!go_ahead(strand, loop.conditions)) return;
    Result<Value> list = loop.over.evaluate(s_.variables(loop.over, strand));
    if (list) {
      if (auto items = items_of(*list)) {
        out_.emplace_back(BeginLoop{strand.cursor.step, strand.end, std::move(*items)});
        return;
      }
    }
    settle(strand, OutcomeStatus::failed,
           fmt::format("'foreach' ({}) {}", loop.over.text(),
                       list ? fmt::format("is no list but {}", expression::type_of(*list))
                            : "has no value: " + list.error().message));
  }

  // An action that runs: only a question and one with a deadline need anything.
  void attend_action(const Strand& strand) {
    const PlannedAction& planned = s_.plan_.action(strand.cursor);
    if (has_deadline(planned) && strand.deadline == RunState::Deadline::none) {
      out_.emplace_back(SetTimer{strand.cursor, strand.attempt, *planned.action.timeout, TimerKind::deadline});
    }
    if (planned.asks) return overdue(strand) ? take_silence_for_no(strand) : attend_question(strand);
    if (overdue(strand)) out_.emplace_back(StopAction{strand.cursor});
  }

  // The time of other actions is the attempt's, which the host keeps.
  [[nodiscard]] static bool has_deadline(const PlannedAction& planned) {
    return planned.action.timeout && (planned.until || planned.asks);
  }

  void take_silence_for_no(const Strand& strand) {
    withdraw_open(strand);
    const auto time = s_.plan_.action(strand.cursor).action.timeout->count();
    out_.emplace_back(SettleAction{strand.cursor,
                                   strand.attempt,
                                   {OutcomeStatus::timed_out, nullptr, fmt::format("no answer after {} ms", time)}});
  }

  [[nodiscard]] static bool overdue(const Strand& strand) { return strand.deadline == RunState::Deadline::passed; }

  // What is repeated until something is true pauses when its time is over.
  void time_out(const Strand& strand) {
    const PlannedAction& planned = s_.plan_.action(strand.cursor);
    out_.emplace_back(SettleAction{
        strand.cursor,
        strand.attempt,
        {OutcomeStatus::timed_out, nullptr,
         fmt::format("not true after {} ms: {}", planned.action.timeout->count(), planned.until->text())}});
  }

  void attend_question(const Strand& strand) {
    const auto& question = strand.question;
    if (question.unreachable) {
      nobody_answers_ = true;
    } else if (question.answer) {
      const std::string who = question.who.empty() ? std::string() : fmt::format(" by {}", question.who);
      Outcome outcome;
      outcome.value = question.value;
      if (!*question.answer) outcome = {OutcomeStatus::failed, nullptr, "answered no" + who};
      out_.emplace_back(SettleAction{strand.cursor, strand.attempt, std::move(outcome)});
    } else if (!question.open) {
      out_.emplace_back(Ask{QuestionKind::step, strand.cursor});
    }
  }

  // What a former owner has started.
  void take_up(const Strand& strand) { out_.emplace_back(TakeUpAction{strand.cursor, strand.attempt}); }

  // An action of which nobody can tell how it went. Whoever knows has the word first.
  void resolve(const Strand& strand) {
    if (strand.resolved) return carry_out(*strand.resolved, strand);
    if (strand.doubted) return probe(strand); // its next part
    if (s_.plan_.action(strand.cursor).effect != Effect::mutating) {
      return resolve(strand, DoubtDecision::repeat, "it changes nothing the second time");
    }
    if (strand.verdict == Verdict::done) return resolve(strand, DoubtDecision::done, "the probe says so");
    if (strand.verdict == Verdict::not_done) return resolve(strand, DoubtDecision::repeat, "the probe says so");
    switch (s_.plan_.steps()[strand.cursor.step].on_doubt) {
    case OnDoubt::retry: return resolve(strand, DoubtDecision::repeat, "the document says so");
    case OnDoubt::assume_done: return resolve(strand, DoubtDecision::done, "the document says so");
    case OnDoubt::assume_failed: return resolve(strand, DoubtDecision::failed, "the document says so");
    case OnDoubt::probe:
      if (strand.verdict == Verdict::none && strand.cursor.kind != ActionKind::undo) return probe(strand);
      break;
    case OnDoubt::ask: break;
    }
    ask_about_doubt(strand);
  }

  void resolve(const Strand& strand, DoubtDecision decision, std::string_view evidence, std::string who = {}) {
    out_.emplace_back(ResolveDoubt{strand.cursor, strand.attempt, decision, std::move(who), std::string(evidence)});
  }

  void ask_about_doubt(const Strand& strand) {
    const auto& question = strand.question;
    if (question.unreachable) {
      nobody_answers_ = true;
    } else if (!question.answer) {
      if (!question.open) out_.emplace_back(Ask{QuestionKind::doubt, strand.cursor});
    } else {
      const bool done = *question.answer && question.value == Value(doubt_done);
      const bool not_done = *question.answer && question.value == Value(doubt_not_done);
      const auto decision = done ? DoubtDecision::done : not_done ? DoubtDecision::repeat : DoubtDecision::failed;
      resolve(strand, decision, question.note, question.who.empty() ? "somebody" : question.who);
    }
  }

  void carry_out(const DoubtResolved& resolved, const Strand& strand) {
    if (resolved.decision == DoubtDecision::repeat) return start(strand);
    const bool done = resolved.decision == DoubtDecision::done;
    const std::string why = resolved.who.empty() ? resolved.evidence : resolved.who + " says so";
    out_.emplace_back(SettleAction{strand.cursor,
                                   strand.attempt,
                                   {done ? OutcomeStatus::ok : OutcomeStatus::failed, nullptr,
                                    fmt::format("was in doubt, counts as {}: {}", done ? "done" : "failed", why)}});
  }

  void probe(const Strand& strand) {
    ActionRef at = strand.cursor;
    if (!strand.doubted) at = {.step = at.step, .iteration = at.iteration, .kind = ActionKind::probe};
    out_.emplace_back(StartAction{at, strand.attempt});
  }

  void retry(const Strand& strand) {
    if (strand.progress == Progress::pausing) return;
    const RetryPolicy& policy = s_.plan_.action(strand.cursor).action.retry;
    const std::uint32_t doublings = std::min(strand.attempt - 1, std::uint32_t{30});
    auto delay = std::min(policy.delay * (std::int64_t{1} << doublings), policy.max_delay);
    delay -= delay * jitter(strand, policy.jitter) / 10'000;
    if (delay.count() > 0) {
      out_.emplace_back(SetTimer{strand.cursor, strand.attempt + 1, delay});
    } else {
      start(strand);
    }
  }

  // In hundredths of a percent, at most `most` percent: by chance as it seems, but the same whenever it is asked.
  [[nodiscard]] std::int64_t jitter(const Strand& strand, std::uint32_t most) const {
    std::uint64_t hash = 14695981039346656037U; // FNV-1a
    const std::string path = action_path(*s_.plan_.outline(), strand.cursor);
    for (const char c : fmt::format("{}/{}/{}", s_.header_->run, path, strand.attempt)) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    }
    return static_cast<std::int64_t>((hash ^ (hash >> 32U)) % (std::uint64_t{most} * 100 + 1));
  }

  void start(const Strand& strand) { out_.emplace_back(StartAction{strand.cursor, strand.attempt + 1}); }

  // Stops the action that runs. A question is settled at once, a handler when it has ended.
  void cut_off(const Strand& strand) {
    if (!s_.plan_.action(strand.cursor).asks) {
      out_.emplace_back(StopAction{strand.cursor});
      return;
    }
    if (strand.question.open) out_.emplace_back(Withdraw{QuestionKind::step, strand.cursor});
    out_.emplace_back(SettleAction{
        strand.cursor, strand.attempt, {OutcomeStatus::cancelled, nullptr, "cancelled before it was answered"}});
  }

  [[nodiscard]] bool anything_goes_on() const {
    bool found = false;
    s_.strands_.for_each([&](const Strand& strand) {
      const bool acts = strand.progress == Progress::running || strand.progress == Progress::adrift;
      const bool runs = acts && !s_.plan_.action(strand.cursor).asks;
      const bool waits = strand.question.open && !strand.question.unreachable;
      found = found || runs || waits || strand.progress == Progress::pausing;
    });
    return found;
  }

  void park() {
    withdraw_open();
    out_.emplace_back(Park{"waits for an answer and nobody can be asked"});
  }

  void end_without_success() {
    const bool declined = s_.header_->rollback == RollbackMode::never || (s_.stop_at_failure_ && !s_.cancelled_);
    if (declined || !has_anything_to_undo()) return close_undone(declined);
    if (s_.header_->rollback == RollbackMode::ask) {
      const auto& answer = s_.question(QuestionKind::rollback).answer;
      if (!answer) return attend(QuestionKind::rollback);
      if (!*answer) return close_undone(true);
    }
    out_.emplace_back(BeginRollback{s_.reason_});
  }

  [[nodiscard]] bool asked(QuestionKind kind) const {
    const auto& question = s_.question(kind);
    return question.open || question.answer.has_value();
  }

  void ask(QuestionKind kind) { out_.emplace_back(Ask{kind, s_.undoing_.cursor}); }

  // Without the answer the run cannot go on: asks, waits, or parks when nobody can be asked.
  void attend(QuestionKind kind) {
    const auto& question = s_.question(kind);
    if (question.unreachable) {
      park();
    } else if (!question.open) {
      ask(kind);
    }
  }

  [[nodiscard]] bool given_up() const {
    if (s_.rollback_cancels_ > 1) return true;
    if (s_.question(QuestionKind::stop_rollback).answer.value_or(false)) return true;
    if (!s_.undo_failed_unseen_) return false;
    if (s_.header_->on_rollback_failure == OnRollbackFailure::stop) return true;
    return !s_.question(QuestionKind::continue_rollback).answer.value_or(true);
  }

  [[nodiscard]] bool has_anything_to_undo() const {
    return std::ranges::any_of(s_.stack_.entries(), [this](const RunState::Armed& armed) {
      const bool general = s_.plan_.steps()[armed.step].section == Section::rollback;
      return !general || s_.scope_of({.step = armed.step, .iteration = armed.iteration}).changed;
    });
  }

  [[nodiscard]] bool rollback_is_done() const { return s_.phase_ == RunState::Phase::rollback && s_.stack_.empty(); }

  void withdraw_open() {
    s_.strands_.for_each([this](const Strand& strand) { withdraw_open(strand); });
    withdraw_open(s_.undoing_);
    for (const QuestionKind kind :
         {QuestionKind::rollback, QuestionKind::stop_rollback, QuestionKind::continue_rollback}) {
      if (s_.question(kind).open) out_.emplace_back(Withdraw{kind, s_.undoing_.cursor});
    }
  }

  void withdraw_open(const Strand& strand) {
    if (strand.question.open) out_.emplace_back(Withdraw{strand.question.kind, strand.cursor});
  }

  void close(RunStatus status, std::vector<Residue> residue = {}) {
    withdraw_open();
    out_.emplace_back(Close{RunClosed{status, s_.reason_, std::move(residue)}});
  }

  void close_undone(bool declined) {
    close(s_.cancelled_ ? RunStatus::cancelled : RunStatus::failed,
          residue(declined ? ResidueCause::undo_declined : ResidueCause::no_undo));
  }

  void close_rollback() {
    std::vector<Residue> left = residue(ResidueCause::undo_abandoned);
    const RunStatus status = left.empty() ? RunStatus::rolled_back : RunStatus::partially_rolled_back;
    close(status, std::move(left));
  }

  // What was started and is not undone, in the plan's order. `armed` is the cause for an undo that never ran.
  [[nodiscard]] std::vector<Residue> residue(ResidueCause armed) const {
    std::vector<Residue> left;
    const auto add = [&](std::uint32_t index, std::uint32_t iteration, Mark mark) {
      if (const auto cause = residue_cause(index, iteration, mark, armed))
        left.push_back(Residue{index, *cause, iteration});
    };
    for (std::uint32_t i = 0; i < s_.marks_.size(); ++i) add(i, 0, s_.marks_[i]);
    for (const auto& [at, mark] : s_.marks_of_elements_) add(at.first, at.second, mark);
    std::ranges::sort(left, {}, [](const Residue& entry) { return std::pair{entry.step, entry.iteration}; });
    return left;
  }

  [[nodiscard]] std::optional<ResidueCause> residue_cause(std::uint32_t index, std::uint32_t iteration, Mark mark,
                                                          ResidueCause armed) const {
    const PlannedStep& step = s_.plan_.steps()[index];
    switch (mark) {
    case Mark::untouched:
    case Mark::undone: return std::nullopt;
    case Mark::undo_failed: return ResidueCause::undo_failed;
    case Mark::started: break;
    }
    if (step.section == Section::rollback || step.effect == Effect::pure) return std::nullopt;
    if (!step.undo.empty()) return armed;
    if (step.irreversible) return ResidueCause::irreversible;
    if (s_.rolled_back_as_a_whole(index, iteration)) return std::nullopt;
    return ResidueCause::no_undo;
  }

  const RunState& s_;
  std::vector<Command>& out_;
  bool nobody_answers_ = false; // a question cannot be put to anybody
};

void decide(const RunState& state, std::vector<Command>& commands) {
  commands.clear();
  Decider(state, commands).run();
}

std::vector<Command> decide(const RunState& state) {
  std::vector<Command> commands;
  decide(state, commands);
  return commands;
}

} // namespace runbook
