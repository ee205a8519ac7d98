#include "expression/literal.hpp"

#include "expression/number.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

void append_code_point(std::string& out, std::uint32_t c) {
  const auto byte = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) return byte(c);
  if (c < 0x800) {
    byte(0xC0U | (c >> 6U));
  } else if (c < 0x10000) {
    byte(0xE0U | (c >> 12U));
    byte(0x80U | ((c >> 6U) & 0x3FU));
  } else {
    byte(0xF0U | (c >> 18U));
    byte(0x80U | ((c >> 12U) & 0x3FU));
    byte(0x80U | ((c >> 6U) & 0x3FU));
  }
  byte(0x80U | (c & 0x3FU));
}

/// Replaces the escapes of a string's content.
class Unescape {
public:
  explicit Unescape(std::string_view content) : content_(content) {}

  bool run() {
    while (at_ < content_.size()) {
      if (content_[at_] != '\\') {
        out_ += content_[at_++];
      } else if (!escape()) {
        return false;
      }
    }
    return true;
  }

  [[nodiscard]] std::string take() { return std::move(out_); }
  /// Where the escape that is wrong begins and how long it is, and why it is wrong.
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] const std::string& flaw() const noexcept { return flaw_; }

private:
  bool escape() {
    constexpr std::string_view letters = "abfnrtv\\?\"'`";
    constexpr std::string_view meanings = "\a\b\f\n\r\t\v\\?\"'`";
    const char c = content_[at_ + 1]; // a string never ends with a lone backslash: it would escape the quote
    if (const std::size_t i = letters.find(c); i != std::string_view::npos) {
      out_ += meanings[i];
      at_ += 2;
      return true;
    }
    switch (c) {
    case 'x':
    case 'X': return code(2, 2, 16);
    case 'u': return code(2, 4, 16);
    case 'U': return code(2, 8, 16);
    case '0':
    case '1':
    case '2':
    case '3': return code(1, 3, 8);
    default: break;
    }
    size_ = 2;
    flaw_ = fmt::format("'\\{}' is no escape; a backslash is written '\\\\', or the string as r'…'",
                        static_cast<unsigned char>(c) < 0x80 ? content_.substr(at_ + 1, 1) : std::string_view("…"));
    return false;
  }

  /// So many digits of a base after so many characters, which are a code point.
  bool code(std::size_t skip, std::size_t digits, int base) {
    const std::string_view text = content_.substr(at_ + skip, digits);
    std::uint32_t point = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), point, base);
    size_ = skip + text.size();
    if (text.size() < digits || error != std::errc{} || end != text.data() + digits) {
      flaw_ = fmt::format("this escape needs {} {} digits", digits, base == 8 ? "octal" : "hexadecimal");
      return false;
    }
    if (point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF)) {
      flaw_ = fmt::format("U+{:04X} is no character", point);
      return false;
    }
    append_code_point(out_, point);
    at_ += size_;
    return true;
  }

  std::string_view content_;
  std::string out_;
  std::string flaw_;
  std::size_t at_ = 0;
  std::size_t size_ = 0;
};

std::variant<Value, Problem> string_value(const Token& token) {
  const bool raw = token.text.front() == 'r' || token.text.front() == 'R';
  const std::size_t prefix = raw ? 1 : 0;
  const std::string_view quoted = token.text.substr(prefix);
  const bool long_form = quoted.size() >= 6 && quoted[1] == quoted[0] && quoted[2] == quoted[0];
  const std::size_t quote = long_form ? 3 : 1;
  const std::string_view content = quoted.substr(quote, quoted.size() - 2 * quote);
  if (raw) return Value(content);
  Unescape unescape(content);
  if (unescape.run()) return Value(unescape.take());
  const auto begin = static_cast<std::uint32_t>(token.part.begin + quote + unescape.at());
  return Problem{{begin, static_cast<std::uint32_t>(begin + unescape.size())}, unescape.flaw(), {}};
}

std::variant<Value, Problem> integer_value(const Token& token, bool negative) {
  const bool hex = token.text.starts_with("0x") || token.text.starts_with("0X");
  const std::string_view digits = token.text.substr(hex ? 2 : 0);
  constexpr auto largest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  std::uint64_t size = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), size, hex ? 16 : 10);
  if (result.ec != std::errc{} || size > largest + (negative ? 1U : 0U)) {
    return Problem{token.part, "this integer is too large", "integers have 64 bits; write 1.0 or 1e3 for a double"};
  }
  return Value(static_cast<std::int64_t>(negative ? 0U - size : size));
}

std::variant<Value, Problem> real_value(const Token& token) {
  const double number = read_real(token.text).value_or(0);
  if (!std::isinf(number)) return Value(number);
  return Problem{token.part, "this number is too large", "the largest double is about 1.8e308"};
}

} // namespace

std::variant<Value, Problem> literal_value(const Token& token, bool negative) {
  switch (token.kind) {
  case Token::Kind::string: return string_value(token);
  case Token::Kind::integer: return integer_value(token, negative);
  default: return real_value(token);
  }
}

} // namespace runbook::expression
