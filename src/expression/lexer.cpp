#include "expression/characters.hpp"
#include "expression/token.hpp"

#include "printable.hpp"
#include "utf8.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

// The longer ones first.
constexpr std::array<std::string_view, 24> symbols{"==", "!=", "<=", ">=", "&&", "||", "(", ")", "[", "]", "{", "}",
                                                   ".",  ",",  "?",  ":",  "<",  ">",  "+", "-", "*", "/", "%", "!"};

class Lexer {
public:
  Lexer(std::string_view text, std::vector<Token>& tokens) : text_(text), tokens_(tokens) {}

  bool run() {
    for (skip_blanks(); at_ < text_.size(); skip_blanks()) {
      if (!token()) return false;
    }
    add(Token::Kind::end, 0);
    return true;
  }

  [[nodiscard]] Problem& problem() noexcept { return problem_; }

private:
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() noexcept {
    while (at_ < text_.size()) {
      if (is_blank(peek())) {
        ++at_;
      } else if (rest().starts_with("//")) {
        at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
      } else {
        return;
      }
    }
  }

  bool add(Token::Kind kind, std::size_t size) {
    tokens_.push_back({kind, text_.substr(at_, size), part(size)});
    at_ += size;
    return true;
  }

  bool token() {
    if (const std::size_t prefix = string_prefix(); prefix != std::string_view::npos) return string(prefix);
    if (is_name_start(peek())) return name();
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    for (const std::string_view symbol : symbols) {
      if (rest().starts_with(symbol)) return add(Token::Kind::symbol, symbol.size());
    }
    return unexpected();
  }

  /// How many letters are before the quote, if a string begins here.
  [[nodiscard]] std::size_t string_prefix() const noexcept {
    const auto is_quote = [&](std::size_t ahead) { return peek(ahead) == '"' || peek(ahead) == '\''; };
    constexpr std::string_view letters = "rRbB";
    for (std::size_t size = 0; size <= 2; ++size) {
      if (is_quote(size)) return size;
      if (letters.find(peek(size)) == std::string_view::npos) break;
    }
    return std::string_view::npos;
  }

  bool string(std::size_t prefix) {
    const std::string_view before = rest().substr(0, prefix);
    if (before.find_first_of("bB") != std::string_view::npos) {
      return fail(prefix, "bytes are not part of this language", "leave out the 'b': it has strings only");
    }
    const char quote = peek(prefix);
    const std::string triple(3, quote);
    const bool long_form = rest().substr(prefix).starts_with(triple);
    const std::string_view delimiter = std::string_view(triple).substr(0, long_form ? 3 : 1);
    std::size_t at = at_ + prefix + delimiter.size();
    while (at < text_.size() && !text_.substr(at).starts_with(delimiter)) {
      if (!long_form && (text_[at] == '\n' || text_[at] == '\r')) break;
      at += text_[at] == '\\' && before.empty() ? 2 : 1;
    }
    if (!text_.substr(std::min(at, text_.size())).starts_with(delimiter)) {
      return fail(prefix + delimiter.size(), "this string does not end", fmt::format("close it with {}", delimiter));
    }
    return add(Token::Kind::string, at + delimiter.size() - at_);
  }

  bool name() {
    std::size_t size = 1;
    while (is_name_part(peek(size))) ++size;
    return add(Token::Kind::name, size);
  }

  bool number() {
    std::size_t size = 0;
    auto kind = Token::Kind::integer;
    const auto digits = [&] {
      while (is_digit(peek(size))) ++size;
    };
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X')) {
      size = 2;
      while (hex_value(peek(size)) >= 0) ++size;
    } else {
      digits();
      if (peek(size) == '.' && is_digit(peek(size + 1))) {
        kind = Token::Kind::real;
        ++size;
        digits();
      }
      const std::size_t sign = peek(size + 1) == '+' || peek(size + 1) == '-' ? 2 : 1;
      if ((peek(size) == 'e' || peek(size) == 'E') && is_digit(peek(size + sign))) {
        kind = Token::Kind::real;
        size += sign;
        digits();
      }
    }
    if (is_name_part(peek(size)) || rest().substr(0, size) == "0x") return bad_number(size);
    return add(kind, size);
  }

  bool bad_number(std::size_t size) {
    const bool is_unsigned = (peek(size) == 'u' || peek(size) == 'U') && !is_name_part(peek(size + 1));
    while (is_name_part(peek(size))) ++size;
    if (is_unsigned) {
      return fail(size, "unsigned integers are not part of this language", "leave out the 'u'");
    }
    return fail(size, fmt::format("'{}' is neither a number nor a name", rest().substr(0, size)), {});
  }

  bool unexpected() {
    const CodePoint point = code_point_at(text_, at_);
    const std::string_view shown = rest().substr(0, std::max<std::size_t>(point.size, 1));
    std::string hint;
    if (point.value == '=' && at_ > 0 && text_[at_ - 1] == '=') {
      hint = "equality is asked with '=='";
    } else if (point.value == '=' || point.value == '&' || point.value == '|') {
      hint = fmt::format("did you mean '{}{}'?", shown, shown);
    } else if ((point.value >= 0x2018 && point.value <= 0x201F) || point.value == '`') {
      hint = "strings are quoted with ' or \"";
    } else if (point.value == 0xA0 || point.value == 0x3000 || (point.value >= 0x2000 && point.value <= 0x200B)) {
      hint = "it looks like a blank; replace it by one";
      return fail(shown.size(), fmt::format("the character U+{:04X} has no place here", std::uint32_t{point.value}),
                  hint);
    }
    return fail(shown.size(), fmt::format("'{}' has no place here", printable(shown)), hint);
  }

  [[nodiscard]] Part part(std::size_t size) const noexcept {
    return {static_cast<std::uint32_t>(at_), static_cast<std::uint32_t>(at_ + size)};
  }

  bool fail(std::size_t size, std::string message, std::string hint) {
    problem_ = {part(size), std::move(message), std::move(hint)};
    return false;
  }

  std::string_view text_;
  std::vector<Token>& tokens_;
  std::size_t at_ = 0;
  Problem problem_;
};

} // namespace

std::optional<Problem> tokenize(std::string_view text, std::vector<Token>& tokens) {
  Lexer lexer(text, tokens);
  if (lexer.run()) return std::nullopt;
  return std::move(lexer.problem());
}

} // namespace runbook::expression
