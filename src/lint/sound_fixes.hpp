// Repairs that do no harm.
#pragma once

#include <runbook/lint.hpp>

#include <string_view>
#include <vector>

namespace runbook::linting {

/// Those of the fixes with which the text, read once more, has no error that it does not have without them.
[[nodiscard]] std::vector<Fix> sound_fixes(std::string_view text, std::vector<Fix> fixes, const ParseOptions& how);

} // namespace runbook::linting
