#include "read_text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace runbook::cli {

namespace {

Error failed(std::string_view what, int number = errno) {
  return {errc::io_error, std::string(what) + ": " + std::generic_category().message(number), {}};
}

/// Owns a descriptor that is not standard input.
class Descriptor {
public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDIN_FILENO) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int get() const noexcept { return number_; }

private:
  int number_;
};

} // namespace

Result<std::string> read_text(const std::string& path, std::size_t limit) {
  const Descriptor file(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (file.get() < 0) return failed("cannot be read");
  std::string text;
  std::array<char, 65536> buffer{};
  while (text.size() < limit) {
    const ssize_t got = ::read(file.get(), buffer.data(), std::min(buffer.size(), limit - text.size()));
    if (got == 0) break;
    if (got < 0 && errno != EINTR) return failed("cannot be read");
    if (got > 0) text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return text;
}

} // namespace runbook::cli
