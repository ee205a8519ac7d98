// The outside world: every effect of the engine goes through one of these small interfaces. An embedder replaces any of
// them through `ExecutorOptions`; testing.hpp has fakes.
//
// Thread-safety: the engine calls them on its own thread; callbacks may come on any thread unless said otherwise.
// `WorkerPool::post` may be called from any thread.
#pragma once

#include <runbook/outcome.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

/// Wall clock time. Used to label events; durations are never measured with it.
class RUNBOOK_EXPORT Clock {
public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual std::chrono::system_clock::time_point now() const = 0;
};

/// A program to run. Its standard input is at end of file; it leads a session and process group of its own; it
/// inherits no descriptor but its standard three. No signal is blocked, handled or ignored in it, but for real-time
/// signals that the host has begun to ignore since the runner was made.
struct ProcessSpec {
  std::string program{};                  ///< a path, or a name that is looked up in the PATH of `environment`
  std::vector<std::string> arguments{};   ///< without the program itself
  std::vector<std::string> environment{}; ///< `NAME=value`, the whole of it: nothing of the host's is added
  std::string directory{};                ///< where it starts; empty: where the host is
  std::chrono::milliseconds grace{5000};  ///< between SIGTERM and SIGKILL when it is stopped
  /// How long after the program's own end its pipes are still read when something else holds them open.
  std::chrono::milliseconds drain{500};
  /// How long the report of its end waits for members of its group that were killed and still run: there are waits, for
  /// a disk for example, that the system lets nobody out of.
  std::chrono::milliseconds settle{5000};
  /// Set: the program finds the path of an empty file in this variable and may write something into it that is no
  /// output (`ProcessEvents::on_result`). The path has no character that a shell would have to quote.
  std::string result_variable{};
  std::size_t max_result = std::size_t{4} * 1024 * 1024; ///< bytes of the result that are handed over
};

/// How a process ended.
struct ProcessExit {
  enum class Kind : std::uint8_t {
    exited,   ///< `code` is the exit code
    signaled, ///< `code` is the signal's number
    unknown,  ///< the host took the exit status away (a foreign wait, SIGCHLD ignored): never invented
  };
  Kind kind = Kind::unknown;
  int code = 0;

  friend bool operator==(const ProcessExit&, const ProcessExit&) = default;
};

/// Work under way that can be asked to stop. Destroying it stops the work without a further callback.
class RUNBOOK_EXPORT Activity {
public:
  virtual ~Activity() = default;
  /// Asks for an early end. May be called repeatedly. The end is still reported through the callback.
  virtual void stop() = 0;
};

/// What a process reports, on the engine's thread: any number of `on_output`, then exactly one `on_exit`; or nothing
/// but one `on_failed`. Never before `ProcessRunner::start` has returned.
struct ProcessEvents {
  std::function<void(Stream, std::string_view)> on_output;
  std::function<void(ProcessExit)> on_exit;
  /// Instead of `on_exit`: the start was put off (see `ProcessRunner::start`), and nothing has run. The error is the
  /// one that `start` would have returned, or `errc::cancelled` after a stop. Without this callback no start is put
  /// off.
  std::function<void(Error)> on_failed{};
  /// Just before `on_exit`, if `ProcessSpec::result_variable` is set: the first bytes of what the program has written
  /// into its result, and how many there are of it.
  std::function<void(std::string_view bytes, std::uint64_t size)> on_result{};
};

class RUNBOOK_EXPORT ProcessRunner {
public:
  virtual ~ProcessRunner() = default;
  /// Starts the program. Fails with `errc::exec_failed` if it cannot be started at all (no such program, not
  /// executable, no such directory): then nothing ran. `stop()` sends SIGTERM to the process group, waits `grace`,
  /// then sends SIGKILL to the group; at the end of every process its group is killed, and `on_exit` comes when no
  /// member runs any more, or after `settle`.
  ///
  /// A start for which the host has too few descriptors, processes or memory left fails only if nothing runs that would
  /// give some back. Else it is put off, and tried again whenever a process of this runner has ended; starts that were
  /// put off go first come, first served. Stopped or destroyed meanwhile it is never launched.
  [[nodiscard]] virtual Result<std::unique_ptr<Activity>> start(const ProcessSpec& spec, ProcessEvents events) = 0;
};

/// An HTTP request with everything already in its place: no templates are expanded here.
struct HttpRequest {
  std::string method = "GET";
  std::string url{};
  std::vector<std::pair<std::string, std::string>> headers{};
  std::string body{};
  std::chrono::milliseconds timeout{30000};            ///< for the whole exchange
  std::size_t max_body = std::size_t{8} * 1024 * 1024; ///< decoded bytes; over it the exchange fails
  bool follow_redirects = false; ///< at most 10, GET and HEAD only, never from https to http; credentials stay behind
  std::string ca_file{};         ///< certificate authorities to trust instead of the system's
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{}; ///< names in lower case
  std::string body{};
};

class RUNBOOK_EXPORT HttpClient {
public:
  virtual ~HttpClient() = default;
  /// Starts an exchange. `done` is called once, on the engine's thread, never before this returns. After
  /// `Activity::stop` the result is `errc::cancelled`. Only `http` and `https` URLs are accepted.
  [[nodiscard]] virtual Result<std::unique_ptr<Activity>> start(HttpRequest request,
                                                                std::function<void(Result<HttpResponse>)> done) = 0;
};

/// Threads for work that blocks.
class RUNBOOK_EXPORT WorkerPool {
public:
  virtual ~WorkerPool() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// A yes-or-no question for a person.
struct Question {
  std::string run{};
  std::string token{}; ///< names the question within the run; `RunHandle::answer` takes it
  QuestionKind kind = QuestionKind::step;
  std::string step{}; ///< id of the step; empty if the question is about the run
  std::string title{};
  std::string text{};
};

/// What a person said. `who` is recorded.
struct Answer {
  bool yes = false;
  std::string who{};
  std::string note{};
  /// Nobody has answered and nobody will (the terminal is gone): no answer at all, the run parks as it does when
  /// `Approver::ask` fails. `note` says why.
  bool unreachable = false;
};

/// Reaches people. There is no default "yes": with no approver a run waits for `RunHandle::answer`.
class RUNBOOK_EXPORT Approver {
public:
  virtual ~Approver() = default;
  /// Puts the question; `reply` is called later or at once, from any thread, at most once. Fails with
  /// `errc::approver_unavailable` when nobody can be asked: then the run parks.
  [[nodiscard]] virtual Result<void> ask(const Question& question, std::function<void(Answer)> reply) = 0;
  /// The question is no longer open (answered elsewhere, cancelled). A later reply to it is ignored.
  virtual void withdraw(const std::string& run, const std::string& token) = 0;
};

/// The world as a step's handler sees it.
struct System {
  Clock& clock;
  ProcessRunner& processes;
  HttpClient& http;
  WorkerPool& workers;
};

} // namespace runbook
