// The users that the system knows.
#pragma once

#include <runbook/system.hpp>

#include <memory>

namespace runbook {

[[nodiscard]] std::shared_ptr<Users> system_users();

} // namespace runbook
