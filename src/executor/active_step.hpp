// An attempt that is under way: what its handler sees of it, and what it has printed so far.
//
// Thread-safety: `output`, `stop_token` and `complete` from any thread, the rest on the engine's.
#pragma once

#include "executor/output_capture.hpp"
#include "secret/run_secrets.hpp"

#include <runbook/decider.hpp>
#include <runbook/handler.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <optional>
#include <string>

namespace runbook {

class Run;

class ActiveStep final : public StepContext {
public:
  /// Which attempt, and the fence of the owner that has started it.
  struct Number {
    std::uint32_t attempt = 1;
    std::uint64_t fence = 1;
  };
  enum class Mode : std::uint8_t { start, take_up };

  ActiveStep(Run& run, const ActionRef& at, Number number, const Handler& handler, Mode mode);
  ~ActiveStep() override;
  ActiveStep(const ActiveStep&) = delete;
  ActiveStep& operator=(const ActiveStep&) = delete;

  /// Starts the handler. The attempt may have completed when this returns.
  void start();
  /// Requests an early end because the run wants it.
  void cancel();
  /// Requests an early end because the time is over.
  void expire();
  /// Whether the handler has completed.
  [[nodiscard]] bool completed() const noexcept { return outcome_.has_value(); }
  /// Whether nobody can tell how the attempt went.
  [[nodiscard]] bool is_in_doubt() const noexcept { return doubt_.has_value(); }
  /// Instead of `conclude`.
  [[nodiscard]] StepDoubt doubt() const;
  /// How the attempt ended, with everything taken into account that the document says about it. Call once.
  [[nodiscard]] StepOutcome conclude();
  /// The last thing: what it captured can be added to the values without a copy of them.
  void forget_values() noexcept { values_.reset(); }
  [[nodiscard]] OutputCapture& captured(Stream stream) noexcept { return stream == Stream::out ? out_ : err_; }
  [[nodiscard]] const ActionRef& at() const noexcept { return at_; }
  /// What a program or a handler has printed. On the engine's thread.
  void receive(Stream stream, std::string_view bytes);

  // StepContext
  [[nodiscard]] const std::string& run() const override;
  [[nodiscard]] const std::string& step() const override;
  [[nodiscard]] std::uint32_t attempt() const override { return number_.attempt; }
  [[nodiscard]] std::string attempt_name() const override;
  [[nodiscard]] bool takes_up() const override { return mode_ == Mode::take_up; }
  void in_doubt(const Error& error) override { doubt_ = error; }
  [[nodiscard]] std::string idempotency_key() const override;
  [[nodiscard]] const Action& action() const override { return planned_.action; }
  [[nodiscard]] const Values& params() const override { return expanded_ ? *expanded_ : planned_.action.params; }
  [[nodiscard]] const Values& values() const override { return *values_; }
  [[nodiscard]] const Secrets& secrets() const override;
  [[nodiscard]] std::vector<std::string> environment() const override;
  [[nodiscard]] const std::string& directory() const override;
  [[nodiscard]] const std::string& run_directory() const override;
  [[nodiscard]] bool hands_on() const override { return hands_on_; }
  void leave(TerminalChange change) override { left_ = std::move(change); }
  /// None for what is repeated until something is true: that time is for all attempts together.
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const override {
    return planned_.until ? std::nullopt : planned_.action.timeout;
  }
  [[nodiscard]] std::chrono::milliseconds grace() const override;
  [[nodiscard]] std::stop_token stop_token() override;
  void output(Stream stream, std::string_view bytes) override;
  void output_lost(Stream stream, std::uint64_t size) override;
  [[nodiscard]] System& system() override;

private:
  void complete(Outcome&& outcome);
  /// Records and shows what has no secret in it.
  void keep(Stream stream, std::string_view bytes);
  void keep_the_rest();
  [[nodiscard]] Result<void> expand_params();
  void arm_deadline();
  void check_expectation(Outcome& outcome) const;
  [[nodiscard]] Value capture(Outcome& outcome);
  [[nodiscard]] Value captured_text(std::string& problem) const;
  [[nodiscard]] Value printed(Outcome& outcome) const;
  [[nodiscard]] Boxed<TerminalChange> terminal_change(Outcome& outcome);

  Run& run_;
  ActionRef at_;
  Number number_;
  Mode mode_;
  const PlannedAction& planned_;
  const Handler& handler_;
  std::shared_ptr<const Values> values_; // as the attempt finds them: others may capture while a worker reads
  Terminal terminal_;                    // as the attempt finds it
  bool hands_on_;
  TerminalChange left_;
  std::optional<Values> expanded_;
  std::stop_source stop_{std::nostopstate};
  bool starting_ = false;  // the handler's start() is on the stack
  bool cancelled_ = false; // a stop was requested by the run
  bool overdue_ = false;   // a stop was requested because the time is over
  std::optional<Outcome> outcome_;
  std::optional<Error> doubt_;
  std::unique_ptr<Activity> deadline_;
  std::shared_ptr<const RunSecrets> secrets_; // null: there are none
  std::array<std::optional<RedactedStream>, 2> masks_;
  OutputCapture out_;
  OutputCapture err_;
};

} // namespace runbook
