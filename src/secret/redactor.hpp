// Masks secrets in what is shown or kept: each place that holds one, however it is written, becomes `***`.
//
// It finds a secret, and each of its lines, as it is; in base64 (standard and for URLs, anywhere in what was encoded,
// with line breaks); in hexadecimal digits (of either case, with blanks, ':' or '-' between); percent-encoded in part
// or as a whole; and with the escapes of JSON, C and shells. Where several of them overlap or touch there is one `***`.
// What is encoded twice is not found. Of base64 the digit at each end may be left, which holds four bits at most.
//
// Ownership: a `Redactor` owns its tables, which are overwritten with it; a `RedactedStream` shares them.
// Thread-safety: a `Redactor` is immutable; a stream belongs to one thread at a time.
#pragma once

#include "secret/automaton.hpp"
#include "secret/escapes.hpp"
#include "secret/track.hpp"

#include <runbook/secret.hpp>

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

inline constexpr std::string_view redacted = "***";

class Redactor {
public:
  explicit Redactor(const Secrets& secrets);

  /// How many bytes at the front of the text cannot begin a secret, whatever follows the text.
  [[nodiscard]] std::size_t harmless(std::string_view text) const noexcept;

  [[nodiscard]] const Automaton& plain() const noexcept { return plain_; }
  [[nodiscard]] const Automaton& base64() const noexcept { return base64_; }
  [[nodiscard]] const Automaton& hex() const noexcept { return hex_; }

private:
  void note_beginnings();
  /// Of a text whose first byte may begin a secret: whether the bytes behind it may go on so.
  [[nodiscard]] bool may_begin(std::string_view text) const noexcept;

  Automaton plain_;
  Automaton base64_;
  Automaton hex_;
  std::bitset<256> begins_;                // bytes that a secret may begin with
  WipingVector<std::bitset<256>> goes_on_; // by such a byte: what may come behind it
};

/// Masks a text that comes in pieces: however it is cut, the same comes out. What is held back meanwhile is no more
/// than some times the longest secret.
class RedactedStream {
public:
  explicit RedactedStream(std::shared_ptr<const Redactor> redactor);

  /// Bytes go in; what is decided by now comes out.
  [[nodiscard]] std::string feed(std::string_view bytes);
  /// Nothing follows: the rest comes out. Call once.
  [[nodiscard]] std::string finish();

private:
  /// A track in which some bytes do not count.
  struct Loose {
    Track track;
    unsigned skipped = 0; // in a row
  };

  void look_at(char byte);
  template <class Alphabet>
  void look_loosely(Loose& loose, char byte, std::uint64_t at);
  void mark(std::uint64_t begin, std::uint64_t end) noexcept;
  /// Where what may still become a secret begins; nothing if there is none.
  [[nodiscard]] std::optional<std::uint64_t> undecided() const noexcept;
  void release(std::uint64_t until, std::string& out);
  [[nodiscard]] std::uint64_t end() const noexcept { return begin_ + held_.size(); }

  std::shared_ptr<const Redactor> redactor_;
  Track plain_;
  Track percent_;
  Track backslash_;
  Loose base64_;
  Loose hex_;
  EscapeReader<unescape_percent> percents_;
  EscapeReader<unescape_backslash> backslashes_;
  WipingVector<char> held_;   // what is not decided
  WipingVector<char> masked_; // for each byte of it: whether it is masked
  std::uint64_t begin_ = 0;   // where it begins
  bool masking_ = false;      // the last byte that was decided is masked
};

/// The text with all secrets masked.
[[nodiscard]] std::string redact(const std::shared_ptr<const Redactor>& redactor, std::string_view text);

} // namespace runbook
