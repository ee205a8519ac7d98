// The views of a run that the command has.
#pragma once

#include "display.hpp"
#include "palette.hpp"
#include "terminal.hpp"

#include <memory>

namespace runbook::cli {

/// On a terminal: a line for each step, the current one's rewritten in place.
[[nodiscard]] std::unique_ptr<View> make_terminal_view(std::shared_ptr<Terminal> terminal, Palette palette);

/// Whole lines on standard output, for logs.
[[nodiscard]] std::unique_ptr<View> make_plain_view();

/// One event per line on standard output, as JSON.
[[nodiscard]] std::unique_ptr<View> make_json_view();

} // namespace runbook::cli
