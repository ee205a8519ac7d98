// Asking for secrets on the terminal: what is typed is not shown.
#pragma once

#include <runbook/plan.hpp>
#include <runbook/secret.hpp>

#include <optional>

namespace runbook::cli {

/// Asks for the required secrets of which the plan does not say where they come from. Nothing, once it has been said
/// why, if there is no terminal or whoever is asked gives up (Ctrl-C, Ctrl-D).
[[nodiscard]] std::optional<Secrets> ask_for_secrets(const Plan& plan);

} // namespace runbook::cli
