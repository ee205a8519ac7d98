// The shell handler: a script as one process group, its output streamed, its end turned into an outcome.
//
// Values reach the script as environment variables; its text is never changed. A script is an argument of its shell, or
// a file where it is too long for that. If it may change what it exports or where it is, the shell tells at its end
// what it leaves (script_end.hpp), so that the next step begins there.
#include "handlers/builtin.hpp"
#include "handlers/plain_script.hpp"
#include "handlers/script_end.hpp"
#include "handlers/script_file.hpp"
#include "handlers/shell_state.hpp"
#include "handlers/surroundings.hpp"
#include "secret/wiping.hpp"

#include <runbook/system.hpp>

#include <fmt/format.h>

#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

namespace {

/// The system takes 128 KiB in one argument.
constexpr std::size_t longest_argument = std::size_t{96} * 1024;

struct Shell {
  std::string_view name;
  std::vector<std::string> options; ///< stop at the first error; take nothing from the user's own set-up
};

const std::vector<Shell>& shells() {
  static const std::vector<Shell> all{{"sh", {"-e", "-u"}},
                                      {"bash", {"--noprofile", "--norc", "-eu", "-o", "pipefail"}},
                                      {"zsh", {"-f", "-eu", "-o", "pipefail"}}};
  return all;
}

const Shell* find_shell(std::string_view name) {
  const auto found = std::ranges::find(shells(), name, &Shell::name);
  return found == shells().end() ? nullptr : &*found;
}

/// The text of a parameter; nothing if it is no string.
std::optional<std::string_view> text_of(const Values& params, std::string_view name) {
  const Value* value = params.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

/// What is wrong with the parameters that are there.
struct Problem {
  std::string_view code;
  std::string message;
  std::string hint;
};

std::optional<Problem> problem_with_script(const Values& params) {
  if (!params.contains("script")) return std::nullopt; // reported as missing
  const auto script = text_of(params, "script");
  if (!script)
    return Problem{"invalid-script", "the parameter 'script' of 'shell' is no string", "write the commands as text"};
  if (script->find_first_not_of(" \t\r\n") == std::string_view::npos) {
    return Problem{"empty-script", "the script is empty", "write a command, or remove the block"};
  }
  const std::size_t nul = script->find('\0');
  if (nul == std::string_view::npos) return std::nullopt;
  return Problem{"invalid-script", fmt::format("the script holds a NUL byte at offset {}", nul),
                 "remove it: no shell can read it"};
}

std::optional<Problem> problem_with_shell(const Values& params) {
  if (!params.contains("shell")) return std::nullopt;
  const auto name = text_of(params, "shell");
  if (name && find_shell(*name) != nullptr) return std::nullopt;
  const std::string said = name ? fmt::format("'{}'", *name) : "that";
  return Problem{"unknown-shell", fmt::format("{} is no shell that 'shell' runs", said), "use sh, bash or zsh"};
}

std::string temporary_folder(const std::vector<std::string>& environment) {
  constexpr std::string_view name = "TMPDIR=";
  for (const std::string_view variable : environment) {
    if (variable.starts_with(name) && variable.size() > name.size()) return std::string(variable.substr(name.size()));
  }
  return "/tmp";
}

/// Whether bash finds functions or commands in its environment that make plain words mean something else.
bool has_functions(const std::vector<std::string>& environment) {
  return std::ranges::any_of(environment, [](std::string_view variable) {
    return variable.starts_with("BASH_FUNC_") || variable.starts_with("BASH_ENV=");
  });
}

std::string signal_name(int number) {
  const char* abbreviation = ::sigabbrev_np(number);
  return abbreviation == nullptr ? fmt::format("signal {}", number)
                                 : fmt::format("signal SIG{} ({})", abbreviation, number);
}

Outcome outcome_of(const ProcessExit& exit) {
  switch (exit.kind) {
  case ProcessExit::Kind::exited:
    if (exit.code == 0) return {OutcomeStatus::ok, Value{{"exit_code", 0}}, {}};
    return {OutcomeStatus::failed, Value{{"exit_code", exit.code}}, fmt::format("exit code {}", exit.code)};
  case ProcessExit::Kind::signaled:
    return {OutcomeStatus::failed, Value{{"signal", exit.code}}, fmt::format("killed by {}", signal_name(exit.code))};
  case ProcessExit::Kind::unknown: break;
  }
  return {OutcomeStatus::failed, nullptr,
          "the exit status is unknown: this program waits for processes that are not its own, or ignores SIGCHLD, and "
          "this kernel keeps no record (Linux 6.15 and later do)"};
}

/// A secret is the same for all steps, whatever the script has made of it.
void forget(ShellState& state, const std::string& name) {
  const auto found = state.variables.find(name);
  if (found == state.variables.end()) return;
  wipe(found->second);
  state.variables.erase(found);
}

Outcome stopped_before_start() {
  return {OutcomeStatus::cancelled, nullptr, "stopped before it was started"};
}

/// One attempt. It is kept alive by the callbacks that it gives to the process, and therefore until the end has been
/// reported or the process has been abandoned.
class ShellAttempt : public std::enable_shared_from_this<ShellAttempt> {
public:
  ShellAttempt(StepContext& context, Completion done) : context_(context), done_(std::move(done)) {}

  void start();

private:
  [[nodiscard]] Result<ProcessSpec> spec();
  [[nodiscard]] std::string text_for(const Shell& shell, std::string_view script, ProcessSpec& spec);
  [[nodiscard]] Result<void> add_script(const std::string& text, bool in_file, const std::optional<User>& other,
                                        ProcessSpec& spec);
  void take_result(std::string_view bytes, std::uint64_t size);
  void leave_terminal(Outcome& outcome);
  [[nodiscard]] std::string directory_of(const ShellState& state);
  void end(const ProcessExit& exit);
  void fail(Error error);
  void release();

  StepContext& context_;
  Completion done_;
  std::optional<ScriptFile> file_;
  std::string directory_;              // where it began
  std::vector<std::string> variables_; // that the shell began with, if it tells what it leaves
  std::optional<ShellState> state_;    // what it has left
  bool too_much_ = false;              // for what it has left to be read
  std::unique_ptr<Activity> activity_;
  std::optional<std::stop_callback<std::function<void()>>> stop_; // destroyed before the activity that it stops
};

Result<ProcessSpec> ShellAttempt::spec() {
  const Shell& shell = *find_shell(text_of(context_.params(), "shell").value_or("sh"));
  const std::string_view script = text_of(context_.params(), "script").value();
  ProcessSpec spec{.program = std::string(shell.name),
                   .arguments = shell.options,
                   .environment = context_.environment(),
                   .directory = context_.directory(),
                   .grace = context_.grace(),
                   .confidential = !context_.secrets().empty(),
                   .name = context_.attempt_name(),
                   .take_up = context_.takes_up()};
  const auto other = apply_surroundings(context_.params(), context_.run_directory(), context_.system().users, spec);
  if (!other) return other.error();
  directory_ = spec.directory;
  // What another user leaves stays with that user, as behind `sudo -u`.
  const std::string text = *other ? std::string(script) : text_for(shell, script, spec);
  if (spec.take_up) return spec; // whoever started it has found the script
  if (auto added = add_script(text, script.size() > longest_argument, *other, spec); !added) return added.error();
  if (*other) run_as(**other, spec);
  return spec;
}

/// As an argument of its shell, or in a file that whoever runs it may read.
Result<void> ShellAttempt::add_script(const std::string& text, bool in_file, const std::optional<User>& other,
                                      ProcessSpec& spec) {
  if (!in_file) {
    spec.arguments.insert(spec.arguments.end(), {"-c", "--", text});
    return {};
  }
  auto file = ScriptFile::make(temporary_folder(spec.environment), text);
  if (!file) return file.error();
  file_.emplace(std::move(*file));
  spec.arguments.insert(spec.arguments.end(), {"--", file_->path()});
  return other ? file_->give_to(other->id, other->group) : Result<void>();
}

/// The script, or one that also tells what it leaves, if anybody wants to know and it may leave something.
std::string ShellAttempt::text_for(const Shell& shell, std::string_view script, ProcessSpec& spec) {
  if (!context_.hands_on()) return std::string(script);
  const bool as_it_looks = shell.name != "zsh" && !has_functions(spec.environment);
  if (as_it_looks && runs_programs_only(script)) return std::string(script);
  variables_ = spec.environment;
  std::erase_if(variables_, [this](std::string_view variable) {
    return context_.secrets().contains(variable.substr(0, variable.find('=')));
  });
  spec.result_variable = result_variable;
  TellingScript script_that_tells = telling(shell.name, script, script.size() > longest_argument);
  for (std::string& variable : script_that_tells.variables) spec.environment.push_back(std::move(variable));
  return std::move(script_that_tells.text);
}

void ShellAttempt::take_result(std::string_view bytes, std::uint64_t size) {
  const bool is_lost = context_.takes_up() && bytes.empty() && size > 0; // nobody kept what may hold secrets
  if (is_lost) context_.log("runbook: what the script has exported is not known: the next step does without");
  too_much_ = bytes.size() < size && !is_lost;
  if (!too_much_ && !is_lost) state_ = read_shell_state(bytes);
}

/// A shell that was killed or has become another program has told nothing: then the terminal stays as it was.
void ShellAttempt::leave_terminal(Outcome& outcome) {
  if (too_much_ && outcome.ok()) {
    outcome.status = OutcomeStatus::failed;
    outcome.message = "exports more than can be handed on to the next step";
  }
  if (!state_) return;
  for (const auto& [name, secret] : context_.secrets()) forget(*state_, name);
  context_.leave({changed_variables(variables_, *state_), directory_of(*state_)});
  for (auto& [name, value] : state_->variables) wipe(value);
}

/// The directory that the script went to; empty if it stayed, or if there is none any more.
std::string ShellAttempt::directory_of(const ShellState& state) {
  struct stat here{};
  struct stat there{};
  const bool known = ::stat(directory_.empty() ? "." : directory_.c_str(), &here) == 0;
  if (!state.directory.empty() && ::stat(state.directory.c_str(), &there) == 0) {
    const bool same = known && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
    return same ? std::string() : state.directory;
  }
  context_.log("runbook: the directory in which the script has ended is gone: the next step starts where it began");
  return {};
}

void ShellAttempt::start() {
  const std::stop_token token = context_.stop_token();
  if (token.stop_requested()) return done_(stopped_before_start());
  auto process = spec();
  if (!process) return done_(process.error());
  const auto self = shared_from_this();
  auto activity = context_.system().processes.start(
      *process, {.on_output = [self](Stream stream, std::string_view bytes) { self->context_.output(stream, bytes); },
                 .on_exit = [self](ProcessExit exit) { self->end(exit); },
                 .on_failed = [self](Error error) { self->fail(std::move(error)); },
                 .on_result = [self](std::string_view bytes, std::uint64_t size) { self->take_result(bytes, size); },
                 .on_lost = [self](Stream stream, std::uint64_t size) { self->context_.output_lost(stream, size); }});
  for (std::string& variable : process->environment) wipe(variable);
  if (!activity) return fail(activity.error());
  activity_ = std::move(*activity);
  stop_.emplace(token, [this] { activity_->stop(); });
}

void ShellAttempt::end(const ProcessExit& exit) {
  const bool stopped = context_.stop_token().stop_requested();
  Outcome outcome = outcome_of(exit);
  leave_terminal(outcome);
  release();
  if (stopped) {
    outcome.message = outcome.ok() ? "stopped on request" : fmt::format("stopped on request: {}", outcome.message);
    outcome.status = OutcomeStatus::cancelled;
  }
  done_(std::move(outcome)); // the context may be gone now
}

/// It was not started, also where that was put off; or nobody can tell how it went.
void ShellAttempt::fail(Error error) {
  release();
  if (error.code == errc::cancelled) return done_(stopped_before_start());
  if (error.code == errc::in_doubt || error.code == errc::not_found) context_.in_doubt(error);
  done_(std::move(error));
}

void ShellAttempt::release() {
  stop_.reset();
  file_.reset();
  for (std::string& variable : variables_) wipe(variable);
}

class ShellHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> found = Handler::check(action);
    for (auto& problem : {problem_with_script(action.params), problem_with_shell(action.params)}) {
      if (!problem) continue;
      found.push_back(
          {Severity::error, std::string(problem->code), problem->message, problem->hint, {}, {}, action.span});
    }
    for (Diagnostic& problem : check_surroundings(action)) found.push_back(std::move(problem));
    return found;
  }

  void start(StepContext& context, Completion done) const override {
    for (auto& problem : {problem_with_script(context.params()), problem_with_shell(context.params())}) {
      if (problem) return done(Error{errc::invalid_argument, problem->message, {}});
    }
    if (!context.params().contains("script"))
      return done(Error{errc::invalid_argument, "'shell' needs the parameter 'script'", {}});
    std::make_shared<ShellAttempt>(context, std::move(done))->start();
  }

private:
  HandlerInfo info_{
      .name = "shell",
      .description = "Runs a script; exit code 0 is success. Values are environment variables.",
      .effect = Effect::mutating,
      .params = {{.name = "script", .required = true, .description = "What the shell runs."},
                 {.name = "shell", .required = false, .description = "sh (the default), bash or zsh."},
                 {.name = "cwd", .required = false, .description = "Where it starts.", .expand = true, .exposed = true},
                 {.name = "env", .required = false, .description = "Variables for it alone, by name.", .expand = true},
                 {.name = "user",
                  .required = false,
                  .description = "As who it runs, for which the engine runs as root.",
                  .expand = true,
                  .exposed = true}},
      .expand = false,
      .prints = true,
      .takes_up = true,
      .dry_run = "Shows the script, and what is filled in around it."};
};

} // namespace

std::shared_ptr<const Handler> make_shell_handler() {
  return std::make_shared<ShellHandler>();
}

} // namespace runbook
