// The built-in handlers.
#pragma once

#include <runbook/handler.hpp>

namespace runbook {

/// A registry with the built-in handlers.
///
/// - `shell` {script, shell = "sh" | "bash" | "zsh", cwd, env, user}: runs the script with the shell's
///   stop-at-first-error flags. Values are environment variables and never spliced into the script; `{{ name }}` is
///   filled in in `cwd`, a path relative to `run_directory()`, in `env`, an object of variables for this script, and
///   in `user`, as who it runs: for another user than the host's own the host must be root. Success is exit code 0.
///   Reports `{"exit_code": n}` or `{"signal": n}`.
/// - `http` {method, url, headers, body, expect, captures} or {requests}, a list of these; and {ca_file, client_cert,
///   client_key, proxy, follow_redirects}: sends the requests one after the other, up to the first that is not answered
///   as expected: with a 2xx status, or as `expect` or the action's expectation says. `{{ name }}` is escaped for its
///   place. Reports `{"status": n, "headers": {…}, "captures": {…}}`; the last body is the output.
/// - `confirm` {prompt}: asks a person. Success is "yes".
/// - `wait` {duration}: lets time pass: "90s", "1h30m". Holds no thread, and a stop ends it at once.
/// - `assert` {conditions, message}: succeeds if every condition (expression.hpp) is true: one a line, or a list. They
///   name inputs and captures. The failure says which were false, and the values in them.
/// - `set` {value} or {values}: reports the value of an expression over inputs and captures, or an object in whose
///   strings `{{ name }}` is filled in: a value for `Action::capture`.
/// - `file` {path, text, mode, backup, restore}: writes a file, whole or not at all. `{{ name }}` is filled in. What it
///   replaces is kept beside it under a name made of the run and the step, and comes back when the step is undone:
///   a step that has no undo gets that one. Reports `{"path": …, "changed": …, "backup": …}`.
/// - `runbook` {file, inputs}: another runbook, whose steps are done behind this one (plan.hpp). `file` is beside the
///   document; `{{ name }}` in `inputs` is filled in, and the values become what the other runbook declares. Reports
///   `{"inputs": {…}}`.
[[nodiscard]] RUNBOOK_EXPORT HandlerRegistry builtin_handlers();

} // namespace runbook
