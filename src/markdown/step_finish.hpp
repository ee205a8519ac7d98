// What holds for a step as a whole, when all its blocks have been read.
#pragma once

#include "markdown/step_reader.hpp"

#include <string>

namespace runbook::markdown {

/// Makes a step without commands a question, or a sub-run, and says what does not fit together. `prompt` is the title
/// as a person is asked it; `has_inner` says whether steps stand inside of it.
void finish_step(const Context& context, const Item& item, const std::string& prompt, bool has_inner, Draft& draft);

} // namespace runbook::markdown
