#include "secret/redactor.hpp"

#include "markdown/text.hpp"
#include "secret/encodings.hpp"

#include <algorithm>
#include <array>

namespace runbook {

namespace {

/// More bytes in a row that do not count are no line break and no indentation: what was begun is given up.
constexpr unsigned longest_gap = 16;
/// So much is released at once while something else is held back.
constexpr std::uint64_t piece = std::uint64_t{32} * 1024;

struct PlainAlphabet {
  static bool skips(char) noexcept { return false; }
  static char read(char byte) noexcept { return byte; }
};

struct Base64Alphabet {
  static bool skips(char byte) noexcept { return markdown::is_blank(byte) || byte == '\r'; }
  static char read(char byte) noexcept {
    if (byte == '-') return '+';
    return byte == '_' ? '/' : byte;
  }
};

struct HexAlphabet {
  static bool skips(char byte) noexcept { return Base64Alphabet::skips(byte) || byte == ':' || byte == '-'; }
  static char read(char byte) noexcept { return markdown::lower(byte); }
};

bool may_escape(std::size_t byte) noexcept {
  return byte == '%' || byte == '+' || byte == '\\';
}

/// Whatever may stand between two bytes of a secret and not count.
bool is_gap(char byte) noexcept {
  return HexAlphabet::skips(byte);
}

/// What two bytes may begin a text of the automaton.
template <class Alphabet>
void note(const Automaton& automaton, std::bitset<256>& begins, WipingVector<std::bitset<256>>& goes_on) {
  const auto step = [&](Automaton::State state, std::size_t byte) {
    return automaton.step(state, static_cast<unsigned char>(Alphabet::read(static_cast<char>(byte))));
  };
  for (std::size_t first = 0; first < 256; ++first) {
    const Automaton::State begun = step(Automaton::root, first);
    if (automaton.open(begun) == 0 || Alphabet::skips(static_cast<char>(first))) continue;
    begins.set(first);
    for (std::size_t second = 0; second < 256; ++second) {
      if (Alphabet::skips(static_cast<char>(second))) continue;
      if (automaton.open(step(begun, second)) == 2) goes_on[first].set(second);
    }
  }
}

} // namespace

Redactor::Redactor(const Secrets& secrets) : goes_on_(256) {
  for (const auto& [name, secret] : secrets) {
    if (secret.empty()) continue;
    add_plain(secret, plain_);
    add_base64(secret, base64_);
    add_hex(secret, hex_);
  }
  for (Automaton* automaton : {&plain_, &base64_, &hex_}) automaton->build();
  note_beginnings();
}

void Redactor::note_beginnings() {
  note<PlainAlphabet>(plain_, begins_, goes_on_);
  note<Base64Alphabet>(base64_, begins_, goes_on_);
  note<HexAlphabet>(hex_, begins_, goes_on_);
  for (std::size_t byte = 0; byte < 256; ++byte) {
    if (!may_escape(byte)) continue;
    begins_.set(byte);
    goes_on_[byte].set();
    for (std::bitset<256>& second : goes_on_) second.set(byte);
  }
}

std::size_t Redactor::harmless(std::string_view text) const noexcept {
  std::size_t at = 0;
  while (at < text.size() && !(begins_[static_cast<unsigned char>(text[at])] && may_begin(text.substr(at)))) ++at;
  return at;
}

bool Redactor::may_begin(std::string_view text) const noexcept {
  const std::bitset<256>& goes_on = goes_on_[static_cast<unsigned char>(text.front())];
  for (const char next : text.substr(1, longest_gap + 1)) {
    if (goes_on[static_cast<unsigned char>(next)]) return true;
    if (!is_gap(next)) return false;
  }
  return true; // what comes is not there yet
}

RedactedStream::RedactedStream(std::shared_ptr<const Redactor> redactor)
    : redactor_(std::move(redactor)), plain_(redactor_->plain()), percent_(redactor_->plain()),
      backslash_(redactor_->plain()), base64_{Track(redactor_->base64())}, hex_{Track(redactor_->hex())} {}

std::string RedactedStream::feed(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() + redacted.size());
  while (!bytes.empty()) {
    if (held_.empty()) {
      const std::size_t harmless = redactor_->harmless(bytes);
      if (harmless > 0) masking_ = false;
      out += bytes.substr(0, harmless);
      begin_ += harmless;
      bytes.remove_prefix(harmless);
      if (bytes.empty()) break;
    }
    look_at(bytes.front());
    bytes.remove_prefix(1);
    const auto from = undecided();
    if (!from || bytes.empty() || *from - begin_ >= piece) release(from.value_or(end()), out);
  }
  return out;
}

std::string RedactedStream::finish() {
  const auto mark_in = [this](std::uint64_t begin, std::uint64_t end) { mark(begin, end); };
  percents_.finish([&](char c, std::uint64_t begin, std::uint64_t end) { percent_.take(c, begin, end, mark_in); });
  backslashes_.finish([&](char c, std::uint64_t begin, std::uint64_t end) { backslash_.take(c, begin, end, mark_in); });
  std::string out;
  release(end(), out);
  return out;
}

void RedactedStream::look_at(char byte) {
  const std::uint64_t at = end();
  held_.push_back(byte);
  masked_.push_back(0);
  const auto mark_in = [this](std::uint64_t begin, std::uint64_t end) { mark(begin, end); };
  plain_.take(byte, at, at + 1, mark_in);
  percents_.feed(byte, at,
                 [&](char c, std::uint64_t begin, std::uint64_t end) { percent_.take(c, begin, end, mark_in); });
  backslashes_.feed(byte, at,
                    [&](char c, std::uint64_t begin, std::uint64_t end) { backslash_.take(c, begin, end, mark_in); });
  look_loosely<Base64Alphabet>(base64_, byte, at);
  look_loosely<HexAlphabet>(hex_, byte, at);
}

template <class Alphabet>
void RedactedStream::look_loosely(Loose& loose, char byte, std::uint64_t at) {
  if (!Alphabet::skips(byte)) {
    loose.skipped = 0;
    return loose.track.take(Alphabet::read(byte), at, at + 1,
                            [this](std::uint64_t begin, std::uint64_t end) { mark(begin, end); });
  }
  if (loose.track.live() && ++loose.skipped > longest_gap) loose.track.reset();
}

// What was decided already is never marked: it could not begin a secret.
void RedactedStream::mark(std::uint64_t begin, std::uint64_t end) noexcept {
  const std::uint64_t from = std::max(begin, begin_) - begin_;
  std::fill(masked_.begin() + static_cast<std::ptrdiff_t>(from),
            masked_.begin() + static_cast<std::ptrdiff_t>(end - begin_), char{1});
}

std::optional<std::uint64_t> RedactedStream::undecided() const noexcept {
  std::optional<std::uint64_t> first;
  const auto consider = [&](bool live, std::uint64_t begin) {
    if (live && (!first || begin < *first)) first = begin;
  };
  for (const Track* track : {&plain_, &percent_, &backslash_, &base64_.track, &hex_.track}) {
    if (track->live()) consider(true, track->begin());
  }
  consider(percents_.open(), percents_.begin());
  consider(backslashes_.open(), backslashes_.begin());
  return first;
}

void RedactedStream::release(std::uint64_t until, std::string& out) {
  const auto count = static_cast<std::ptrdiff_t>(until - begin_);
  for (std::ptrdiff_t i = 0; i < count; ++i) {
    const bool masked = masked_[static_cast<std::size_t>(i)] != 0;
    if (!masked) out += held_[static_cast<std::size_t>(i)];
    if (masked && !masking_) out += redacted;
    masking_ = masked;
  }
  held_.erase(held_.begin(), held_.begin() + count);
  masked_.erase(masked_.begin(), masked_.begin() + count);
  begin_ = until;
}

std::string redact(const std::shared_ptr<const Redactor>& redactor, std::string_view text) {
  if (redactor->harmless(text) == text.size()) return std::string(text);
  RedactedStream stream(redactor);
  std::string out = stream.feed(text);
  return out + stream.finish();
}

} // namespace runbook
