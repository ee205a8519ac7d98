// Who owns a run, in words that tell a process from a later one with its number.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// This process: `host:pid:start:boot`, its start in the kernel's clock ticks and the id of the host's boot.
[[nodiscard]] std::string process_name();
/// An owner in this process, unlike every other one: `host:pid:start:boot#number`.
[[nodiscard]] std::string owner_name();
/// Whether this copy of the library, in this process, has made up the name. Another copy in the same process has made
/// up others.
[[nodiscard]] bool is_of_this_library(std::string_view owner);

/// Whether the owner's process still lives. Nothing if it cannot be told from here: it is another host's, or the name
/// is none.
[[nodiscard]] std::optional<bool> owner_lives(std::string_view owner);
[[nodiscard]] bool is_of_this_host(std::string_view owner);
/// Of this host, since it was last started.
[[nodiscard]] bool is_of_this_boot(std::string_view owner);

} // namespace runbook
