// An action as the block of code that a document has for it.
#pragma once

#include "format/inexpressible.hpp"

#include <runbook/model.hpp>

#include <string>
#include <utility>
#include <vector>

namespace runbook::format {

/// Names and their values; the value of a word does not matter.
using Attributes = std::vector<std::pair<std::string, std::string>>;

/// The lines of the action's block and, below it, of what it is expected to print. `of_step`: attributes that say
/// something about the step as a whole. `only_looks`: it is pure where nothing is said. What no block can hold is noted
/// with `pointer` as its place.
[[nodiscard]] std::vector<std::string> action_lines(const Action& action, bool only_looks, Attributes of_step,
                                                    const std::string& pointer, Inexpressible& problems);

/// The attributes in their order between braces; nothing if there are none.
[[nodiscard]] std::string in_braces(Attributes attributes);

} // namespace runbook::format
