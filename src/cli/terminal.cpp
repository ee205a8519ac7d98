#include "terminal.hpp"

#include "output.hpp"

#include <sys/ioctl.h>

namespace runbook::cli {

namespace {

constexpr std::string_view to_line_start = "\r\x1b[K"; // and the line erased
constexpr std::size_t usual_columns = 80;
constexpr std::size_t fewest_columns = 20;

} // namespace

Terminal::~Terminal() {
  update({}, {});
}

std::size_t Terminal::columns() const {
  winsize size{};
  if (::ioctl(descriptor_, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return usual_columns - 1;
  return size.ws_col < fewest_columns ? fewest_columns - 1 : size.ws_col - std::size_t{1};
}

// What has to be written to get to the start of an empty line. Something may stand there even if nothing was drawn: the
// echo of a key.
std::string Terminal::erased() const {
  if (live_terminal_) return std::string(to_line_start);
  return prompt_.empty() ? "" : "\n";
}

void Terminal::update(std::string_view lines, std::string live) {
  if (!live_terminal_) live.clear();
  const std::scoped_lock lock(mutex_);
  const bool changed = live != live_;
  live_ = std::move(live);
  if (lines.empty() && (!changed || !prompt_.empty())) return;
  std::string text = erased();
  text += lines;
  text += prompt_;
  if (prompt_.empty()) text += live_;
  write_all(descriptor_, text);
}

void Terminal::open_prompt(std::string_view lines, std::string prompt) {
  const std::scoped_lock lock(mutex_);
  std::string text = erased();
  prompt_ = std::move(prompt);
  text += lines;
  text += prompt_;
  write_all(descriptor_, text);
}

void Terminal::close_prompt(bool entered) {
  const std::scoped_lock lock(mutex_);
  prompt_.clear();
  std::string text = entered ? "" : "\n";
  text += live_;
  write_all(descriptor_, text);
}

} // namespace runbook::cli
