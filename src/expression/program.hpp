// A program: an expression that was read, as a tree in an arena.
//
// A chain of operators of one precedence (`a + b - c`) is one node with many operands, and so is a path (`a.b[0].c`)
// and a chain of conditions: the tree is only as high as the text is nested, and walking it needs no more stack than
// that.
//
// Ownership: owns everything; indexes refer to its own vectors. Thread-safety: immutable once read.
#pragma once

#include "pattern.hpp"

#include <runbook/expression.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::expression {

enum class Op : std::uint8_t {
  none,
  // in a path
  member, ///< `.name`; the operand is a literal string
  index,  ///< `[index]`
  // between two values
  equal,
  not_equal,
  less,
  less_equal,
  greater,
  greater_equal,
  in,
  add,
  subtract,
  multiply,
  divide,
  remainder,
};

/// How an operator between two values is written.
[[nodiscard]] std::string_view symbol_of(Op op) noexcept;

struct Function;
using NodeIndex = std::uint32_t;

struct Node {
  enum class Kind : std::uint8_t {
    literal,     ///< literals[data]
    variable,    ///< names[data]
    path,        ///< a value, then members and indexes
    has,         ///< has() of a path that ends in a member
    list,        ///< the operands
    map,         ///< key, value, key, value, …
    call,        ///< functions[data] of the operands, of which a method's object is the first
    negate,      ///< data times `-`
    invert,      ///< data times `!`
    binary,      ///< a value, then values with their operators, from left to right
    all_of,      ///< `&&`
    any_of,      ///< `||`
    conditional, ///< condition, value, condition, value, …, and the value if no condition is true
  };

  Kind kind = Kind::literal;
  std::uint16_t height = 1; ///< of the tree that begins here
  std::uint32_t data = 0;
  std::uint32_t first = 0; ///< the first of its operands
  std::uint32_t count = 0;
  std::uint32_t begin = 0; ///< its part of the text, in bytes
  std::uint32_t end = 0;
};

/// An operand of a node, and how it is joined to those before it.
struct Operand {
  NodeIndex node = 0;
  Op op = Op::none;
  std::uint32_t end = 0; ///< where the part of the text ends that is joined so far
};

struct Program {
  std::string text{};
  std::vector<Node> nodes{};
  std::vector<Operand> operands{};
  std::vector<Value> literals{};
  std::vector<std::string> names{};
  std::vector<const Function*> functions{};
  std::vector<std::pair<NodeIndex, Pattern>> patterns{}; ///< the literal patterns of matches(), by their nodes
  std::vector<Expression::Reference> references{};
  NodeIndex root = 0;

  [[nodiscard]] std::string_view text_between(std::uint32_t begin, std::uint32_t end) const noexcept {
    return std::string_view(text).substr(begin, end - begin);
  }
};

} // namespace runbook::expression
