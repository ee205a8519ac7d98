#include "expression/literal.hpp"
#include "expression/parser.hpp"

#include "printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

using Kind = Node::Kind;

constexpr std::array<std::string_view, 4> keywords{"true", "false", "null", "in"};
constexpr std::array<std::string_view, 17> reserved{"as",        "break",  "const",  "continue", "else", "for",
                                                    "function",  "if",     "import", "let",      "loop", "package",
                                                    "namespace", "return", "var",    "void",     "while"};

} // namespace

bool is_keyword(std::string_view name) noexcept {
  return std::ranges::find(keywords, name) != keywords.end();
}

bool is_reserved(std::string_view name) noexcept {
  return is_keyword(name) || std::ranges::find(reserved, name) != reserved.end();
}

/// A value, with the members, indexes and methods behind it.
Parser::Parsed Parser::primary() {
  Parsed value;
  const Token& token = peek();
  if (token.kind == Token::Kind::name) {
    value = word();
  } else if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::end) {
    value = literal(false);
  } else if (token.is("(")) {
    value = parenthesised();
  } else if (token.is("[")) {
    value = list();
  } else if (token.is("{")) {
    value = map();
  } else {
    return unexpected("a value");
  }
  return value ? postfix(*value) : std::nullopt;
}

Parser::Parsed Parser::postfix(NodeIndex base) {
  std::vector<Operand> steps;
  Parsed value = base;
  while (value) {
    const bool is_method = peek().is(".") && peek(1).kind == Token::Kind::name && peek(2).is("(");
    if (is_method) {
      value = path(*value, steps);
      if (!value) break;
      take();
      value = method(*value, take());
    } else if (peek().is(".")) {
      if (!member(steps)) return std::nullopt;
    } else if (peek().is("[")) {
      if (!index(steps)) return std::nullopt;
    } else {
      return path(*value, steps);
    }
  }
  return value;
}

bool Parser::member(std::vector<Operand>& steps) {
  take();
  const Token& name = peek();
  if (name.kind != Token::Kind::name) {
    unexpected("the name of a member");
    return false;
  }
  if (is_keyword(name.text)) {
    fail(name.part, fmt::format("'{}' is a word of the language", name.text), fmt::format("write ['{}']", name.text));
    return false;
  }
  take();
  const Parsed literal = add_literal(Value(name.text), name.part);
  steps.push_back(operand(*literal, Op::member));
  return true;
}

bool Parser::index(std::vector<Operand>& steps) {
  take();
  const Parsed value = expression();
  if (!value || !expect("]", "the index")) return false;
  steps.push_back(operand(*value, Op::index));
  return true;
}

/// The base itself if there are no steps. The steps are used up.
Parser::Parsed Parser::path(NodeIndex base, std::vector<Operand>& steps) {
  if (steps.empty()) return base;
  steps.insert(steps.begin(), Operand{base, Op::none, node(base).end});
  const Parsed value = add({.kind = Kind::path}, node(base).begin, std::exchange(steps, {}));
  return value;
}

Parser::Parsed Parser::literal(bool negative) {
  const Token& token = take();
  std::variant<Value, Problem> value = literal_value(token, negative);
  if (auto* problem = std::get_if<Problem>(&value)) {
    problem_ = std::move(*problem);
    return std::nullopt;
  }
  const std::uint32_t begin = negative ? tokens_[at_ - 2].part.begin : token.part.begin; // with its sign
  return add_literal(std::move(std::get<Value>(value)), {begin, token.part.end});
}

Parser::Parsed Parser::word() {
  const Token& name = take();
  if (name.text == "true" || name.text == "false") return add_literal(Value(name.text == "true"), name.part);
  if (name.text == "null") return add_literal(Value(nullptr), name.part);
  if (name.text == "in") {
    return fail(name.part, "'in' stands where a value is expected", "write 'value in list' or 'key in map'");
  }
  if (is_reserved(name.text)) return fail(name.part, fmt::format("'{}' is a reserved word", name.text));
  return peek().is("(") ? function(name) : variable(name);
}

Parser::Parsed Parser::variable(const Token& name) {
  return add({.kind = Kind::variable, .data = add_name(name.text)}, name.part.begin);
}

Parser::Parsed Parser::parenthesised() {
  const std::uint32_t begin = take().part.begin;
  const Parsed value = expression();
  if (!value || !expect(")", "what '(' begins")) return std::nullopt;
  node(*value).begin = begin;
  node(*value).end = end_of_last();
  return value;
}

Parser::Parsed Parser::list() {
  const std::uint32_t begin = take().part.begin;
  std::vector<Operand> found;
  if (!elements("]", found)) return std::nullopt;
  return add({.kind = Kind::list}, begin, found);
}

Parser::Parsed Parser::map() {
  const std::uint32_t begin = take().part.begin;
  std::vector<Operand> found;
  while (!skip("}")) {
    const Parsed key = expression();
    if (!key) return std::nullopt;
    found.push_back(operand(*key));
    if (!expect(":", "the key")) return std::nullopt;
    const Parsed value = expression();
    if (!value) return std::nullopt;
    found.push_back(operand(*value));
    if (!skip(",") && !peek().is("}")) return unexpected("',' or '}'");
  }
  return add({.kind = Kind::map}, begin, found);
}

bool Parser::elements(std::string_view close, std::vector<Operand>& found) {
  while (!skip(close)) {
    const Parsed element = expression();
    if (!element) return false;
    found.push_back(operand(*element));
    if (skip(",")) {
      if (close != ")" || !peek().is(close)) continue; // a comma may be last in a list, not in a call
      unexpected("an argument");
      return false;
    }
    if (!peek().is(close)) {
      unexpected(fmt::format("',' or '{}'", close));
      return false;
    }
  }
  return true;
}

} // namespace runbook::expression
