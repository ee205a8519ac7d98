// Writing to the command's own descriptors.
//
// Thread-safety: the functions may be called from any thread; text that is written in one call is not interleaved by
// this program only if the callers see to it.
#pragma once

#include <string>
#include <string_view>

namespace runbook::cli {

/// Writes all of it. False if it could not be written (closed pipe, full disk): the rest is lost.
bool write_all(int descriptor, std::string_view text);

/// Prints text on standard output; on a terminal, control characters in it are made harmless.
bool print(std::string_view text);

/// Prints `runbook: message` on standard error.
void complain(std::string_view message);

/// Prints lines on standard error as they are, but for control characters on a terminal.
void print_error(std::string_view text);

/// The word as a POSIX shell reads it back.
[[nodiscard]] std::string shell_word(std::string_view text);

} // namespace runbook::cli
