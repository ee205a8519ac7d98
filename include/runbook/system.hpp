// The outside world: every effect of the engine goes through one of these small interfaces. An embedder replaces any of
// them through `ExecutorOptions`; testing.hpp has fakes.
//
// Thread-safety: the engine calls them on its own thread; callbacks may come on any thread unless said otherwise.
// `WorkerPool::post`, `Files` and `Users` may be called from any thread.
#pragma once

#include <runbook/answer.hpp>
#include <runbook/outcome.hpp>
#include <runbook/secret.hpp>

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
  /// The environment holds secrets: what the runner copies of it and of what the program says is overwritten after use,
  /// and there is a result only where it can be kept in memory.
  bool confidential = false;
  /// Names this start, for a runner that outlives its host (`ProcessRunner::outlives_host`): it launches nothing twice
  /// under one name, and the program goes on when the host ends. Empty: it ends with the host.
  std::string name{};
  /// Launches nothing: takes up what was started under the name by a host that has ended. All that it has said since
  /// its start is reported, then what it says now, then its end. See `ProcessRunner::start`.
  bool take_up = false;
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

/// Lets time pass, without a thread that waits for it.
class RUNBOOK_EXPORT Timers {
public:
  virtual ~Timers() = default;
  /// Calls `done(true)` when the time is over, or `done(false)` after `Activity::stop`; once, and never before this
  /// returns.
  [[nodiscard]] virtual std::unique_ptr<Activity> start(std::chrono::milliseconds time,
                                                        std::function<void(bool over)> done) = 0;
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
  /// So many bytes of a stream of a program that was taken up are not there any more; they belong between what was
  /// reported before and what comes next.
  std::function<void(Stream, std::uint64_t size)> on_lost{};
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
  ///
  /// With `ProcessSpec::take_up` it fails with `errc::not_found` if nothing was ever launched under the name, and then
  /// nothing will be; with `errc::in_doubt` if something may have been and nobody can tell how it went; and with
  /// `errc::exec_failed` if it could not be started. A runner that does not outlive its host fails with
  /// `errc::in_doubt`.
  [[nodiscard]] virtual Result<std::unique_ptr<Activity>> start(const ProcessSpec& spec, ProcessEvents events) = 0;
  /// Whether a program that was started under a name goes on when the host ends, and can be taken up.
  [[nodiscard]] virtual bool outlives_host() const { return false; }
  /// The end of what was started under the name is on record elsewhere: nobody will take it up any more.
  virtual void forget(const std::string&) {}
  /// Kills what runs, from any thread and without waiting for anything: for the moment at which this host must not go
  /// on, and its engine's thread may hang. The ends are reported as always.
  virtual void kill_all() noexcept {}
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
  std::string
      client_cert{};        ///< PEM file of the certificate to show to the server; not shown after a redirect elsewhere
  std::string client_key{}; ///< PEM file of its private key, not encrypted; empty: it is in `client_cert`
  std::string proxy{};      ///< http://HOST:PORT; empty: none, whatever the environment says
};

struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers{}; ///< names in lower case
  std::string body{};
};

class RUNBOOK_EXPORT HttpClient {
public:
  virtual ~HttpClient() = default;
  /// Starts an exchange. `done` is called once, on the engine's thread, never before this returns. Only `http` and
  /// `https` URLs are accepted. After `Activity::stop` the result is `errc::cancelled`. But where a request that may
  /// change something was sent and its answer is lost, by a stop, a timeout or a broken connection, the result is
  /// `errc::in_doubt`: it is not known whether the server acted on it.
  [[nodiscard]] virtual Result<std::unique_ptr<Activity>> start(HttpRequest request,
                                                                std::function<void(Result<HttpResponse>)> done) = 0;
};

/// What a file is to become.
struct FileChange {
  std::string path{}; ///< where it is a symbolic link, the file that it leads to is meant
  std::string text{};
  /// Permission bits; unset: those of the file that is replaced, or what the system gives new files.
  std::optional<std::uint32_t> mode{};
  /// Where the file that was there is kept, in the same folder; empty: nowhere. If there was none, that is noted there.
  /// What is kept there already stays: it is what there was before the first of several attempts.
  std::string backup{};
};

/// Files that steps write. All of its functions block.
class RUNBOOK_EXPORT Files {
public:
  virtual ~Files() = default;
  /// Puts the text in the place of what is there, whole or not at all, and so that a power failure does not lose it. A
  /// file that is replaced keeps its owner and group. False: everything was as it is to be, and nothing was done.
  /// Refuses what is no regular file. Errors are `errc::io_error`.
  [[nodiscard]] virtual Result<bool> replace(const FileChange& change) = 0;
  /// Puts back what `replace` has kept, or removes the file if there was none; then nothing is kept any more. False:
  /// nothing is kept, so nothing was changed, or it has been put back already.
  [[nodiscard]] virtual Result<bool> restore(const std::string& path, const std::string& backup) = 0;
};

/// The files of this machine.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<Files> system_files();

/// A user of this machine.
struct User {
  std::string name{};
  std::uint32_t id = 0;
  std::uint32_t group = 0;
  std::string home{};
  std::string shell{};
};

class RUNBOOK_EXPORT Users {
public:
  virtual ~Users() = default;
  /// `errc::not_found` if there is no such user, `errc::io_error` if the list of users cannot be read.
  [[nodiscard]] virtual Result<User> find(const std::string& name) = 0;
  /// As whom this program acts. A user without a name is called "user number 1234".
  [[nodiscard]] virtual User own() = 0;
};
/// A secret that a run needs.
struct SecretRequest {
  std::string name{};      ///< the input's
  SecretOrigin origin{};   ///< never `given`
  std::string directory{}; ///< what a relative path is relative to, and where a command runs; empty: here
  std::vector<std::string> environment{}; ///< for a command: `NAME=value`
};

/// Gets secrets from where they come from.
class RUNBOOK_EXPORT SecretSource {
public:
  virtual ~SecretSource() = default;
  /// Called once for each secret on the thread that starts the run, before anything of the run is recorded; may block.
  /// An error's message says what was tried and never holds a value. No secret: there is none, which is an error only
  /// if the input is required.
  [[nodiscard]] virtual Result<Secret> get(const SecretRequest& request) = 0;
};

/// The host's environment, its files and commands. A command has a minute; what it says on its error stream is dropped.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<SecretSource> make_secret_source();

/// A source that calls a function: an embedder's own store of secrets.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<SecretSource>
make_secret_source(std::function<Result<Secret>(const SecretRequest&)> get);

/// Threads for work that blocks.
class RUNBOOK_EXPORT WorkerPool {
public:
  virtual ~WorkerPool() = default;
  virtual void post(std::function<void()> work) = 0;
};

/// A question for a person.
struct Question {
  std::string run{};
  std::string token{}; ///< names the question within the run; `RunHandle::answer` takes it
  QuestionKind kind = QuestionKind::step;
  std::string step{}; ///< id of the step; empty if the question is about the run
  std::string title{};
  std::string text{};
  AnswerForm wants{};
};

/// What a person said. `who` is recorded.
struct Answer {
  bool yes = false; ///< no: whoever was asked declines, whatever the question wants
  std::string who{};
  std::string note{};
  /// Nobody has answered and nobody will (the terminal is gone): no answer at all, the run parks as it does when
  /// `Approver::ask` fails. `note` says why.
  bool unreachable = false;
  /// With a yes: what was answered, if the question wants more than a yes.
  std::string text{};
  /// The same for a secret, which may be in `text` too: but that is not overwritten after use.
  Secret secret{};
};

/// Reaches people. There is no default "yes": with no approver a run waits for `RunHandle::answer`.
class RUNBOOK_EXPORT Approver {
public:
  virtual ~Approver() = default;
  /// Puts the question; `reply` is called later or at once, from any thread, at most once. Fails with
  /// `errc::approver_unavailable` when nobody can be asked: then the run parks. So it does after a reply that is no
  /// answer to the question: an approver looks at `answer_flaw` before it replies.
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
  Timers& timers;
  Files& files;
  Users& users;
};

} // namespace runbook
