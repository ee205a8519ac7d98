// Reading what is escaped as it arrives: each byte that comes out knows the bytes that it was written with.
//
// Thread-safety: belongs to one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace runbook {

/// What the front of a text stands for.
struct Unescaped {
  enum class Kind : std::uint8_t {
    incomplete, ///< more has to be seen
    plain,      ///< the first byte stands for itself
    bytes,      ///< the first `size` bytes stand for the first `count` of `bytes`
  };
  Kind kind = Kind::plain;
  std::size_t size = 1;
  std::array<char, 4> bytes{};
  std::size_t count = 0;
};

/// `%41`, and `+` as a blank. `ended`: nothing follows the text.
[[nodiscard]] Unescaped unescape_percent(std::string_view text, bool ended) noexcept;
/// What JSON, C and shells write with a backslash.
[[nodiscard]] Unescaped unescape_backslash(std::string_view text, bool ended) noexcept;

/// Calls `take(byte, begin, end)` for each byte that comes out, with the places of what it was written with.
template <Unescaped (*unescape)(std::string_view, bool) noexcept>
class EscapeReader {
public:
  template <class Take>
  void feed(char byte, std::uint64_t at, const Take& take) {
    if (size_ == 0) begin_ = at;
    seen_[size_++] = byte;
    settle(false, take);
  }
  template <class Take>
  void finish(const Take& take) {
    settle(true, take);
  }
  /// Whether an escape has begun and is not complete.
  [[nodiscard]] bool open() const noexcept { return size_ > 0; }
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_; }

private:
  template <class Take>
  void settle(bool ended, const Take& take) {
    while (size_ > 0) {
      const Unescaped front = unescape({seen_.data(), size_}, ended);
      if (front.kind == Unescaped::Kind::incomplete) return;
      if (front.kind == Unescaped::Kind::plain) {
        take(seen_.front(), begin_, begin_ + 1);
      } else {
        for (std::size_t i = 0; i < front.count; ++i) take(front.bytes[i], begin_, begin_ + front.size);
      }
      size_ -= front.size;
      begin_ += front.size;
      std::memmove(seen_.data(), seen_.data() + front.size, size_);
    }
  }

  std::array<char, 16> seen_{};
  std::size_t size_ = 0;
  std::uint64_t begin_ = 0;
};

} // namespace runbook
