// Opening the store that `--store` or RUNBOOK_STORE names: a file, or a PostgreSQL server by its URI.
#pragma once

#include <runbook/store.hpp>

#include <memory>
#include <string>

namespace runbook::cli {

enum class StoreUse {
  read,   ///< it must be there, and is not written to
  go_on,  ///< it must be there: a new one holds no run
  create, ///< it is made if it is not there
};

[[nodiscard]] Result<std::shared_ptr<RunStore>> open_store(const std::string& name, StoreUse use);

/// The name as it may be shown: without the password of a URI.
[[nodiscard]] std::string shown_store(const std::string& name);

} // namespace runbook::cli
