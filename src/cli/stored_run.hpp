// Finding a run in a store; what is wrong goes to standard error.
#pragma once

#include <runbook/store.hpp>

#include <optional>
#include <string>
#include <vector>

namespace runbook::cli {

/// The journal of the run with this id, the one beginning of it, or "latest". Nothing if there is no such run or its
/// journal cannot be read, which is said.
[[nodiscard]] std::optional<std::vector<Event>> load_run(RunStore& store, const std::string& wanted);

} // namespace runbook::cli
