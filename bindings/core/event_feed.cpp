#include "event_feed.hpp"

#include <variant>

namespace runbook::python {

namespace {

Question to_question(const RunHeader& run, const WaitOpened& opened) {
  Question question{run.run, opened.token, opened.kind, {}, {}, opened.text, opened.wants};
  if (!is_about_action(opened.kind)) return question;
  const StepOutline& step = run.outline->at(opened.at.step);
  question.step = step.id;
  question.title = step.title;
  return question;
}

} // namespace

void EventFeed::on_event(const RunHeader& run, const Event& event) {
  {
    const std::scoped_lock lock(mutex_);
    events_.push_back(event);
    outline_ = run.outline;
    note_questions(run, event.data);
    ended_ = std::holds_alternative<RunClosed>(event.data) || std::holds_alternative<RunParked>(event.data);
  }
  changed_.notify_all();
}

void EventFeed::note_questions(const RunHeader& run, const EventData& data) {
  if (const auto* opened = std::get_if<WaitOpened>(&data)) {
    questions_.push_back({to_question(run, *opened), opened->at});
  } else if (const auto* answered = std::get_if<WaitAnswered>(&data)) {
    forget(answered->token);
  } else if (const auto* unreachable = std::get_if<WaitUnreachable>(&data)) {
    forget(unreachable->token);
  } else if (const auto* outcome = std::get_if<StepOutcome>(&data)) { // also of a question that a cancel has settled
    std::erase_if(questions_,
                  [&](const Open& open) { return is_about_action(open.question.kind) && open.at == outcome->at; });
  } else if (std::holds_alternative<RunClosed>(data) || std::holds_alternative<RunParked>(data)) {
    questions_.clear();
  }
}

void EventFeed::forget(const std::string& token) {
  std::erase_if(questions_, [&](const Open& open) { return open.question.token == token; });
}

void EventFeed::wait(const Wanted& wanted, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, time, [&] {
    return ended_ || (wanted.event && *wanted.event < events_.size()) || (wanted.question && !questions_.empty());
  });
}

std::optional<Event> EventFeed::at(std::size_t position) const {
  const std::scoped_lock lock(mutex_);
  if (position >= events_.size()) return std::nullopt;
  return events_[position];
}

std::shared_ptr<const Outline> EventFeed::outline() const {
  const std::scoped_lock lock(mutex_);
  return outline_;
}

std::optional<Question> EventFeed::take_question() {
  const std::scoped_lock lock(mutex_);
  if (questions_.empty()) return std::nullopt;
  Question question = std::move(questions_.front().question);
  questions_.pop_front();
  return question;
}

bool EventFeed::ended() const {
  const std::scoped_lock lock(mutex_);
  return ended_;
}

} // namespace runbook::python
