#include "executor/active_step.hpp"

#include "event/value_json.hpp"
#include "executor/environment.hpp"
#include "executor/run.hpp"
#include "expectation.hpp"
#include "plan/captures.hpp"
#include "secret/revealed_values.hpp"
#include "secret/wiping.hpp"
#include "template.hpp"

#include <algorithm>
#include <exception>

#include <fmt/format.h>

namespace runbook {

namespace {

bool has_template(const Value& value) {
  if (const auto* text = value.if_string()) return std::string_view(*text).find("{{") != std::string_view::npos;
  if (const auto* array = value.if_array()) return std::ranges::any_of(*array, has_template);
  if (const auto* object = value.if_object()) {
    return std::ranges::any_of(*object, [](const auto& member) { return has_template(member.value()); });
  }
  return false;
}

} // namespace

ActiveStep::ActiveStep(Run& run, const ActionRef& at, Number number, const Handler& handler, Mode mode)
    : run_(run), at_(at), number_(number), mode_(mode), planned_(run.state().plan().action(at)), handler_(handler),
      values_(run.state().shared_values_of(at)), terminal_(run.state().terminal_of(at)),
      hands_on_(run.state().hands_on(at)), secrets_(run.secrets()), out_(run.engine().options().output_cap),
      err_(run.engine().options().output_cap) {
  if (!secrets_) return;
  for (auto& mask : masks_) mask.emplace(secrets_->redactor());
}

ActiveStep::~ActiveStep() {
  if (expanded_) wipe(*expanded_);
  wipe(left_.variables);
}

void ActiveStep::start() {
  if (auto expanded = expand_params(); !expanded) {
    outcome_ = Outcome{OutcomeStatus::failed, nullptr, expanded.error().message};
    return;
  }
  if (!handler_.info().quick) stop_ = std::stop_source();
  arm_deadline();
  starting_ = true;
  std::optional<std::string> thrown;
  try {
    handler_.start(*this, Completion([this](Outcome&& outcome) { complete(std::move(outcome)); }));
  } catch (const std::exception& e) {
    thrown = e.what();
  } catch (...) {
    thrown = "the handler threw something that is no std::exception";
  }
  starting_ = false;
  // A handler that threw after it had given its completion away will still use it: then the attempt goes on until it
  // does.
  if (thrown && outcome_) outcome_ = Outcome{OutcomeStatus::failed, nullptr, std::move(*thrown)};
}

Result<void> ActiveStep::expand_params() {
  const bool all = handler_.info().expand;
  if (planned_.action.params.empty() || (!all && planned_.expanded.empty())) return {};
  const RevealedValues revealed(values(), secrets());
  for (const auto& [name, value] : planned_.action.params) {
    const bool wanted = all || std::ranges::find(planned_.expanded, name) != planned_.expanded.end();
    if (!wanted || !has_template(value)) continue;
    auto expanded = expand_value(value, revealed.get());
    if (!expanded) return expanded.error();
    if (!expanded_) expanded_ = planned_.action.params;
    (*expanded_)[name] = std::move(*expanded);
  }
  return {};
}

void ActiveStep::arm_deadline() {
  if (!timeout()) return;
  const auto expired = [run = run_.shared_from_this(), at = at_, attempt = attempt()](bool over) {
    if (over) run->post([run = run.get(), at, attempt] { run->attempt_expired(at, attempt); });
  };
  deadline_ = system().timers.start(*timeout(), expired);
}

void ActiveStep::expire() {
  overdue_ = true;
  stop_.request_stop();
}

void ActiveStep::cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  stop_.request_stop();
}

// A handler that completes while it is being started is on the stack: its run goes on when it has returned.
void ActiveStep::complete(Outcome&& outcome) {
  if (run_.engine().on_engine_thread() && starting_) {
    outcome_ = std::move(outcome);
    return;
  }
  run_.post([this, outcome = std::move(outcome)]() mutable {
    outcome_ = std::move(outcome);
    run_.attempt_completed(*this);
  });
}

StepOutcome ActiveStep::conclude() {
  Outcome outcome = std::move(*outcome_);
  deadline_.reset();
  keep_the_rest();
  if (overdue_) {
    outcome.status = OutcomeStatus::timed_out;
    outcome.message = fmt::format("not done after {} ms", planned_.action.timeout->count());
  } else if (cancelled_ && !outcome.ok()) {
    outcome.status = OutcomeStatus::cancelled;
  }
  if (deeper_than(outcome.value, max_value_depth)) {
    outcome = {OutcomeStatus::failed, nullptr,
               fmt::format("the handler's value is nested more than {} deep", max_value_depth)};
  }
  check_expectation(outcome);
  Value captured = capture(outcome);
  Value printed = this->printed(outcome);
  StepOutcome concluded{at_, attempt(), {}, std::move(captured), terminal_change(outcome), std::move(printed)};
  concluded.outcome = std::move(outcome);
  return concluded;
}

StepDoubt ActiveStep::doubt() const {
  const bool never = takes_up() && doubt_->code == errc::not_found;
  return {at_, attempt(), never ? DoubtKind::not_started : DoubtKind::unknown, doubt_->message};
}

void ActiveStep::check_expectation(Outcome& outcome) const {
  if (!outcome.ok() || !planned_.action.expect) return;
  if (out_.truncated()) {
    outcome.status = OutcomeStatus::failed;
    outcome.message = fmt::format("printed {} bytes, too many to be compared with what is expected", out_.size());
  } else if (auto difference = mismatch(*planned_.action.expect, out_.kept(), values())) {
    outcome.status = OutcomeStatus::failed;
    outcome.message = std::move(*difference);
  }
}

// Also of an attempt that failed: its undo may need what it printed.
Value ActiveStep::capture(Outcome& outcome) {
  const std::string& name = planned_.action.capture;
  if (name.empty()) return nullptr;
  if (!handler_.info().prints && !outcome.value.is_null()) return outcome.value;
  std::string problem;
  Value text = captured_text(problem);
  if (!problem.empty() && outcome.ok())
    outcome = {OutcomeStatus::failed, std::move(outcome.value), fmt::format("cannot capture '{}': {}", name, problem)};
  return text;
}

// What it printed, without the line ends at its end; null if that is no value, and then the problem.
Value ActiveStep::captured_text(std::string& problem) const {
  std::string_view text = out_.kept();
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (out_.truncated() || text.size() > max_captured_bytes) {
    problem = fmt::format("printed {} bytes; at most {} can be captured", out_.size(), max_captured_bytes);
  } else if (text.find('\0') != std::string_view::npos) {
    problem = "printed a NUL byte, which no variable can hold";
  }
  return problem.empty() ? Value(text) : Value();
}

// Only where a condition asks: what is printed is not copied into the journal otherwise.
Value ActiveStep::printed(Outcome& outcome) const {
  if (!run_.state().plan().steps()[at_.step].observed || at_.kind == ActionKind::check) return nullptr;
  std::string problem;
  Value text = captured_text(problem);
  if (!problem.empty() && outcome.ok()) {
    outcome = {OutcomeStatus::failed, std::move(outcome.value),
               fmt::format("a condition asks for its output: {}", problem)};
  }
  return text;
}

// Also of an attempt that failed: that is where its undo finds itself.
Boxed<TerminalChange> ActiveStep::terminal_change(Outcome& outcome) {
  if (!hands_on_) return {};
  for (const std::string& name : without_values(left_, values())) {
    keep(Stream::err,
         fmt::format("runbook: '{}' is a value of the run: what the script has made of it ends here\n", name));
  }
  if (secrets_) {
    for (const std::string& what : without_secrets(left_, *secrets_, secrets())) {
      keep(Stream::err, fmt::format("runbook: {} holds a secret: it is not handed on to the next step\n", what));
    }
  }
  if (left_.empty()) return {};
  if (const auto problem = too_much(left_, terminal_)) {
    if (outcome.ok()) outcome = {OutcomeStatus::failed, std::move(outcome.value), *problem};
    return {};
  }
  return std::move(left_);
}

void ActiveStep::receive(Stream stream, std::string_view bytes) {
  auto& mask = masks_[static_cast<std::size_t>(stream)];
  if (!mask) return keep(stream, bytes);
  keep(stream, mask->feed(bytes));
}

void ActiveStep::keep_the_rest() {
  for (const Stream stream : {Stream::out, Stream::err}) {
    if (auto& mask = masks_[static_cast<std::size_t>(stream)]) keep(stream, mask->finish());
  }
}

void ActiveStep::keep(Stream stream, std::string_view bytes) {
  if (bytes.empty()) return;
  captured(stream).add(bytes);
  run_.show_output(at_, stream, bytes);
}

const std::string& ActiveStep::run() const {
  return run_.id();
}

const std::string& ActiveStep::step() const {
  return run_.state().plan().steps()[at_.step].id;
}

std::string ActiveStep::idempotency_key() const {
  const std::string part = at_.part == 0 ? std::string() : fmt::format(".{}", at_.part + 1);
  return fmt::format("{}/{}/{}/{}{}", run_.id(), step(), at_.iteration, to_string(at_.kind), part);
}

std::string ActiveStep::attempt_name() const {
  return fmt::format("{}/{}/{}", idempotency_key(), number_.attempt, number_.fence);
}

const Secrets& ActiveStep::secrets() const {
  return secrets_ ? secrets_->of(run_.state().plan().steps()[at_.step].scope) : StepContext::secrets();
}

std::vector<std::string> ActiveStep::environment() const {
  return environment_of(run_.environment(), terminal_, values(), secrets());
}

const std::string& ActiveStep::directory() const {
  return terminal_.directory().empty() ? run_directory() : terminal_.directory();
}

const std::string& ActiveStep::run_directory() const {
  return run_.options().directory;
}

std::chrono::milliseconds ActiveStep::grace() const {
  return run_.engine().options().grace;
}

std::stop_token ActiveStep::stop_token() {
  if (!stop_.stop_possible()) stop_ = std::stop_source();
  return stop_.get_token();
}

void ActiveStep::output(Stream stream, std::string_view bytes) {
  if (bytes.empty()) return;
  if (run_.engine().on_engine_thread()) return receive(stream, bytes);
  run_.post([this, stream, copy = std::string(bytes)]() mutable {
    receive(stream, copy);
    wipe(copy);
  });
}

void ActiveStep::output_lost(Stream stream, std::uint64_t size) {
  if (auto& mask = masks_[static_cast<std::size_t>(stream)]) {
    keep(stream, mask->finish()); // nothing can be told of a secret that the gap divides
    mask.emplace(secrets_->redactor());
  }
  captured(stream).lose(size);
}

System& ActiveStep::system() {
  return run_.engine().system();
}

} // namespace runbook
