// The shell handler: runs a script. Values reach it as environment variables and are never spliced into its text.
#include "handlers/builtin.hpp"

#include <runbook/system.hpp>

#include <csignal>
#include <cstring>
#include <memory>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

// One argument of a program can have 128 KiB; this leaves room for what a shell adds.
constexpr std::size_t max_script_bytes = std::size_t{96} * 1024;

std::string_view text_of(const Values& params, std::string_view name) {
  const Value* value = params.if_contains(name);
  return value != nullptr && value->is_string() ? std::string_view(value->as_string()) : std::string_view();
}

// Stop at the first error, also inside a pipe where the shell can; an unset variable is an error. No start-up files.
std::vector<std::string> arguments(std::string_view shell, std::string_view script) {
  if (shell == "bash") return {"--noprofile", "--norc", "-eu", "-o", "pipefail", "-c", std::string(script)};
  if (shell == "zsh") return {"-f", "-eu", "-o", "pipefail", "-c", std::string(script)};
  return {"-eu", "-c", std::string(script)};
}

Outcome outcome_of(const ProcessExit& exit) {
  switch (exit.kind) {
  case ProcessExit::Kind::exited:
    if (exit.code == 0) return {OutcomeStatus::ok, Value{{"exit_code", 0}}, {}};
    return {OutcomeStatus::failed, Value{{"exit_code", exit.code}}, fmt::format("exit code {}", exit.code)};
  case ProcessExit::Kind::signaled: {
    const char* name = ::sigabbrev_np(exit.code);
    return {OutcomeStatus::failed, Value{{"signal", exit.code}},
            fmt::format("killed by signal {}{} ({})", name == nullptr ? "" : "SIG", name == nullptr ? "?" : name,
                        exit.code)};
  }
  case ProcessExit::Kind::unknown: break;
  }
  return {
      OutcomeStatus::failed, nullptr,
      "the exit status is unknown: the host application ignores SIGCHLD or waits for children that are not its own"};
}

// A script under way. It lives as long as its process runs: the process' callbacks hold it.
struct RunningScript {
  explicit RunningScript(Completion completion) : done(std::move(completion)) {}
  Completion done;
  std::unique_ptr<Activity> process;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

class ShellHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> problems = Handler::check(action);
    const auto report = [&](std::string message, std::string hint) {
      problems.push_back({Severity::error, "shell-script", std::move(message), std::move(hint), {}, {}, action.span});
    };
    const std::string_view script = text_of(action.params, "script");
    if (action.params.contains("shell")) {
      const std::string_view shell = text_of(action.params, "shell");
      if (shell != "sh" && shell != "bash" && shell != "zsh") {
        report(fmt::format("'{}' is no shell that is known", shell), "use sh, bash or zsh");
      }
    }
    if (script.find_first_not_of(" \t\r\n") == std::string_view::npos) report("the script is empty", "write a command");
    if (script.find('\0') != std::string_view::npos) report("the script holds a NUL byte", "remove it");
    if (script.size() > max_script_bytes) {
      report(fmt::format("the script has {} bytes, more than a program can be given ({})", script.size(),
                         max_script_bytes),
             "put it into a file and run that");
    }
    return problems;
  }

  void start(StepContext& context, Completion done) const override {
    const std::string_view shell = text_of(context.params(), "shell");
    ProcessSpec spec;
    spec.program = shell.empty() ? "sh" : std::string(shell);
    spec.arguments = arguments(shell, text_of(context.params(), "script"));
    spec.environment = context.environment();
    spec.directory = context.directory();
    spec.grace = context.grace();
    auto script = std::make_shared<RunningScript>(std::move(done));
    ProcessEvents events;
    events.on_output = [&context](Stream stream, std::string_view bytes) { context.output(stream, bytes); };
    events.on_exit = [script](ProcessExit exit) {
      script->on_stop.reset();
      script->done(outcome_of(exit));
    };
    auto process = context.system().processes.start(spec, std::move(events));
    if (!process) {
      script->done(Outcome{OutcomeStatus::failed, nullptr, process.error().message});
      return;
    }
    script->process = std::move(*process);
    script->on_stop.emplace(context.stop_token(), [running = script.get()] { running->process->stop(); });
  }

private:
  HandlerInfo info_{.name = "shell",
                    .description = "Runs a script with a shell that stops at the first error",
                    .effect = Effect::mutating,
                    .params = {{.name = "script", .required = true, .description = "what the shell runs"},
                               {.name = "shell", .description = "sh, bash or zsh; sh if it is not given"}},
                    .expand = false,
                    .prints = true};
};

} // namespace

std::shared_ptr<const Handler> make_shell_handler() {
  return std::make_shared<ShellHandler>();
}

} // namespace runbook
