// What /proc shows of this process.
#pragma once

namespace runbook::process {

/// Whether /proc tells of this process under the number by which it knows itself.
[[nodiscard]] bool proc_is_ours();
/// Whether children may open this process's descriptors through /proc: it shows none of a process that may not be
/// looked into.
[[nodiscard]] bool proc_shows_descriptors();

} // namespace runbook::process
