// What a person says of an action that is in doubt.
#pragma once

#include <string_view>

namespace runbook {

inline constexpr std::string_view doubt_done = "done";
inline constexpr std::string_view doubt_not_done = "not-done"; ///< then it is done again
inline constexpr std::string_view doubt_failed = "failed";

} // namespace runbook
