// The views of a run that the command has.
#pragma once

#include "display.hpp"
#include "palette.hpp"
#include "terminal.hpp"

#include <runbook/plan.hpp>

#include <memory>

namespace runbook::cli {

/// On a terminal: a line for each step, that of what is under way rewritten in place.
[[nodiscard]] std::unique_ptr<View> make_terminal_view(Plan plan, std::shared_ptr<Terminal> terminal, Palette palette);

/// Whole lines on standard output, for logs.
[[nodiscard]] std::unique_ptr<View> make_plain_view(Plan plan);

/// One event per line on standard output, as JSON.
[[nodiscard]] std::unique_ptr<View> make_json_view();

} // namespace runbook::cli
