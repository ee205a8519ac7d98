#include "expression/parser.hpp"

#include "expression/references.hpp"

#include "printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

using Kind = Node::Kind;

constexpr int lowest = 1;

struct Binary {
  std::string_view text;
  int precedence;
  Kind kind;
  Op op;
};

constexpr std::array<Binary, 14> binaries{{
    {"||", lowest, Kind::any_of, Op::none},
    {"&&", 2, Kind::all_of, Op::none},
    {"==", 3, Kind::binary, Op::equal},
    {"!=", 3, Kind::binary, Op::not_equal},
    {"<", 3, Kind::binary, Op::less},
    {"<=", 3, Kind::binary, Op::less_equal},
    {">", 3, Kind::binary, Op::greater},
    {">=", 3, Kind::binary, Op::greater_equal},
    {"in", 3, Kind::binary, Op::in},
    {"+", 4, Kind::binary, Op::add},
    {"-", 4, Kind::binary, Op::subtract},
    {"*", 5, Kind::binary, Op::multiply},
    {"/", 5, Kind::binary, Op::divide},
    {"%", 5, Kind::binary, Op::remainder},
}};

const Binary* binary_of(const Token& token) noexcept {
  if (token.kind != Token::Kind::symbol && token.kind != Token::Kind::name) return nullptr;
  const auto* found = std::ranges::find(binaries, token.text, &Binary::text);
  return found == binaries.end() ? nullptr : found;
}

/// What to do about a word or sign that cannot stand where it does, behind another one.
std::string hint_for(const Token& token, std::string_view before) {
  if (before == "not" || before == "NOT") return "did you mean '!'?";
  if (before == "<" && token.is(">")) return "did you mean '!='?";
  if (before == "-" || before == "!") return "put a value with a sign of its own into ( )";
  if (token.text == "and" || token.text == "AND") return "did you mean '&&'?";
  if (token.text == "or" || token.text == "OR") return "did you mean '||'?";
  if (token.is("{")) return "messages are not part of this language";
  if (token.is("?")) return "put a condition that is inside another one into ( )";
  return {};
}

} // namespace

std::optional<Problem> Parser::run() {
  if (peek().kind == Token::Kind::end) return Problem{peek().part, "there is no expression", {}};
  const Parsed root = expression();
  if (root && peek().kind != Token::Kind::end) unexpected("an operator or the end");
  if (problem_) return std::move(problem_);
  program_.root = *root;
  program_.references = references_of(program_);
  return std::nullopt;
}

/// Conditions, or what stands in brackets.
Parser::Parsed Parser::expression() {
  const std::uint32_t begin = peek().part.begin;
  std::vector<Operand> parts;
  while (true) {
    const Parsed condition = operators(lowest);
    if (!condition) return std::nullopt;
    parts.push_back(operand(*condition));
    if (!skip("?")) break;
    const Parsed value = operators(lowest);
    if (!value || !expect(":", "the value before it")) return std::nullopt;
    parts.push_back(operand(*value));
  }
  if (parts.size() == 1) return parts.front().node;
  return add({.kind = Kind::conditional}, begin, parts);
}

/// Operators of at least this precedence, and their operands.
Parser::Parsed Parser::operators(int least_precedence) {
  if (depth_ == Expression::max_nesting) return too_nested(peek().part);
  ++depth_;
  Parsed left = unary();
  while (left) {
    const Binary* next = binary_of(peek());
    if (next == nullptr || next->precedence < least_precedence) break;
    left = chain(*left, next->precedence);
  }
  --depth_;
  return left;
}

/// A chain of operators of one precedence, of which the first operand has been read.
Parser::Parsed Parser::chain(NodeIndex left, int precedence) {
  std::vector<Operand> operands{operand(left)};
  Kind kind = Kind::binary;
  while (true) {
    const Binary* next = binary_of(peek());
    if (next == nullptr || next->precedence != precedence) break;
    take();
    kind = next->kind;
    const Parsed right = operators(precedence + 1);
    if (!right) return std::nullopt;
    operands.push_back(operand(*right, next->op));
  }
  return add({.kind = kind}, node(left).begin, operands);
}

Parser::Parsed Parser::unary() {
  const Part part = peek().part;
  const bool negates = peek().is("-");
  if (!negates && !peek().is("!")) return primary();
  const std::string_view sign = negates ? "-" : "!";
  std::uint32_t count = 0;
  while (skip(sign)) ++count;
  // The smallest int has no positive counterpart: its sign belongs to the literal.
  const bool signed_literal = negates && peek().kind == Token::Kind::integer;
  Parsed value;
  if (signed_literal) {
    value = literal(true);
    if (value) value = postfix(*value);
    --count;
  } else {
    value = primary();
  }
  if (!value || count == 0) return value;
  return add({.kind = negates ? Kind::negate : Kind::invert, .data = count}, part.begin, {operand(*value)});
}

const Token& Parser::peek(std::size_t ahead) const noexcept {
  return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
}

const Token& Parser::take() noexcept {
  return tokens_[at_ + 1 < tokens_.size() ? at_++ : at_];
}

bool Parser::skip(std::string_view symbol) noexcept {
  if (!peek().is(symbol)) return false;
  take();
  return true;
}

bool Parser::expect(std::string_view symbol, std::string_view after) {
  if (skip(symbol)) return true;
  unexpected(fmt::format("'{}' after {}", symbol, after));
  return false;
}

Parser::Parsed Parser::add(Node added, std::uint32_t begin) {
  added.begin = begin;
  added.end = end_of_last();
  program_.nodes.push_back(added);
  return static_cast<NodeIndex>(program_.nodes.size() - 1);
}

Parser::Parsed Parser::add(Node added, std::uint32_t begin, const std::vector<Operand>& operands) {
  added.first = static_cast<std::uint32_t>(program_.operands.size());
  added.count = static_cast<std::uint32_t>(operands.size());
  for (const Operand& each : operands) {
    added.height = std::max<std::uint16_t>(added.height, static_cast<std::uint16_t>(node(each.node).height + 1));
    program_.operands.push_back(each);
  }
  if (added.height > Expression::max_nesting) return too_nested({begin, end_of_last()});
  return add(added, begin);
}

std::uint32_t Parser::add_name(std::string_view name) {
  program_.names.emplace_back(name);
  return static_cast<std::uint32_t>(program_.names.size() - 1);
}

Parser::Parsed Parser::add_literal(Value value, const Part& part) {
  program_.literals.push_back(std::move(value));
  return add({.kind = Kind::literal, .data = static_cast<std::uint32_t>(program_.literals.size() - 1)}, part.begin);
}

std::nullopt_t Parser::fail(const Part& part, std::string message, std::string hint) {
  if (!problem_) problem_ = Problem{part, std::move(message), std::move(hint)};
  return std::nullopt;
}

std::nullopt_t Parser::too_nested(const Part& part) {
  fail(part, fmt::format("this is nested too deep: at most {} levels are allowed", Expression::max_nesting));
  problem_->code = errc::limit_exceeded;
  return std::nullopt;
}

std::nullopt_t Parser::unexpected(std::string_view wanted) {
  const Token& token = peek();
  if (token.kind == Token::Kind::end)
    return fail(token.part, fmt::format("the expression ends where {} is missing", wanted));
  constexpr std::size_t shown = 40;
  return fail(token.part, fmt::format("'{}' stands where {} is expected", printable_excerpt(token.text, shown), wanted),
              hint_for(token, at_ > 0 ? tokens_[at_ - 1].text : std::string_view{}));
}

} // namespace runbook::expression
