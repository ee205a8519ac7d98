// The shell handler: scripts in real shells, what becomes of their ends, and what is refused before anything runs.
#include "handlers/builtin.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <runbook/handler.hpp>
#include <runbook/testing.hpp>

#include <doctest/doctest.h>

#include <csignal>

using namespace runbook;
using namespace runbook::testing;

namespace {

class StoppedClock final : public Clock {
public:
  [[nodiscard]] std::chrono::system_clock::time_point now() const override { return {}; }
};

class NoHttp final : public HttpClient {
public:
  Result<std::unique_ptr<Activity>> start(HttpRequest, std::function<void(Result<HttpResponse>)>) override {
    return Error{errc::http_error, "there is no HTTP here", {}};
  }
};

class NoWorkers final : public WorkerPool {
public:
  void post(std::function<void()>) override {}
};

/// Notes what it is asked to start, and lets the test say how it ends.
class FakeRunner final : public ProcessRunner {
public:
  Result<std::unique_ptr<Activity>> start(const ProcessSpec& asked, ProcessEvents said) override {
    ++starts;
    spec = asked;
    events = std::move(said);
    struct Idle final : Activity {
      void stop() override {}
    };
    return std::make_unique<Idle>();
  }
  void end(ProcessExit exit) {
    const ProcessEvents last = std::exchange(events, {});
    last.on_exit(exit);
  }
  void fail(Error error) {
    const ProcessEvents last = std::exchange(events, {});
    last.on_failed(std::move(error));
  }
  int starts = 0;
  ProcessSpec spec{};
  ProcessEvents events{};
};

/// One attempt, and all that it tells.
class Attempt final : public StepContext {
public:
  Attempt(ProcessRunner& runner, Values params) : system_{clock_, runner, http_, workers_, timers_, files_, users_} {
    action_.params = std::move(params);
  }

  void start() {
    make_shell_handler()->start(*this, Completion([this](Outcome&& how) {
      outcome = std::move(how);
      ++completions;
    }));
  }

  [[nodiscard]] const std::string& run() const override { return name_; }
  [[nodiscard]] const std::string& step() const override { return name_; }
  [[nodiscard]] std::uint32_t attempt() const override { return 1; }
  [[nodiscard]] std::string idempotency_key() const override { return name_; }
  [[nodiscard]] const Action& action() const override { return action_; }
  [[nodiscard]] const Values& params() const override { return action_.params; }
  [[nodiscard]] const Values& values() const override { return values_; }
  [[nodiscard]] std::vector<std::string> environment() const override { return variables; }
  [[nodiscard]] const std::string& directory() const override { return folder; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const override { return std::nullopt; }
  [[nodiscard]] std::chrono::milliseconds grace() const override { return grace_period; }
  [[nodiscard]] std::stop_token stop_token() override { return source.get_token(); }
  void output(Stream stream, std::string_view bytes) override { (stream == Stream::out ? out : err) += bytes; }
  [[nodiscard]] System& system() override { return system_; }

  std::vector<std::string> variables{standard_path};
  std::string folder;
  std::chrono::milliseconds grace_period{5000};
  std::stop_source source;
  std::string out;
  std::string err;
  std::optional<Outcome> outcome;
  int completions = 0;

private:
  StoppedClock clock_;
  NoHttp http_;
  NoWorkers workers_;
  FakeTimers timers_;
  FakeFiles files_;
  FakeUsers users_{User{.name = "me", .id = 1000}};
  System system_;
  std::string name_ = "step";
  Action action_;
  Values values_;
};

/// Runs a script to its end.
std::unique_ptr<Attempt> run(ProcessLoop& loop, Values params, std::vector<std::string> variables = {standard_path}) {
  auto attempt = std::make_unique<Attempt>(loop.runner(), std::move(params));
  attempt->variables = std::move(variables);
  attempt->start();
  REQUIRE(loop.until([&] { return attempt->outcome.has_value(); }));
  CHECK(attempt->completions == 1);
  return attempt;
}

bool has_shell(const std::string& name) {
  return std::filesystem::exists("/bin/" + name) || std::filesystem::exists("/usr/bin/" + name);
}

const std::vector<std::string> shell_names{"sh", "bash", "zsh"};

std::vector<Diagnostic> check(Values params) {
  Action action;
  action.handler = "shell";
  action.params = std::move(params);
  action.span = {7, 3, 9, 6};
  return make_shell_handler()->check(action);
}

/// "code, code" of what is found.
std::string codes(const std::vector<Diagnostic>& found) {
  std::string text;
  for (const Diagnostic& diagnostic : found) {
    if (!text.empty()) text += ", ";
    text += diagnostic.code;
    CHECK(diagnostic.severity == Severity::error);
    CHECK(diagnostic.span.line == 7);
    CHECK_FALSE(diagnostic.message.empty());
    CHECK_FALSE(diagnostic.hint.empty());
  }
  return text;
}

} // namespace

TEST_CASE("shell: each shell is started with its flags to stop at the first error and without anybody's set-up") {
  FakeRunner runner;
  const auto arguments = [&](Values params) {
    Attempt attempt(runner, std::move(params));
    attempt.folder = "/somewhere";
    attempt.grace_period = std::chrono::milliseconds(1234);
    attempt.start();
    CHECK(runner.spec.directory == "/somewhere");
    CHECK(runner.spec.environment == std::vector<std::string>{standard_path});
    CHECK(runner.spec.grace == std::chrono::milliseconds(1234));
    runner.end(exited(0));
    std::string text = runner.spec.program;
    for (const std::string& argument : runner.spec.arguments) text += ' ' + argument;
    return text;
  };
  CHECK(arguments({{"script", "x"}}) == "sh -e -u -c -- x");
  CHECK(arguments({{"script", "x"}, {"shell", "sh"}}) == "sh -e -u -c -- x");
  CHECK(arguments({{"script", "x"}, {"shell", "bash"}}) == "bash --noprofile --norc -eu -o pipefail -c -- x");
  CHECK(arguments({{"script", "x"}, {"shell", "zsh"}}) == "zsh -f -eu -o pipefail -c -- x");
}

TEST_CASE("shell: a script ends at its first error and its exit code is reported") {
  ProcessLoop loop;
  for (const std::string& shell : shell_names) {
    if (!has_shell(shell)) continue;
    CAPTURE(shell);
    const auto good = run(loop, {{"script", "echo out\necho err >&2"}, {"shell", shell}});
    CHECK(*good->outcome == Outcome{OutcomeStatus::ok, Value{{"exit_code", 0}}, {}});
    CHECK(good->out == "out\n");
    CHECK(good->err == "err\n");
    const auto bad = run(loop, {{"script", "echo before\n(exit 3)\necho after"}, {"shell", shell}});
    CHECK(*bad->outcome == Outcome{OutcomeStatus::failed, Value{{"exit_code", 3}}, "exit code 3"});
    CHECK(bad->out == "before\n");
    const auto unset = run(loop, {{"script", "echo \"$nobody_sets_this\"\necho after"}, {"shell", shell}});
    CHECK_FALSE(unset->outcome->ok());
    CHECK(unset->out.empty());
    const auto pipe = run(loop, {{"script", "false | true\necho after"}, {"shell", shell}});
    CHECK(pipe->outcome->ok() == (shell == "sh")); // which has no pipefail
  }
}

TEST_CASE("shell: a signal is told from an exit code and has its name") {
  ProcessLoop loop;
  const auto killed = run(loop, {{"script", "kill -TERM $$"}});
  CHECK(*killed->outcome ==
        Outcome{OutcomeStatus::failed, Value{{"signal", SIGTERM}}, "killed by signal SIGTERM (15)"});
  const auto code = run(loop, {{"script", "exit 15"}});
  CHECK(*code->outcome == Outcome{OutcomeStatus::failed, Value{{"exit_code", 15}}, "exit code 15"});
  const auto unnamed = run(loop, {{"script", "kill -40 $$"}});
  CHECK(unnamed->outcome->message == "killed by signal 40");
}

TEST_CASE("shell: an exit status that nobody knows is a failure that says so") {
  FakeRunner runner;
  Attempt attempt(runner, {{"script", "true"}});
  attempt.start();
  runner.end({});
  CHECK(attempt.outcome->status == OutcomeStatus::failed);
  CHECK(attempt.outcome->value.is_null());
  CHECK(attempt.outcome->message.starts_with("the exit status is unknown: "));
}

TEST_CASE("shell: a shell that cannot be started is a failure that names it and its directory") {
  ProcessLoop loop;
  Attempt attempt(loop.runner(), {{"script", "true"}});
  attempt.folder = "/no/such";
  attempt.start();
  REQUIRE(attempt.outcome.has_value());
  CHECK(attempt.outcome->status == OutcomeStatus::failed);
  CHECK(attempt.outcome->message.find("'sh'") != std::string::npos);
  CHECK(attempt.outcome->message.find("'/no/such'") != std::string::npos);
  const auto missing = run(loop, {{"script", "true"}, {"shell", "bash"}}, {"PATH=/no/such"});
  CHECK(missing->outcome->message.find("no file of this name in PATH (/no/such)") != std::string::npos);
}

TEST_CASE("shell: a start that was put off and fails ends like one that fails at once") {
  class Refusing final : public ProcessRunner {
  public:
    Result<std::unique_ptr<Activity>> start(const ProcessSpec&, ProcessEvents) override { return error; }
    const Error error{errc::exec_failed, "cannot start 'sh': there is none", {}};
  };
  Refusing refusing;
  Attempt at_once(refusing, {{"script", "true"}});
  at_once.start();
  FakeRunner runner;
  Attempt put_off(runner, {{"script", "true"}});
  put_off.start();
  CHECK(put_off.completions == 0);
  runner.fail(refusing.error);
  REQUIRE(put_off.outcome.has_value());
  CHECK(put_off.outcome->status == OutcomeStatus::failed);
  CHECK(put_off.outcome->message == refusing.error.message);
  CHECK(*put_off.outcome == *at_once.outcome);
  CHECK(put_off.completions == 1);
}

TEST_CASE("shell: a start that is stopped while it is put off is cancelled") {
  FakeRunner runner;
  Attempt attempt(runner, {{"script", "true"}});
  attempt.start();
  attempt.source.request_stop();
  runner.fail({errc::cancelled, "stopped", {}});
  REQUIRE(attempt.outcome.has_value());
  CHECK(attempt.outcome->status == OutcomeStatus::cancelled);
  CHECK(attempt.outcome->message == "stopped before it was started");
}

TEST_CASE("shell: values are variables and never become code") {
  ProcessLoop loop;
  for (const std::string value : {"$(echo hacked)", "`id`", "'; echo hacked; '", "\" && echo hacked \"", "-rf", "a\nb",
                                  "{{ x }}", "%s%n", "\\", "*", "~", "\xff\x01", ""}) {
    for (const std::string& shell : shell_names) {
      if (!has_shell(shell)) continue;
      const auto attempt =
          run(loop, {{"script", "printf '[%s]' \"$value\""}, {"shell", shell}}, {standard_path, "value=" + value});
      CHECK(attempt->out == "[" + value + "]");
    }
  }
}

TEST_CASE("shell: a script may look like an option") {
  ProcessLoop loop;
  const TempFolder folder;
  for (const std::string& shell : shell_names) {
    if (!has_shell(shell)) continue;
    CAPTURE(shell);
    for (const char* script : {"-x", "+x", "--", "-c echo"}) {
      const auto attempt = run(loop, {{"script", script}, {"shell", shell}});
      CHECK(*attempt->outcome == Outcome{OutcomeStatus::failed, Value{{"exit_code", 127}}, "exit code 127"});
    }
  }
}

TEST_CASE("shell: a script too long for a command line runs from a private file that is gone afterwards") {
  ProcessLoop loop;
  const TempFolder folder;
  std::string script;
  while (script.size() < 300'000) script += ": a line that does nothing but is there\n";
  script += "ls -l \"$TMPDIR\"\ncat\necho end\nexit 6\n";
  for (const std::string& shell : shell_names) {
    if (!has_shell(shell)) continue;
    CAPTURE(shell);
    const auto attempt =
        run(loop, {{"script", script}, {"shell", shell}}, {standard_path, "TMPDIR=" + folder.path().string()});
    CHECK(*attempt->outcome == Outcome{OutcomeStatus::failed, Value{{"exit_code", 6}}, "exit code 6"});
    CHECK(attempt->out.find("-rw-------") != std::string::npos);
    CHECK(attempt->out.ends_with("end\n"));
    CHECK(std::filesystem::is_empty(folder.path()));
  }
  const auto nowhere = run(loop, {{"script", script}}, {standard_path, "TMPDIR=/no/such"});
  CHECK(nowhere->outcome->message.find("'/no/such/runbook-script-") != std::string::npos);
  CHECK(nowhere->outcome->status == OutcomeStatus::failed);
}

TEST_CASE("shell: a request to stop ends the script and what it runs as cancelled") {
  ProcessLoop loop;
  Attempt attempt(loop.runner(), {{"script", "echo $$\nsleep 1000\necho never"}});
  attempt.start();
  REQUIRE(loop.until([&] { return attempt.out.find('\n') != std::string::npos; }));
  attempt.source.request_stop();
  REQUIRE(loop.until([&] { return attempt.outcome.has_value(); }));
  CHECK(attempt.outcome->status == OutcomeStatus::cancelled);
  CHECK(attempt.outcome->value == Value{{"signal", SIGTERM}});
  CHECK(attempt.outcome->message == "stopped on request: killed by signal SIGTERM (15)");
  const int group = std::stoi(attempt.out);
  CHECK(loop.until([&] { return living_members(group) == 0; }));
}

TEST_CASE("shell: a stopped script is cancelled even if it then reports success") {
  ProcessLoop loop;
  Attempt attempt(loop.runner(), {{"script", "trap 'exit 0' TERM\necho ready\nwhile :; do sleep 0.01; done"}});
  attempt.start();
  REQUIRE(loop.until([&] { return !attempt.out.empty(); }));
  attempt.source.request_stop();
  REQUIRE(loop.until([&] { return attempt.outcome.has_value(); }));
  CHECK(*attempt.outcome == Outcome{OutcomeStatus::cancelled, Value{{"exit_code", 0}}, "stopped on request"});
}

TEST_CASE("shell: an attempt that is to stop before it starts starts nothing") {
  FakeRunner runner;
  Attempt attempt(runner, {{"script", "true"}});
  attempt.source.request_stop();
  attempt.start();
  CHECK(runner.starts == 0);
  REQUIRE(attempt.outcome.has_value());
  CHECK(attempt.outcome->status == OutcomeStatus::cancelled);
}

TEST_CASE("shell: when the runner goes the attempt completes as failed and the script dies") {
  auto loop = std::make_unique<ProcessLoop>();
  Attempt attempt(loop->runner(), {{"script", "sleep 1000"}});
  attempt.start();
  loop->destroy_runner();
  CHECK(attempt.completions == 1);
  CHECK(attempt.outcome->status == OutcomeStatus::failed);
  CHECK(children() == 0);
  attempt.source.request_stop(); // nobody listens any more
}

TEST_CASE("shell: actions that cannot work are found before anything runs") {
  CHECK(codes(check({{"script", "true"}})).empty());
  CHECK(codes(check({{"script", "true"}, {"shell", "zsh"}})).empty());
  CHECK(codes(check({})) == "missing-parameter");
  CHECK(codes(check({{"script", 3}})) == "invalid-script");
  CHECK(codes(check({{"script", ""}})) == "empty-script");
  CHECK(codes(check({{"script", " \n\t"}})) == "empty-script");
  CHECK(codes(check({{"script", std::string("a\0b", 3)}})) == "invalid-script");
  CHECK(codes(check({{"script", "true"}, {"shell", "fish"}})) == "unknown-shell");
  CHECK(codes(check({{"script", "true"}, {"shell", nullptr}})) == "unknown-shell");
  CHECK(codes(check({{"scrpt", "true"}, {"shell", "csh"}})) == "missing-parameter, unknown-parameter, unknown-shell");
}

TEST_CASE("shell: what slipped past the check is a failure of the attempt") {
  FakeRunner runner;
  for (Values params : {Values{}, Values{{"script", 3}}, Values{{"script", "x"}, {"shell", "fish"}},
                        Values{{"script", std::string("a\0b", 3)}}}) {
    Attempt attempt(runner, std::move(params));
    attempt.start();
    REQUIRE(attempt.outcome.has_value());
    CHECK(attempt.outcome->status == OutcomeStatus::failed);
    CHECK_FALSE(attempt.outcome->message.empty());
  }
  CHECK(runner.starts == 0);
}
