#include "executor/run.hpp"

#include "template.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

// An approver that throws reaches nobody.
Result<void> put_question(Approver& approver, const Question& question, std::function<void(Answer)> reply) {
  try {
    return approver.ask(question, std::move(reply));
  } catch (const std::exception& e) {
    return Error{errc::approver_unavailable, e.what(), {}};
  } catch (...) {
    return Error{errc::approver_unavailable, "the approver threw something that is no std::exception", {}};
  }
}

// What is to be taken up is said each time until something is known of it.
bool is_there_already(const std::vector<Command>& effects, const Command& command) {
  const auto* take_up = std::get_if<TakeUpAction>(&command);
  return take_up != nullptr && std::ranges::any_of(effects, [&](const Command& other) {
           const auto* same = std::get_if<TakeUpAction>(&other);
           return same != nullptr && same->at == take_up->at;
         });
}

// Far from what the clock can hold.
constexpr std::chrono::milliseconds longest_wait = std::chrono::days{366};

// How soon a message of somebody else is noticed.
constexpr std::chrono::milliseconds time_between_looks{250};

// After this many turns other runs get their chance.
constexpr int turns_at_once = 256;

} // namespace

void Run::begin() {
  guarded([this] {
    advancing_ = true;
    show(std::exchange(earlier_, {}));
    notify();
    take_messages(); // before somebody is asked who has answered already
    const bool more = carry_out();
    advancing_ = false;
    if (more) go_on();
  });
}

// What others have left in the store for the run's owner. A store that cannot be read will not take the next event
// either, which ends the run.
void Run::take_messages() {
  if (finished_ || error_) return;
  const auto messages = engine_->store().messages(id(), last_message_);
  for (const Message& message : messages ? *messages : std::vector<Message>()) {
    last_message_ = message.number;
    if (message.token.empty()) {
      happened(CancelRequested{message.who, message.number});
    } else {
      const Answer answer{.yes = message.yes, .who = message.who, .note = message.note, .text = message.text};
      static_cast<void>(this->answer(message.token, answer, Answerer::somebody_else, message.number)); // too late
    }
    if (finished_ || error_) return;
  }
  look_again();
}

void Run::look_again() {
  if (!engine_->store().is_shared()) return;
  look_ = engine_->system().timers.start(time_between_looks, [run = weak_from_this()](bool over) {
    const auto self = over ? run.lock() : nullptr;
    if (!self) return;
    self->post([run = self.get()] {
      run->keep_lease();
      run->take_messages();
    });
  });
}

// What is thrown where nothing may be thrown ends this run and no other.
template <class Work>
void Run::guarded(Work work) {
  try {
    work();
  } catch (const std::exception& e) {
    break_off(e.what());
  } catch (...) {
    break_off("something was thrown that is no std::exception");
  }
}

void Run::happened(EventData data) {
  guarded([&] {
    record(std::move(data));
    go_on();
  });
}

void Run::advance() {
  guarded([this] { go_on(); });
}

void Run::record(EventData data) {
  if (secrets_) secrets_->mask(data);
  state_.apply(data);
  batch_.push_back(Event{++seq_, journal_ ? journal_->fence() : 1, {}, std::move(data)});
}

void Run::decide_and_record() {
  bool recorded = true;
  while (recorded) {
    recorded = false;
    decide(state_, commands_);
    for (Command& command : commands_) {
      if (auto event = to_event(state_, command)) {
        record(std::move(*event));
        recorded = true;
      }
      if (!is_there_already(effects_, command)) effects_.push_back(std::move(command));
    }
  }
}

// Records what was decided together with what happened, in one commit, and carries it out; goes on as long as what is
// carried out ends at once.
void Run::go_on() {
  if (advancing_ || finished_) return;
  advancing_ = true;
  for (int turn = 0;; ++turn) {
    if (turn == turns_at_once) {
      post([this] { advance(); });
      break;
    }
    conclude_attempts();
    if (error_) {
      if (attempts_.empty()) finish();
      break;
    }
    decide_and_record();
    if (batch_.empty() && effects_.empty()) break;
    if (!batch_.empty() && engine_->shares_commits()) {
      stamp_batch();
      return engine_->commit_soon(shared_from_this()); // `committed` goes on
    }
    if (commit() && !carry_out()) break;
  }
  advancing_ = false;
}

Append Run::pending() {
  return {.journal = journal_.get(), .events = batch_, .blobs = blobs_};
}

void Run::committed(Result<void> result) {
  guarded([&] {
    bool more = true;
    if (!result) {
      halt(std::move(result).error());
    } else {
      notify();
      keep_lease();
      more = carry_out();
    }
    advancing_ = false;
    if (more || error_) go_on(); // a run that lost its lease has an end too
  });
}

void Run::stamp_batch() {
  const auto now = engine_->system().clock.now();
  for (Event& event : batch_) event.time = now;
}

bool Run::commit() {
  if (batch_.empty()) return true;
  stamp_batch();
  if (auto appended = journal_->append(batch_, blobs_); !appended) {
    halt(std::move(appended).error());
    return false;
  }
  notify();
  keep_lease();
  return !error_;
}

// An observer's exception is its own affair: the run does not depend on who watches. An observer may answer questions,
// which records events while these are shown.
void Run::notify() {
  durable_.swap(batch_);
  blobs_.clear();
  for (const std::string& attempt : settled_) engine_->system().processes.forget(attempt);
  settled_.clear();
  show(durable_);
  durable_.clear();
}

void Run::show(const std::vector<Event>& events) {
  for (Observer* observer : observers_) {
    for (const Event& event : events) {
      try {
        observer->on_event(*header_, event);
      } catch (...) {
      }
    }
  }
}

void Run::show_output(const ActionRef& at, Stream stream, std::string_view bytes) {
  for (Observer* observer : observers_) {
    try {
      observer->on_output(*header_, at, stream, bytes);
    } catch (...) {
    }
  }
}

void Run::conclude_attempts() {
  while (const auto step = attempts_.take_completed()) {
    if (error_) continue;
    if (engine_->system().processes.outlives_host()) settled_.push_back(step->attempt_name());
    if (step->is_in_doubt()) {
      record(former_ ? former_->judged(step->doubt()) : step->doubt());
      continue;
    }
    StepOutcome outcome = state_.judged(step->conclude());
    record_output(*step, outcome, Stream::out);
    record_output(*step, outcome, Stream::err);
    step->forget_values();
    record(std::move(outcome));
  }
}

void Run::record_output(ActiveStep& step, const StepOutcome& outcome, Stream stream) {
  OutputCapture& captured = step.captured(stream);
  if (captured.size() == 0) return;
  StepOutput output{outcome.at, outcome.attempt, stream, captured.size(), captured.kept().size(), captured.digest()};
  record(std::move(output));
  blobs_.push_back(Blob{seq_, captured.take_kept()});
}

// Returns whether there is more to do at once.
bool Run::carry_out() {
  for (const Command& command : effects_) {
    std::visit([this](const auto& c) { perform(c); }, command);
  }
  effects_.clear();
  if (state_.status() != RunStatus::running) {
    finish();
    return false;
  }
  return !batch_.empty() || attempts_.any_completed();
}

void Run::perform(const StartAction& command) {
  const PlannedAction& planned = state_.plan().action(command.at);
  if (planned.asks) return; // the question follows as a command of its own
  attempts_.start(*this, command.at, {command.attempt, journal_->fence()}, *handlers_[planned.handler]);
}

// What the former owner has started goes on where a supervisor looks after it.
void Run::perform(const TakeUpAction& command) {
  if (attempts_.find(command.at) != nullptr) return;
  const Handler& handler = *handlers_[state_.plan().action(command.at).handler];
  const auto started = former_->started(command.at, command.attempt);
  if (auto why = started.why_lost(handler, engine_->system().processes)) {
    return record(StepDoubt{command.at, command.attempt, DoubtKind::unknown, std::move(*why)});
  }
  attempts_.start(*this, command.at, {command.attempt, started.fence}, handler, ActiveStep::Mode::take_up);
  const ActiveStep* step = attempts_.find(command.at);
  if (!step->is_in_doubt()) record(StepTakenUp{command.at, command.attempt});
}

void Run::perform(const Ask& command) {
  const std::string token = question_token(state_.plan(), command.kind, command.at);
  if (!state_.open_question(token)) return; // an observer has answered it
  if (engine_->shutting_down()) return record(WaitUnreachable{token, "the executor is being shut down"});
  const auto& approver = engine_->options().approver;
  if (!approver) return;
  EventData event = *to_event(state_, command);
  if (secrets_) secrets_->mask(event);
  auto& opened = std::get<WaitOpened>(event);
  Question question{header_->run, token, command.kind, {}, {}, std::move(opened.text), std::move(opened.wants)};
  if (is_about_action(command.kind)) {
    const PlannedStep& step = state_.plan().steps()[command.at.step];
    question.step = step.id;
    question.title = expand_known(step.title, state_.values_of(command.at));
  }
  if (secrets_) secrets_->mask(question.title);
  auto reply = [run = weak_from_this(), token](const Answer& answer) {
    const auto self = run.lock();
    if (!self) return;
    const bool posted = self->engine_->try_post(
        [self, token, answer] { static_cast<void>(self->answer(token, answer, Answerer::approver)); });
    static_cast<void>(posted); // an answer after the end is ignored, as any answer to a question that is closed
  };
  if (auto asked = put_question(*approver, question, std::move(reply)); !asked) {
    record(WaitUnreachable{token, asked.error().message});
  }
}

void Run::perform(const Withdraw& command) {
  withdraw(question_token(state_.plan(), command.kind, command.at));
}

// What an approver throws here is its own affair, as with an observer.
void Run::withdraw(const std::string& token) noexcept {
  const auto& approver = engine_->options().approver;
  if (!approver) return;
  try {
    approver->withdraw(header_->run, token);
  } catch (...) {
  }
}

void Run::perform(const SetTimer& command) {
  const TimerFired fired{command.at, command.attempt, command.kind};
  timers_.set(engine_->system().timers, fired, command.delay, [self = shared_from_this(), fired] {
    self->post([run = self.get(), fired] {
      if (!run->finished_ && run->state_.awaits(fired)) run->happened(fired);
    });
  });
}

void Run::perform(const StopAction& command) {
  if (ActiveStep* step = attempts_.find(command.at)) step->cancel();
}

void Run::attempt_completed(ActiveStep& step) {
  attempts_.completed(step);
  advance();
}

void Run::attempt_expired(const ActionRef& at, std::uint32_t attempt) {
  ActiveStep* step = attempts_.find(at);
  if (step != nullptr && step->attempt() == attempt) step->expire();
}

void Run::post(std::function<void()> work) {
  boost::asio::post(engine_->io(), [self = shared_from_this(), work = std::move(work)] { work(); });
}

void Run::cancel(const std::string& who) {
  const bool posted = engine_->try_post([self = shared_from_this(), who] {
    if (!self->finished_ && !self->error_) self->happened(CancelRequested{who});
  });
  static_cast<void>(posted); // an engine that has shut down has no run that could be cancelled
}

Result<void> Run::answer(const std::string& token, const Answer& answer, Answerer by, std::uint64_t message) {
  const auto question = finished_ || error_ ? std::nullopt : state_.open_question(token);
  if (!question) {
    return Error{errc::not_found, fmt::format("run {} has no open question '{}'", id(), token), {}};
  }
  Result<EventData> event = answered(token, *question, answer);
  if (!event && by == Answerer::somebody_else) return event.error();
  if (!event) event = WaitUnreachable{token, event.error().message}; // an approver cannot be told
  if (auto* given = std::get_if<WaitAnswered>(&*event)) given->message = message;
  if (by == Answerer::somebody_else) withdraw(token);
  happened(std::move(*event));
  engine_->commit_now();
  if (error_) return *error_; // the answer is not on record
  return {};
}

Result<EventData> Run::answered(const std::string& token, const OpenQuestion& question, const Answer& answer) {
  if (answer.unreachable) return WaitUnreachable{token, answer.note};
  WaitAnswered event{token, answer.yes, answer.who, answer.note, {}};
  if (!answer.yes) return event;
  const bool is_secret = question.wants.kind == AnswerKind::secret;
  std::string text = is_secret && !answer.secret.empty() ? std::string(answer.secret.reveal()) : answer.text;
  if (secrets_ && !is_secret) secrets_->mask(text); // what is recorded must be an answer too
  if (auto flaw = answer_flaw(question.wants, text)) {
    return Error{errc::invalid_argument, fmt::format("the answer to '{}' does not count: it {}", token, *flaw), {}};
  }
  if (is_secret) {
    const Plan& plan = state_.plan();
    secrets_ = RunSecrets::with(secrets_, plan, plan.steps()[question.at.step].scope,
                                plan.action(question.at).action.capture, Secret::take(std::move(text)));
  } else if (question.wants.kind != AnswerKind::yes_no) {
    event.value = text;
  }
  return event;
}

void Run::nobody_can_be_asked() {
  guarded([this] {
    for (const auto& [kind, token] : state_.open_questions()) {
      if (kind == QuestionKind::stop_rollback) continue; // the run goes on without the answer
      record(WaitUnreachable{token, "the executor is being shut down"});
    }
    go_on();
  });
}

// The journal could not be written: nothing new is started, and what runs is stopped. The run stands where its journal
// ends.
void Run::halt(Error error) {
  error_ = std::move(error);
  if (secrets_) secrets_->mask(*error_);
  batch_.clear();
  blobs_.clear();
  effects_.clear();
  for (const auto& [kind, token] : state_.open_questions()) withdraw(token);
  attempts_.cancel_all();
}

void Run::break_off(std::string why) {
  advancing_ = false;
  if (finished_) return;
  halt(Error{errc::unexpected, std::move(why), {}});
  conclude_attempts();
  if (attempts_.empty()) finish();
}

void Run::finish() {
  if (finished_) return; // broken off while its events were shown
  finished_ = true;
  timers_.clear();
  look_.reset();
  secrets_.reset();
  const auto self = shared_from_this();
  engine_->release(id()); // whoever hears of the end may take the run up at once
  {
    const std::scoped_lock lock(mutex_);
    status_ = error_ ? RunStatus::parked : state_.status();
    result_ = RunResult{id(), status_, error_ ? error_->message : state_.reason(), state_.residue(), error_, {}};
  }
  ended_.notify_all();
}

RunStatus Run::status() const {
  const std::scoped_lock lock(mutex_);
  return status_;
}

std::optional<RunResult> Run::wait(std::optional<std::chrono::milliseconds> time) const {
  std::optional<RunResult> result;
  {
    std::unique_lock lock(mutex_);
    const auto has_ended = [this] { return result_.has_value(); };
    if (!time) {
      ended_.wait(lock, has_ended);
    } else if (!ended_.wait_for(lock, std::min(*time, longest_wait), has_ended)) {
      return std::nullopt;
    }
    result = result_;
  }
  if (auto events = engine_->store().load(result->run)) {
    result->events = std::move(*events);
  } else if (!result->error) {
    result->error = std::move(events).error();
  }
  return result;
}

} // namespace runbook
