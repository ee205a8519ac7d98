// Which names inputs and captures may have. They become environment variables of the programs that steps run.
#pragma once

#include <string_view>

namespace runbook {

/// `[A-Za-z_][A-Za-z0-9_]*`
[[nodiscard]] bool is_variable_name(std::string_view name) noexcept;

/// Whether shells, the dynamic linker or interpreters give the name a meaning of their own: a value under it would
/// change what a program *is*, or never reach the script at all. For names that `is_variable_name` accepts.
[[nodiscard]] bool is_reserved_variable(std::string_view name) noexcept;

} // namespace runbook
