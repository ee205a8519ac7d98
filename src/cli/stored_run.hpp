// Finding a run in a store; what is wrong goes to standard error.
#pragma once

#include <runbook/store.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace runbook::cli {

/// A store that is only read, or nothing, which is said.
[[nodiscard]] std::shared_ptr<RunStore> open_to_read(const std::string& path);

/// The id of the run that is meant by its id, the one beginning of it, or "latest". Nothing if there is none, which is
/// said.
[[nodiscard]] std::optional<std::string> find_run(RunStore& store, const std::string& wanted);

/// The journal of the run with this id, the one beginning of it, or "latest". Nothing if there is no such run or its
/// journal cannot be read, which is said.
[[nodiscard]] std::optional<std::vector<Event>> load_run(RunStore& store, const std::string& wanted);

} // namespace runbook::cli
