// What a script finds around it because its action says so: a directory, variables, a user.
//
// Thread-safety: functions of their arguments.
#pragma once

#include <runbook/handler.hpp>
#include <runbook/system.hpp>

#include <optional>
#include <string>
#include <vector>

namespace runbook {

/// What is wrong with the parameters `cwd`, `env` and `user`, as far as it can be known before the run.
[[nodiscard]] std::vector<Diagnostic> check_surroundings(const Action& action);

/// Puts `cwd` and `env` of the parameters into what is going to be started, and looks up `user`.
///
/// - `cwd` is relative to `base`, and stands in the place of `spec.directory`.
/// - `env` is set over what `spec.environment` has.
/// - A `user` that this program runs as anyway changes nothing. Else it is the result, for `run_as`, and HOME, USER,
///   LOGNAME and SHELL are that user's. Only root can do that: an error says who is asked for and who this is.
[[nodiscard]] Result<std::optional<User>> apply_surroundings(const Values& params, const std::string& base,
                                                             Users& users, ProcessSpec& spec);

/// Has the program started as another user, through setpriv. For a program that has all its arguments.
void run_as(const User& user, ProcessSpec& spec);

} // namespace runbook
