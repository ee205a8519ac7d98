// The built-in handlers: `shell`, `http`, `confirm`.
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
/// - `http` {method, url, headers, body, ca_file, follow_redirects}: sends one request. `{{ name }}` is escaped for its
///   place. Success is a 2xx status, or what the action expects. Reports `{"status": n, "headers": {…}}`; the body is
///   the output.
/// - `confirm` {prompt}: asks a person. Success is "yes".
[[nodiscard]] RUNBOOK_EXPORT HandlerRegistry builtin_handlers();

} // namespace runbook
