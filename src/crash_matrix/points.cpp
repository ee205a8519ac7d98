#include "crash_matrix/points.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <utility>

namespace runbook::testing::crash {

namespace {

int open_for_lines(const std::string& file) {
  return ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
}

void write_line(int descriptor, std::string_view text) {
  std::string line(text);
  line += '\n';
  static_cast<void>(::write(descriptor, line.data(), line.size()));
}

} // namespace

void add_line(const std::string& file, std::string_view line) {
  const int descriptor = open_for_lines(file);
  if (descriptor < 0) return;
  write_line(descriptor, line);
  ::close(descriptor);
}

std::string read_file(const std::string& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

Points::Points(std::string kill_at, const std::string& passed, std::string killed)
    : kill_at_(std::move(kill_at)), killed_(std::move(killed)), passed_(passed.empty() ? -1 : open_for_lines(passed)) {}

Points::~Points() {
  if (passed_ >= 0) ::close(passed_);
}

std::uint64_t Points::next(const std::string& kind) {
  const std::scoped_lock lock(mutex_);
  return ++counts_[kind];
}

bool Points::reach(std::string_view point, std::string_view words) {
  const std::scoped_lock lock(mutex_);
  if (stopped_) return false;
  if (passed_ >= 0) write_line(passed_, point);
  if (kill_at_.empty() || point != kill_at_) return false;
  std::string where(point);
  if (!words.empty()) where.append(" (").append(words).append(")");
  if (!killed_.empty()) add_line(killed_, where);
  return true;
}

void Points::pass(std::string_view point, std::string_view words) {
  if (reach(point, words)) end();
}

void Points::stop() {
  const std::scoped_lock lock(mutex_);
  stopped_ = true;
}

void Points::end() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

} // namespace runbook::testing::crash
