#include "attendance.hpp"

#include "errors.hpp"
#include "gil.hpp"
#include "questions.hpp"
#include "step_context.hpp"

#include <algorithm>

namespace runbook::python {

using Clock = std::chrono::steady_clock;

Attendance::Attendance(const StartedRun& run) : run_(run), approver_(run.core->approver()) {
  run.core->refuse_after_fork();
  const std::string* here = run_of_this_thread();
  if (here != nullptr && *here == run.handle.id()) {
    throw Exception(Error{errc::invalid_argument, "a handler cannot wait for its own run", {}});
  }
}

std::optional<RunResult> Attendance::wait(std::optional<std::chrono::milliseconds> time) {
  const auto deadline = Clock::now() + time.value_or(std::chrono::milliseconds{0});
  while (!ended()) {
    auto slice = signal_poll;
    if (time && !interruption_.has_come()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
      if (left.count() <= 0) return std::nullopt;
      slice = std::min(slice, left);
    }
    turn(std::nullopt, slice);
  }
  return finish();
}

std::optional<Event> Attendance::next(std::size_t position) {
  while (!interruption_.has_come()) {
    if (auto event = run_.feed->at(position)) return event;
    if (ended()) return run_.feed->at(position); // what came in between
    turn(position, signal_poll);
  }
  static_cast<void>(wait(std::nullopt)); // raises
  return std::nullopt;
}

// Waits for a moment and attends to what has come. Events come before the questions that they open.
void Attendance::turn(std::optional<std::size_t> position, std::chrono::milliseconds time) {
  const EventFeed::Wanted wanted{position, takes_questions()};
  {
    const WithoutGil unlocked;
    run_.feed->wait(wanted, time);
  }
  if (interruption_.take_signals()) run_.handle.cancel(interruption_.who());
  if (!takes_questions() || (position && run_.feed->at(*position))) return;
  if (const auto question = run_.feed->take_question()) ask(*question);
}

void Attendance::ask(const Question& question) {
  if (approver_.is_none()) {
    return answer(question, {.note = "the executor has no approver", .unreachable = true});
  }
  try {
    answer(question, to_answer(approver_(question), approver_));
  } catch (py::error_already_set& raised) {
    const bool interrupted = !raised.matches(PyExc_Exception);
    const std::string words = describe(raised);
    interruption_.keep(std::move(raised));
    if (interrupted) run_.handle.cancel(interruption_.who());
    // Not every question is settled by the cancel.
    answer(question, {.note = "the approver raised " + words, .unreachable = true});
  }
}

// Raises ValueError if this is no answer to the question. One that is closed by now needs none.
void Attendance::answer(const Question& question, Answer answer) {
  Result<void> given;
  {
    const WithoutGil unlocked;
    given = run_.handle.answer(question.token, std::move(answer));
  }
  if (given || given.error().code != errc::invalid_argument) return;
  py::set_error(PyExc_ValueError, given.error().message.c_str());
  throw py::error_already_set();
}

// After Ctrl-C nobody is left to answer from elsewhere: a question without an approver parks the run.
bool Attendance::takes_questions() const {
  return run_.unattended || interruption_.has_come() || !approver_.is_none();
}

// The feed has no last event if the journal could not be written.
bool Attendance::ended() const {
  return run_.feed->ended() || run_.handle.status() != RunStatus::running;
}

RunResult Attendance::finish() {
  std::optional<RunResult> result;
  {
    const WithoutGil unlocked;
    result = run_.handle.wait();
  }
  interruption_.raise("run " + result->run + ": " + std::string(to_string(result->status)));
  return std::move(*result);
}

} // namespace runbook::python
