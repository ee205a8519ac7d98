// The words for a program that could not be started.
#pragma once

#include "process/launcher.hpp"

#include <runbook/system.hpp>

#include <optional>
#include <string>

namespace runbook::process {

/// What no process can be given: an empty name, a NUL byte.
[[nodiscard]] std::optional<Error> unusable(const ProcessSpec& spec);

/// `candidates` are the paths that were tried; null-terminated.
[[nodiscard]] Error launch_error(const ProcessSpec& spec, const char* const* candidates, const LaunchFailure& failure);

/// The host has no descriptor, no memory or the like left (`error` is an errno).
[[nodiscard]] Error resource_error(const ProcessSpec& spec, int error);

} // namespace runbook::process
