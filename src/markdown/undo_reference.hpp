// Which step an item of the rollback section takes back, as its title says it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace runbook::markdown {

struct UndoReference {
  enum class Kind : std::uint8_t {
    none,
    step,    ///< "Undo step 3", "Point the server back (step 3)"
    several, ///< "Undo steps 2 and 3"
    unclear, ///< speaks of a step in other words
  };
  Kind kind = Kind::none;
  unsigned long number = 0;
};

[[nodiscard]] UndoReference undo_reference(std::string_view title);

} // namespace runbook::markdown
