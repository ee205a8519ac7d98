// Tests that take minutes at their full size have it only when they are asked to.
#pragma once

#include <cstdlib>
#include <string_view>

namespace runbook::testing {

/// Whether RUNBOOK_LONG_TESTS=1 is in the environment.
inline bool full_size() {
  const char* value = std::getenv("RUNBOOK_LONG_TESTS");
  return value != nullptr && std::string_view(value) == "1";
}

} // namespace runbook::testing
