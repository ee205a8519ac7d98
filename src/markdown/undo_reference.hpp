// Which step an item of the rollback section takes back, as its title says it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace runbook::markdown {

struct UndoReference {
  enum class Kind : std::uint8_t {
    none,
    step,    ///< "Undo step 3", "Undo step 2.1", "Point the server back (step 3)"
    several, ///< "Undo steps 2 and 3"
    unclear, ///< speaks of a step in other words
  };
  Kind kind = Kind::none;
  std::string number; ///< "3" or "2.1", also for "2a" and "2.a"
};

[[nodiscard]] UndoReference undo_reference(std::string_view title);

} // namespace runbook::markdown
