// One run on the engine: feeds what happened to the decider, records what it decides, and carries it out.
//
// Thread-safety: `cancel`, `wait` and `status` from any thread, the rest on the engine's.
#pragma once

#include "executor/attempts.hpp"
#include "executor/engine.hpp"
#include "executor/former_owners.hpp"
#include "executor/run_timers.hpp"
#include "secret/run_secrets.hpp"

#include <runbook/decider.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace runbook {

class Run : public std::enable_shared_from_this<Run> {
public:
  /// Fails if the plan needs a handler that the engine does not have, or a secret that cannot be got.
  static Result<std::shared_ptr<Run>> make(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options);

  /// Takes up a run of the engine's store: everything is as its events left it, and what comes next is recorded.
  static Result<std::shared_ptr<Run>> resume(std::shared_ptr<Engine> engine, const std::string& id,
                                             ResumeOptions options);

  /// Before the engine has the run: records its beginning and the first intents in one commit.
  [[nodiscard]] Result<void> record_beginning();
  /// Carries out what `record_beginning` or `resume` recorded, and goes on.
  void begin();

  void cancel(const std::string& who);
  /// Who brings an answer: the approver knows then that its question is settled.
  enum class Answerer : std::uint8_t { approver, somebody_else };
  /// On the engine's thread. `message`: the store's number of the message that brought it, if one did.
  [[nodiscard]] Result<void> answer(const std::string& token, const Answer& answer, Answerer by,
                                    std::uint64_t message = 0);
  /// Whoever is asked now or later cannot be reached.
  void nobody_can_be_asked();

  [[nodiscard]] const std::string& id() const noexcept { return header_->run; }
  [[nodiscard]] RunStatus status() const;
  /// Without a time: for ever.
  [[nodiscard]] std::optional<RunResult> wait(std::optional<std::chrono::milliseconds> time) const;

  // For the engine, when it commits for several runs at once: what the run waits to be recorded, and how that went.
  [[nodiscard]] Append pending();
  void committed(Result<void> result);

  // For the attempt that is under way.
  /// Any thread: runs a function on the engine's thread; the run lives until then.
  void post(std::function<void()> work);
  void attempt_completed(ActiveStep& step);
  void attempt_expired(const ActionRef& at, std::uint32_t attempt);
  void show_output(const ActionRef& at, Stream stream, std::string_view bytes);
  [[nodiscard]] Engine& engine() noexcept { return *engine_; }
  [[nodiscard]] const RunState& state() const noexcept { return state_; }
  [[nodiscard]] const StartOptions& options() const noexcept { return options_; }
  /// What programs get of the host's environment: what every run does, and what this one's runbook names.
  [[nodiscard]] const std::vector<std::string>& environment() const noexcept { return environment_; }
  /// Null if there are none, and when the run has ended.
  [[nodiscard]] const std::shared_ptr<const RunSecrets>& secrets() const noexcept { return secrets_; }

private:
  Run(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options, std::shared_ptr<const RunHeader> header,
      std::vector<std::shared_ptr<const Handler>> handlers);
  [[nodiscard]] Result<void> get_secrets();
  [[nodiscard]] Result<void> claim(std::vector<Event> earlier);

  /// What the answer comes to, or why it is none. A secret is one of the run's from then on.
  [[nodiscard]] Result<EventData> answered(const std::string& token, const OpenQuestion& question,
                                           const Answer& answer);

  /// Records what happened and goes on.
  void happened(EventData data);
  void advance();
  void go_on();
  template <class Work>
  void guarded(Work work);
  void record(EventData data);
  void decide_and_record();
  [[nodiscard]] bool commit();
  void notify();
  void show(const std::vector<Event>& events);
  void conclude_attempts();
  void record_output(ActiveStep& step, const StepOutcome& outcome, Stream stream);
  [[nodiscard]] bool carry_out();
  void stamp_batch();
  void perform(const StartAction& command);
  void perform(const TakeUpAction& command);
  void perform(const ResolveDoubt&) {}
  void perform(const Ask& command);
  void perform(const Withdraw& command);
  void perform(const SettleAction&) {}
  void perform(const SettleStep&) {}
  void perform(const BeginLoop&) {}
  void perform(const SetTimer& command);
  void perform(const StopAction& command);
  void perform(const BeginRollback&) { timers_.clear(); } // pauses that the end has cut short
  void perform(const Park&) {}
  void perform(const Close&) {}
  void withdraw(const std::string& token) noexcept;
  void take_messages();
  void look_again();

  // The lease (run_lease.cpp).
  /// Begins it anew if that is due, or if it is over.
  void keep_lease();
  void begin_lease();
  [[nodiscard]] Result<void> renew_lease();
  [[nodiscard]] bool has_lease() const;
  void halt(Error error);
  void break_off(std::string why);
  void finish();

  std::shared_ptr<Engine> engine_;
  std::vector<std::string> environment_;
  StartOptions options_;
  std::shared_ptr<const RunHeader> header_;
  std::shared_ptr<const RunSecrets> secrets_;
  std::vector<std::shared_ptr<const Handler>> handlers_; // in the order of the plan's handlers
  RunState state_;
  std::unique_ptr<Journal> journal_;
  std::vector<Observer*> observers_;
  std::vector<Event> batch_;                   // recorded and not yet durable
  std::vector<Event> durable_;                 // being shown to observers
  std::shared_ptr<const FormerOwners> former_; // of a run that is taken up again
  std::vector<Event> earlier_;                 // of a run that is taken up again, until observers have seen them
  std::vector<Blob> blobs_;
  std::uint64_t seq_ = 0;
  std::vector<Command> commands_;
  std::vector<Command> effects_; // to be carried out when the batch is durable
  Attempts attempts_;
  RunTimers timers_;
  std::unique_ptr<Activity> look_;                      // for messages, when the time comes
  std::uint64_t last_message_ = 0;                      // that was read
  std::chrono::steady_clock::time_point lease_renewed_; // when the store was last asked, with success
  std::vector<std::string> settled_;                    // attempts whose ends are recorded and not yet durable
  std::optional<Error> error_;                          // the journal could not be written
  bool advancing_ = false;
  bool finished_ = false;

  mutable std::mutex mutex_; // guards what follows
  mutable std::condition_variable ended_;
  RunStatus status_ = RunStatus::running;
  std::optional<RunResult> result_; // without the events
};

} // namespace runbook
