#include "secret/encodings.hpp"

#include "markdown/text.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace runbook {

namespace {

using Text = WipingVector<char>;

std::string_view view(const Text& text) noexcept {
  return {text.data(), text.size()};
}

bool long_enough(std::string_view text) noexcept {
  const bool is_text = find_invalid_utf8(text) == std::string_view::npos;
  return (is_text ? count_code_points(text) : text.size()) >= Secret::min_characters;
}

/// Visits the secret, and its lines if it has several, without the blanks around them.
template <class Visit>
void for_each_piece(const Secret& secret, const Visit& visit) {
  std::string_view rest = secret.reveal();
  visit(rest);
  if (rest.find('\n') == std::string_view::npos) return;
  std::string_view line;
  while (markdown::next_line(rest, line)) {
    line = markdown::trim(line);
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (long_enough(line)) visit(line);
  }
}

Text replaced(std::string_view text, char what, std::string_view by) {
  Text out;
  out.reserve(text.size() * by.size());
  for (const char c : text) {
    if (c == what) {
      out.insert(out.end(), by.begin(), by.end());
    } else {
      out.push_back(c);
    }
  }
  return out;
}

/// The digits that stand for nothing but the text, when it stands behind `shift` other bytes. `ends`: also the last
/// ones that are there if nothing follows.
Text base64_of(std::string_view text, unsigned shift, bool ends) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Text out;
  out.reserve(text.size() * 2 + 4);
  const std::size_t bits = (shift + text.size()) * 8;
  const auto bit = [&](std::size_t at) -> unsigned {
    if (at >= bits) return 0;
    const auto byte = static_cast<unsigned char>(text[at / 8 - shift]);
    return (byte >> (7 - at % 8)) & 1U;
  };
  const std::size_t first = (std::size_t{shift} * 8 + 5) / 6;
  const std::size_t last = ends ? (bits + 5) / 6 : bits / 6;
  for (std::size_t digit = first; digit < last; ++digit) {
    unsigned value = 0;
    for (std::size_t i = 0; i < 6; ++i) value = value << 1U | bit(digit * 6 + i);
    out.push_back(digits[value]);
  }
  if (ends) out.insert(out.end(), (4 - last % 4) % 4, '=');
  return out;
}

} // namespace

void add_plain(const Secret& secret, Automaton& texts) {
  for_each_piece(secret, [&](std::string_view piece) {
    texts.add(piece);
    if (piece.find('\'') != std::string_view::npos) {
      texts.add(view(replaced(piece, '\'', R"('\'')")));
      texts.add(view(replaced(piece, '\'', R"('"'"')")));
    }
    // Who writes a blank as '+' may leave a '+' as it is.
    if (piece.find('+') != std::string_view::npos) texts.add(view(replaced(piece, '+', " ")));
  });
}

void add_base64(const Secret& secret, Automaton& texts) {
  for_each_piece(secret, [&](std::string_view piece) {
    for (unsigned shift = 0; shift < 3; ++shift) {
      texts.add(view(base64_of(piece, shift, false)));
      texts.add(view(base64_of(piece, shift, true)));
    }
  });
}

void add_hex(const Secret& secret, Automaton& texts) {
  constexpr std::string_view digits = "0123456789abcdef";
  for_each_piece(secret, [&](std::string_view piece) {
    Text out;
    out.reserve(piece.size() * 2);
    for (const char c : piece) {
      out.push_back(digits[static_cast<unsigned char>(c) >> 4U]);
      out.push_back(digits[static_cast<unsigned char>(c) & 0xFU]);
    }
    texts.add(view(out));
  });
}

} // namespace runbook
