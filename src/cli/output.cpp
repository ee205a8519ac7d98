#include "output.hpp"

#include "shown_text.hpp"

#include <cerrno>

#include <poll.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

bool print_to(int descriptor, std::string_view text) {
  if (::isatty(descriptor) == 0) return write_all(descriptor, text);
  return write_all(descriptor, shown_block(text));
}

} // namespace

bool write_all(int descriptor, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      // Whoever shares the descriptor has made it non-blocking.
      pollfd ready{descriptor, POLLOUT, 0};
      static_cast<void>(::poll(&ready, 1, -1));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

bool print(std::string_view text) {
  return print_to(STDOUT_FILENO, text);
}

void print_error(std::string_view text) {
  print_to(STDERR_FILENO, text);
}

void complain(std::string_view message) {
  print_error("runbook: " + std::string(message) + "\n");
}

std::string shell_word(std::string_view text) {
  constexpr std::string_view plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=@%+,";
  if (!text.empty() && text.find_first_not_of(plain) == std::string_view::npos) return std::string(text);
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted += c;
    }
  }
  return quoted + "'";
}

} // namespace runbook::cli
