#include "executor/run.hpp"

#include "executor/may_resume.hpp"
#include "executor/owner.hpp"
#include "plan/stored_document.hpp"
#include "plan/variables.hpp"
#include "process/host_environment.hpp"
#include "template.hpp"

#include <boost/asio/post.hpp>

#include <algorithm>
#include <exception>
#include <filesystem>
#include <random>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace runbook {

namespace {

// Sorts by time and does not repeat: 20260131T235959-1f0c9a3b.
std::string make_run_id(std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::random_device random;
  return fmt::format("{:%Y%m%dT%H%M%S}-{:08x}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), random());
}

std::shared_ptr<const RunHeader> make_header(const Plan& plan, StartOptions& options, const Clock& clock) {
  auto header = std::make_shared<RunHeader>();
  header->run = options.run_id.empty() ? make_run_id(clock.now()) : options.run_id;
  header->title = plan.runbook().title;
  header->path = plan.runbook().path;
  header->document_digest = plan.document_digest();
  header->plan_digest = plan.digest();
  header->inputs = plan.inputs();
  header->actor = options.actor;
  if (plan.continued() != nullptr) header->continues = plan.continued()->run;
  header->secrets = plan.secrets();
  header->selections = plan.content().selections;
  header->runbooks = paths_of_runbooks(plan.runbook());
  header->built_in_code = plan.runbook().source.empty();
  header->directory = options.directory;
  header->risk_level = plan.risk_level();
  header->parallel = options.parallel;
  header->timeout = options.timeout;
  header->rollback = options.rollback;
  header->on_rollback_failure = options.on_rollback_failure;
  header->rules = rules_version;
  header->outline = plan.outline();
  return header;
}

void add_required_variables(const Runbook& runbook, std::vector<std::string>& names) {
  for (const Access& access : runbook.required_access) {
    if (access.kind == Access::Kind::env && is_variable_name(access.name)) names.push_back(access.name);
  }
  for (const Runbook& other : runbook.runbooks) add_required_variables(other, names);
}

// Read when the run begins, and once for all of its steps.
std::vector<std::string> environment_for(const Engine& engine, const Runbook& runbook) {
  std::vector<std::string> names;
  add_required_variables(runbook, names);
  std::vector<std::string> variables = engine.environment();
  for (std::string& named : process::host_environment(names)) {
    if (std::ranges::find(variables, named) == variables.end()) variables.push_back(std::move(named));
  }
  return variables;
}

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

// Far from what the clock can hold.
constexpr std::chrono::milliseconds longest_wait = std::chrono::days{366};

// After this many turns other runs get their chance.
constexpr int turns_at_once = 256;

Result<std::vector<std::shared_ptr<const Handler>>> handlers_of(const Engine& engine, const Plan& plan) {
  std::vector<std::shared_ptr<const Handler>> handlers;
  for (const std::string& name : plan.handlers()) {
    auto handler = engine.handlers().find(name);
    if (!handler) {
      return Error{
          errc::unknown_handler, fmt::format("the executor has no handler '{}', which the plan uses", name), {}};
    }
    handlers.push_back(std::move(handler));
  }
  return handlers;
}

// Whoever goes on with the run is somewhere else.
Result<void> make_absolute(std::string& directory) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(directory.empty() ? "." : directory, error);
  if (error) return Error{errc::io_error, fmt::format("the directory of the run: {}", error.message()), {}};
  if (!directory.empty()) directory = absolute.lexically_normal().string();
  return {};
}

} // namespace

Result<std::shared_ptr<Run>> Run::make(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options) {
  auto handlers = handlers_of(*engine, plan);
  if (!handlers) return handlers.error();
  if (auto found = make_absolute(options.directory); !found) return found.error();
  auto header = make_header(plan, options, engine->system().clock);
  std::shared_ptr<Run> run(
      new Run(std::move(engine), plan, std::move(options), std::move(header), std::move(*handlers)));
  if (auto got = run->get_secrets(); !got) return got.error();
  return run;
}

Result<std::shared_ptr<Run>> Run::resume(std::shared_ptr<Engine> engine, const std::string& id, ResumeOptions options) {
  auto plan = plan_of_run(engine->store(), id, engine->handlers());
  if (!plan) return plan.error();
  auto handlers = handlers_of(*engine, *plan);
  if (!handlers) return handlers.error();
  auto events = engine->store().load(id);
  if (!events) return events.error();
  const auto& header = std::get<RunCreated>(events->front().data).header;
  StartOptions start;
  start.directory = header->directory;
  start.observer = std::move(options.observer);
  start.secrets = std::move(options.secrets);
  std::shared_ptr<Run> run(new Run(std::move(engine), *plan, std::move(start), header, std::move(*handlers)));
  for (const Event& event : *events) run->state_.apply(event.data);
  if (auto may = may_resume(run->state_, *events, options.take_over); !may) return may.error();
  if (auto got = run->get_secrets(); !got) return got.error();
  if (auto claimed = run->claim(events->size()); !claimed) return claimed.error();
  return run;
}

// What is recorded between the look at the journal and the claim is the former owner's, who lives after all.
Result<void> Run::claim(std::uint64_t last_seq) {
  const std::string owner = owner_name();
  auto journal = engine_->store().claim(id(), owner, engine_->system().clock.now());
  if (!journal) return journal.error();
  if ((*journal)->last_seq() != last_seq + 1) {
    return Error{
        errc::invalid_argument, fmt::format("run {} went on while it was taken over: its owner lives", id()), {}};
  }
  journal_ = std::move(*journal);
  seq_ = journal_->last_seq();
  state_.apply(Claimed{owner});
  decide_and_record();
  if (batch_.empty()) return {};
  stamp_batch();
  return journal_->append(batch_);
}

Run::Run(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options,
         std::shared_ptr<const RunHeader> header, std::vector<std::shared_ptr<const Handler>> handlers)
    : engine_(std::move(engine)), environment_(environment_for(*engine_, plan.runbook())), options_(std::move(options)),
      header_(std::move(header)), handlers_(std::move(handlers)), state_(plan) {
  for (const auto& observer : {engine_->options().observer, options_.observer}) {
    if (observer) observers_.push_back(observer.get());
  }
}

Result<void> Run::get_secrets() {
  auto secrets = RunSecrets::get(state_.plan(), std::exchange(options_.secrets, {}), *engine_->options().secrets,
                                 options_.directory, environment_);
  if (!secrets) return secrets.error();
  secrets_ = std::move(*secrets);
  if (!secrets_) return {};
  auto header = std::make_shared<RunHeader>(*header_);
  secrets_->mask(*header);
  header_ = std::move(header);
  return {};
}

Result<void> Run::record_beginning() {
  record(RunCreated{header_});
  record(Claimed{owner_name()});
  decide_and_record();
  stamp_batch();
  auto journal = engine_->store().create(state_.plan().stored_document(), batch_);
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  return {};
}

void Run::begin() {
  guarded([this] {
    advancing_ = true;
    notify();
    const bool more = carry_out();
    advancing_ = false;
    if (more) go_on();
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
      effects_.push_back(std::move(command));
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
    if (commit() && !carry_out()) break;
  }
  advancing_ = false;
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
  return true;
}

// An observer's exception is its own affair: the run does not depend on who watches. An observer may answer questions,
// which records events while these are shown.
void Run::notify() {
  durable_.swap(batch_);
  blobs_.clear();
  for (Observer* observer : observers_) {
    for (const Event& event : durable_) {
      try {
        observer->on_event(*header_, event);
      } catch (...) {
      }
    }
  }
  durable_.clear();
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
  attempts_.start(*this, command.at, command.attempt, *handlers_[planned.handler]);
}

void Run::perform(const Ask& command) {
  const std::string token = question_token(state_.plan(), command.kind, command.at);
  if (!state_.is_open(token)) return; // an observer has answered it
  if (engine_->shutting_down()) return record(WaitUnreachable{token, "the executor is being shut down"});
  const auto& approver = engine_->options().approver;
  if (!approver) return;
  EventData event = *to_event(state_, command);
  if (secrets_) secrets_->mask(event);
  auto& opened = std::get<WaitOpened>(event);
  Question question{header_->run, token, command.kind, {}, {}, std::move(opened.text), std::move(opened.wants)};
  if (command.kind == QuestionKind::step) {
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

Result<void> Run::answer(const std::string& token, const Answer& answer, Answerer by) {
  const auto question = finished_ || error_ ? std::nullopt : state_.open_question(token);
  if (!question) {
    return Error{errc::not_found, fmt::format("run {} has no open question '{}'", id(), token), {}};
  }
  Result<EventData> event = answered(token, *question, answer);
  if (!event && by == Answerer::somebody_else) return event.error();
  if (!event) event = WaitUnreachable{token, event.error().message}; // an approver cannot be told
  if (by == Answerer::somebody_else) withdraw(token);
  happened(std::move(*event));
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
  secrets_.reset();
  {
    const std::scoped_lock lock(mutex_);
    status_ = error_ ? RunStatus::parked : state_.status();
    result_ = RunResult{id(), status_, error_ ? error_->message : state_.reason(), state_.residue(), error_, {}};
  }
  ended_.notify_all();
  engine_->release(id());
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
