#include <runbook/testing.hpp>

#include "http/request_list.hpp"

#include <algorithm>

namespace runbook::testing {

FakeHandler::Answer& FakeHandler::Answer::print(std::string output) {
  output_ = std::move(output);
  return *this;
}

FakeHandler::Answer& FakeHandler::Answer::fail(std::string message) {
  outcome_ = Outcome{OutcomeStatus::failed, nullptr, std::move(message)};
  return *this;
}

FakeHandler::Answer& FakeHandler::Answer::succeed(Value value) {
  outcome_ = Outcome{OutcomeStatus::ok, std::move(value), {}};
  return *this;
}

FakeHandler::Answer& FakeHandler::Answer::leave(TerminalChange change) {
  terminal_ = std::move(change);
  return *this;
}

FakeHandler::Answer& FakeHandler::Answer::hang() {
  hangs_ = true;
  return *this;
}

namespace {

HandlerInfo fake_info(std::string name) {
  HandlerInfo info;
  info.name = std::move(name);
  info.description = "A fake";
  info.expand = false;
  info.prints = true;
  return info;
}

// A call that ends when it is stopped. It owns itself until then.
struct HangingCall {
  explicit HangingCall(Completion completion) : done(std::move(completion)) {}
  Completion done;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

void hang_until_stopped(StepContext& context, Completion done) {
  auto call = std::make_shared<HangingCall>(std::move(done));
  call->on_stop.emplace(context.stop_token(), [call] {
    const auto last = call; // what the callback holds goes with it
    last->done(Outcome{OutcomeStatus::cancelled, nullptr, "stopped"});
    last->on_stop.reset();
  });
}

} // namespace

FakeHandler::FakeHandler(std::string name) : info_(fake_info(std::move(name))) {}

FakeHandler::Answer& FakeHandler::on(std::string text) {
  Answer& answer = answers_.emplace_front();
  answer.text_ = std::move(text);
  return answer;
}

std::vector<std::string> FakeHandler::calls() const {
  const std::scoped_lock lock(mutex_);
  return calls_;
}

const FakeHandler::Answer* FakeHandler::answer_to(const Values& params) const {
  for (const Answer& answer : answers_) {
    if (answer.text_.empty()) return &answer;
    for (const auto& param : params) {
      const auto* text = param.value().if_string();
      if (text != nullptr && std::string_view(*text).find(answer.text_) != std::string_view::npos) return &answer;
    }
  }
  return nullptr;
}

std::vector<std::string> FakeHandler::captures(const Action& action) const {
  if (info_.name != "http") return {};
  const std::vector<std::string_view> names = http::captured_names(action.params);
  return {names.begin(), names.end()};
}

void FakeHandler::start(StepContext& context, Completion done) const {
  const auto first = std::ranges::find_if(context.params(), [](const auto& p) { return p.value().is_string(); });
  std::string call = context.step();
  if (first != context.params().end()) call += ": " + to_text(first->value());
  {
    const std::scoped_lock lock(mutex_);
    calls_.push_back(std::move(call));
  }
  const Answer* answer = answer_to(context.params());
  if (answer == nullptr) return done(Outcome{});
  context.output(Stream::out, answer->output_);
  context.leave(answer->terminal_);
  if (answer->hangs_) return hang_until_stopped(context, std::move(done));
  done(answer->outcome_);
}

ScriptedApprover& ScriptedApprover::say(std::string token, bool yes) {
  answers_.emplace_back(std::move(token), yes);
  return *this;
}

std::vector<std::string> ScriptedApprover::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

Result<void> ScriptedApprover::ask(const Question& question, std::function<void(Answer)> reply) {
  {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(question.token);
  }
  const auto answer = std::ranges::find(answers_, question.token, &std::pair<std::string, bool>::first);
  if (answer == answers_.end()) {
    return Error{errc::approver_unavailable, "the script has no answer to '" + question.token + "'", {}};
  }
  Answer said;
  said.yes = answer->second;
  said.who = "script";
  reply(said);
  return {};
}

void ScriptedApprover::withdraw(const std::string&, const std::string&) {}

FakeSecretSource& FakeSecretSource::has(std::string origin, std::string_view secret) {
  secrets_.insert_or_assign(std::move(origin), Secret(secret));
  return *this;
}

std::vector<std::string> FakeSecretSource::asked() const {
  const std::scoped_lock lock(mutex_);
  return asked_;
}

Result<Secret> FakeSecretSource::get(const SecretRequest& request) {
  const std::string origin = to_string(request.origin);
  {
    const std::scoped_lock lock(mutex_);
    asked_.push_back(request.name + " from " + origin);
  }
  const auto found = secrets_.find(origin);
  if (found == secrets_.end()) return Error{errc::secret_unavailable, "the source was told nothing of it", {}};
  return found->second;
}

Result<void> FaultyStore::State::write() {
  const std::uint64_t number = ++writes;
  if (first == 0 || number < first || number - first >= count) return {};
  return Error{errc::store_error, "the store was told to fail", {}};
}

class FaultyStore::FaultyJournal final : public Journal {
public:
  FaultyJournal(std::unique_ptr<Journal> journal, std::shared_ptr<State> state)
      : Journal(journal->fence(), journal->last_seq()), journal_(std::move(journal)), state_(std::move(state)) {}

protected:
  Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) override {
    if (auto allowed = state_->write(); !allowed) return allowed;
    return journal_->append(events, blobs);
  }
  Result<void> do_renew(Lease lease) override { return journal_->renew(lease); }

private:
  std::unique_ptr<Journal> journal_;
  std::shared_ptr<State> state_;
};

FaultyStore::FaultyStore(std::shared_ptr<RunStore> store)
    : store_(std::move(store)), state_(std::make_shared<State>()) {}

void FaultyStore::fail_at(std::uint64_t n, std::uint64_t count) {
  state_->count = count;
  state_->first = state_->writes + n;
}

Result<std::unique_ptr<Journal>> FaultyStore::do_create(std::string_view document, std::span<const Event> events) {
  if (auto allowed = state_->write(); !allowed) return allowed.error();
  auto journal = store_->create(document, events);
  if (!journal) return journal;
  return std::unique_ptr<Journal>(std::make_unique<FaultyJournal>(std::move(*journal), state_));
}

Result<std::unique_ptr<Journal>> FaultyStore::do_claim(const std::string& run, const Claimed& owner,
                                                       std::chrono::system_clock::time_point now,
                                                       std::uint64_t last_seq) {
  if (auto allowed = state_->write(); !allowed) return allowed.error();
  auto journal = store_->claim(run, owner, now, last_seq);
  if (!journal) return journal;
  return std::unique_ptr<Journal>(std::make_unique<FaultyJournal>(std::move(*journal), state_));
}

Result<std::vector<Event>> FaultyStore::do_load(const std::string& run) {
  return store_->load(run);
}
Result<std::string> FaultyStore::do_document(const std::string& run) {
  return store_->document(run);
}
Result<std::string> FaultyStore::do_output(const std::string& run, std::uint64_t seq) {
  return store_->output(run, seq);
}
Result<std::vector<RunSummary>> FaultyStore::do_list() {
  return store_->list();
}
Result<std::uint64_t> FaultyStore::do_post(const std::string& run, const Message& message) {
  if (auto allowed = state_->write(); !allowed) return allowed.error();
  return store_->post(run, message);
}
Result<std::vector<Message>> FaultyStore::do_messages(const std::string& run, std::uint64_t after) {
  return store_->messages(run, after);
}

} // namespace runbook::testing
