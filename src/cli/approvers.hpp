// Who answers the questions of a run that the command carries out.
#pragma once

#include "display.hpp"
#include "palette.hpp"
#include "terminal.hpp"

#include <runbook/system.hpp>

#include <memory>
#include <string>

namespace runbook::cli {

/// Answers yes, as `who`, to everything but giving up a rollback: that would leave things half undone because somebody
/// was impatient. Such a question goes to `person`, and so does one that wants more than a yes: no text is ever made
/// up.
[[nodiscard]] std::shared_ptr<Approver> make_yes_approver(std::string who, std::shared_ptr<Approver> person);

/// There is no terminal: nobody can be asked.
[[nodiscard]] std::shared_ptr<Approver> make_absent_approver();

/// Asks on the terminal that is standard input, one question at a time, the newest first. What is an answer says
/// `TypedAnswer`; at end of input nobody will answer. A question is put when the display has shown what led to it.
[[nodiscard]] std::shared_ptr<Approver> make_terminal_approver(std::shared_ptr<Terminal> terminal, Palette palette,
                                                               std::shared_ptr<Display> display, std::string who);

} // namespace runbook::cli
