// What a dry run says of when a step is done, how often and after what.
#pragma once

#include <runbook/plan.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace runbook {

/// One line for each thing that is said; none for a step that just follows the one in front of it. A condition that
/// depends on the inputs alone is answered, what depends on a result is marked `unverifiable`.
[[nodiscard]] std::vector<std::string> flow_lines(const Plan& plan, std::size_t step);

} // namespace runbook
