// Whether two documents say the same.
#pragma once

#include <runbook/parse.hpp>

#include <string>

namespace runbook::format {

/// What differs between them, as words that complete "would change …"; empty if nothing does. Places do not count.
[[nodiscard]] std::string difference(const Parsed& before, const Parsed& after);

} // namespace runbook::format
