// Where the supervisor's program is.
#pragma once

#include <runbook/error.hpp>

#include <string>

namespace runbook {

/// `option` if it is given; else what the environment variable RUNBOOK_SUPERVISOR says; else the program where this
/// library was to be installed, or where it stands beside the library's own file. The error names every place that was
/// looked at. What others could have put there is no program of ours: only files of root or of this user count, that
/// nobody else may write.
[[nodiscard]] Result<std::string> find_supervisor(const std::string& option);

} // namespace runbook
