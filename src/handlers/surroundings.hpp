// What a script finds around it because its action says so: a directory, variables, a user.
//
// Thread-safety: functions of their arguments; the system's list of users is read when a user is named.
#pragma once

#include "handlers/user.hpp"

#include <runbook/handler.hpp>
#include <runbook/system.hpp>

#include <optional>
#include <vector>

namespace runbook {

/// What is wrong with the parameters `cwd`, `env` and `user`, as far as it can be known before the run.
[[nodiscard]] std::vector<Diagnostic> check_surroundings(const Action& action);

/// Puts `cwd`, `env` and `user` of the parameters into what is going to be started; `values` fill `{{ name }}` in them.
///
/// - `cwd` is relative to `spec.directory`.
/// - `env` is set over what `spec.environment` has.
/// - `user` as who this program runs changes nothing. Else only root can start the script as that user, through
/// setpriv,
///   and HOME, USER, LOGNAME and SHELL are that user's. An error says who is asked for and who this is.
///
/// The result is the user that the script is started as, if that is another than this program's.
[[nodiscard]] Result<std::optional<User>> apply_surroundings(const Values& params, const Values& values,
                                                             ProcessSpec& spec);

} // namespace runbook
