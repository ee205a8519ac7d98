// What programs see of the host process's environment.
#pragma once

#include <string>
#include <vector>

namespace runbook::process {

/// "NAME=value" for each of these names that the host's environment has.
[[nodiscard]] std::vector<std::string> host_environment(const std::vector<std::string>& names);

} // namespace runbook::process
