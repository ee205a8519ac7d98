#include "line_reader.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <termios.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

// A longer line is no answer, whatever follows.
constexpr std::size_t longest_line = 4096;

constexpr std::chrono::milliseconds hang_up_grace{2000};

} // namespace

LineReader::LineReader() : wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  typed_.reserve(2 * longest_line); // a text that grows leaves its bytes behind
  if (wake_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

LineReader::~LineReader() {
  show_typed(true);
  ::close(wake_);
}

// A terminal that goes away also sends SIGHUP, a request to stop, which withdraws the question: which of the two is
// noticed first must make no difference.
bool LineReader::woken_within(std::chrono::milliseconds time) const {
  pollfd woken{wake_, POLLIN, 0};
  int ready = 0;
  do {
    ready = ::poll(&woken, 1, static_cast<int>(time.count()));
  } while (ready < 0 && errno == EINTR);
  return ready > 0;
}

LineReader::Read LineReader::read() {
  while (true) {
    if (const std::size_t end = typed_.find('\n'); end != std::string::npos) {
      std::string line = typed_.substr(0, end);
      typed_.erase(0, end + 1);
      return line;
    }
    std::array<pollfd, 2> ready{{{STDIN_FILENO, POLLIN, 0}, {wake_, POLLIN, 0}}};
    if (::poll(ready.data(), ready.size(), -1) < 0 && errno != EINTR) return EndOfInput{};
    if (ready[1].revents != 0) {
      std::uint64_t count = 0;
      static_cast<void>(::read(wake_, &count, sizeof count));
      return Woken{};
    }
    if (ready[0].revents == 0) continue;
    std::array<char, 1024> bytes{};
    const ssize_t size = ::read(STDIN_FILENO, bytes.data(), bytes.size());
    if (size < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    const bool hung_up = (ready[0].revents & (POLLHUP | POLLERR)) != 0 || (size < 0 && errno == EIO);
    if (size <= 0 && hung_up && woken_within(hang_up_grace)) return Woken{};
    if (size <= 0) return EndOfInput{};
    typed_.append(bytes.data(), static_cast<std::size_t>(size));
    ::explicit_bzero(bytes.data(), bytes.size());
    if (typed_.size() > longest_line && typed_.find('\n') == std::string::npos) typed_.clear();
  }
}

void LineReader::wake() {
  const std::uint64_t one = 1;
  static_cast<void>(::write(wake_, &one, sizeof one) < 0); // it can only fail when it is woken already
}

void LineReader::show_typed(bool shown) {
  termios mode{};
  if (shown == shown_ || ::tcgetattr(STDIN_FILENO, &mode) != 0) return;
  mode.c_lflag = shown ? mode.c_lflag | ECHO : mode.c_lflag & ~static_cast<tcflag_t>(ECHO);
  if (::tcsetattr(STDIN_FILENO, TCSADRAIN, &mode) == 0) shown_ = shown;
}

void LineReader::forget_typed() {
  typed_.clear();
  typed_.resize(typed_.capacity());
  ::explicit_bzero(typed_.data(), typed_.size());
  typed_.clear();
}

void LineReader::discard_typed() {
  typed_.clear();
  ::tcflush(STDIN_FILENO, TCIFLUSH);
}

} // namespace runbook::cli
