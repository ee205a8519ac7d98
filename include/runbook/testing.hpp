// Fakes, for the library's own tests and for yours: test a runbook without touching the world.
//
//   rb::HandlerRegistry handlers = rb::builtin_handlers();
//   auto shell = std::make_shared<rb::testing::FakeHandler>("shell");
//   shell->on("systemctl restart").fail("exit code 1");
//   handlers.replace(shell);
//   rb::Executor executor{handlers};
//   auto result = executor.run(rb::make_plan(book, handlers, inputs).value());
//   // result.status, shell->calls()
//
// Thread-safety: all may be used from any thread. Set them up before the run starts.
#pragma once

#include <runbook/executor.hpp>
#include <runbook/handler.hpp>
#include <runbook/store.hpp>
#include <runbook/system.hpp>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

/// A clock that stands still until it is moved.
class RUNBOOK_EXPORT FakeClock final : public Clock {
public:
  explicit FakeClock(std::chrono::system_clock::time_point start = {}) : now_(start.time_since_epoch()) {}
  [[nodiscard]] std::chrono::system_clock::time_point now() const override {
    return std::chrono::system_clock::time_point(now_.load());
  }
  void advance(std::chrono::system_clock::duration time) { now_ = now_.load() + time; }

private:
  std::atomic<std::chrono::system_clock::duration> now_;
};

/// Timers for which time passes only when it is told to.
class RUNBOOK_EXPORT FakeTimers final : public Timers {
public:
  FakeTimers();
  /// Waits until so many timers are under way; false: there were fewer for 30 s.
  [[nodiscard]] bool await(std::size_t count);
  /// Lets time pass. The timers that are over by then say so on this thread.
  void advance(std::chrono::milliseconds time);

  std::unique_ptr<Activity> start(std::chrono::milliseconds time, std::function<void(bool over)> done) override;

private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Files that exist only in memory. Every folder is there; a path is a name and nothing else.
class RUNBOOK_EXPORT FakeFiles final : public Files {
public:
  struct Entry {
    std::string text{};
    std::uint32_t mode = 0644;
  };
  /// Makes a file.
  void put(const std::string& path, std::string text, std::uint32_t mode = 0644);
  [[nodiscard]] std::optional<Entry> get(const std::string& path) const;
  /// From now on every change fails with this message; an empty one ends that.
  void fail(std::string message);

  Result<bool> replace(const FileChange& change) override;
  Result<bool> restore(const std::string& path, const std::string& backup) override;

private:
  mutable std::mutex mutex_;
  std::map<std::string, Entry> files_;
  std::map<std::string, std::optional<Entry>> kept_;
  std::string failure_;
};

/// Users of a machine that is not this one.
class RUNBOOK_EXPORT FakeUsers final : public Users {
public:
  explicit FakeUsers(User own, std::vector<User> others = {}) : own_(std::move(own)), others_(std::move(others)) {}
  Result<User> find(const std::string& name) override;
  User own() override { return own_; }

private:
  User own_;
  std::vector<User> others_;
};

/// Stands in for a handler of the same name: does nothing, remembers its calls, and answers as it was told. Without
/// being told anything it succeeds.
class RUNBOOK_EXPORT FakeHandler final : public Handler {
public:
  /// What is answered to actions that hold a text.
  class RUNBOOK_EXPORT Answer {
  public:
    /// Succeeds, having printed `output`.
    Answer& print(std::string output);
    /// Fails with the message, having printed what `print` said.
    Answer& fail(std::string message);
    /// Succeeds with the value.
    Answer& succeed(Value value);
    /// Leaves something in the terminal, whether it succeeds or fails.
    Answer& leave(TerminalChange change);
    /// Does not end until it is stopped.
    Answer& hang();

  private:
    friend class FakeHandler;
    std::string text_;
    std::string output_;
    Outcome outcome_;
    TerminalChange terminal_;
    bool hangs_ = false;
  };

  /// Parameters are not expanded and what is printed is captured, as for `shell` and `http`; give an `HandlerInfo` to
  /// say otherwise.
  explicit FakeHandler(std::string name);
  explicit FakeHandler(HandlerInfo info) : info_(std::move(info)) {}

  /// What to answer to actions one of whose string parameters holds `text`; the empty text is in every action. What is
  /// said later is asked first.
  Answer& on(std::string text);

  /// "STEP: the first string parameter", in the order of the calls.
  [[nodiscard]] std::vector<std::string> calls() const;

  [[nodiscard]] const HandlerInfo& info() const override { return info_; }
  /// In the place of `http`: those of the requests. Their values are what `Answer::succeed` says.
  [[nodiscard]] std::vector<std::string> captures(const Action& action) const override;
  void start(StepContext& context, Completion done) const override;

private:
  [[nodiscard]] const Answer* answer_to(const Values& params) const;

  HandlerInfo info_;
  std::deque<Answer> answers_;
  mutable std::mutex mutex_;
  mutable std::vector<std::string> calls_;
};

/// Answers questions by token from a list; a question that is not in it cannot be put.
class RUNBOOK_EXPORT ScriptedApprover final : public Approver {
public:
  ScriptedApprover& say(std::string token, bool yes);
  /// The tokens of the questions that were put, in order.
  [[nodiscard]] std::vector<std::string> asked() const;

  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override;
  void withdraw(const std::string& run, const std::string& token) override;

private:
  std::vector<std::pair<std::string, bool>> answers_;
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

/// Has the secrets that it was told, by what they come from ("env:TOKEN"), and remembers what it was asked for.
class RUNBOOK_EXPORT FakeSecretSource final : public SecretSource {
public:
  FakeSecretSource& has(std::string origin, std::string_view secret);
  /// "NAME from ORIGIN", in the order of the calls.
  [[nodiscard]] std::vector<std::string> asked() const;

  /// Fails with `errc::secret_unavailable` for an origin of which nothing was said.
  [[nodiscard]] Result<Secret> get(const SecretRequest& request) override;

private:
  Secrets secrets_; // by origin
  mutable std::mutex mutex_;
  std::vector<std::string> asked_;
};

/// Passes everything on to another store until it is told to fail.
class RUNBOOK_EXPORT FaultyStore final : public RunStore {
public:
  explicit FaultyStore(std::shared_ptr<RunStore> store);
  /// The n-th write from now on (1 is the next; creating a run and leaving a message are writes) and all after it fail,
  /// `count` of them.
  void fail_at(std::uint64_t n, std::uint64_t count = UINT64_MAX);
  /// Writes that were tried so far.
  [[nodiscard]] std::uint64_t writes() const noexcept { return state_->writes; }
  [[nodiscard]] bool is_shared() const noexcept override { return store_->is_shared(); }

protected:
  Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) override;
  Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                            std::chrono::system_clock::time_point now, std::uint64_t last_seq) override;
  Result<std::vector<Event>> do_load(const std::string& run) override;
  Result<std::string> do_document(const std::string& run) override;
  Result<std::string> do_output(const std::string& run, std::uint64_t seq) override;
  Result<std::vector<RunSummary>> do_list() override;
  Result<std::uint64_t> do_post(const std::string& run, const Message& message) override;
  Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after) override;

private:
  struct State {
    std::atomic<std::uint64_t> writes = 0;
    std::atomic<std::uint64_t> first = 0; // 0: none fails
    std::atomic<std::uint64_t> count = 0;
    [[nodiscard]] Result<void> write();
  };
  class FaultyJournal;

  std::shared_ptr<RunStore> store_;
  std::shared_ptr<State> state_;
};

} // namespace runbook::testing
