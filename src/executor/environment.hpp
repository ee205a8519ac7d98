// The environment of an attempt's programs, and what an attempt may leave of its own to the next.
#pragma once

#include "secret/run_secrets.hpp"

#include <runbook/terminal.hpp>

#include <optional>
#include <string>
#include <vector>

namespace runbook {

/// `NAME=value` for each name, once: the host's part, over it the terminal's, over that the run's values and secrets.
[[nodiscard]] std::vector<std::string> environment_of(const std::vector<std::string>& host, const Terminal& terminal,
                                                      const Values& values, const Secrets& secrets);

/// Takes out of the change what has the name of a value, because values are the same for all steps; gives these names.
std::vector<std::string> without_values(TerminalChange& change, const Values& values);

/// Takes out of the change whatever holds a secret, also in an encoding: a variable is unset then, so that the next
/// step does not find what it held before. `named`: the secrets that the step knows. Gives words for each.
std::vector<std::string> without_secrets(TerminalChange& change, const RunSecrets& secrets, const Secrets& named);

/// Why the terminal cannot take the change, if it is too much: the system would start no program with it.
[[nodiscard]] std::optional<std::string> too_much(const TerminalChange& change, const Terminal& terminal);

} // namespace runbook
