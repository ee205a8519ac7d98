#include "expression/function.hpp"
#include "expression/parser.hpp"

#include "printable.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

using Kind = Node::Kind;

/// What CEL has and this language has not.
constexpr std::array<std::string_view, 29> left_out{
    "all",          "bool",         "bytes",       "duration", "dyn",
    "exists",       "exists_one",   "filter",      "getDate",  "getDayOfMonth",
    "getDayOfWeek", "getDayOfYear", "getFullYear", "getHours", "getMilliseconds",
    "getMinutes",   "getMonth",     "getSeconds",  "map",      "timestamp",
    "type",         "uint",         "join",        "split",    "replace",
    "lowerAscii",   "upperAscii",   "trim",        "substring"};

std::vector<std::string> function_names() {
  std::vector<std::string> names{"has"};
  for (const Function& function : functions()) names.emplace_back(function.name);
  return names;
}

/// How a function is called: `size(x) or x.size()`.
std::string usage(const Function& function) {
  const bool two = function.arguments == 2;
  const std::string as_function = fmt::format("{}({})", function.name, two ? "x, y" : "x");
  const std::string as_method = fmt::format("x.{}({})", function.name, two ? "y" : "");
  if (function.is_function && function.is_method) return fmt::format("write {} or {}", as_function, as_method);
  return fmt::format("write {}", function.is_function ? as_function : as_method);
}

} // namespace

Parser::Parsed Parser::function(const Token& name) {
  if (name.text == "has") return has(name);
  const Function* found = find_function(name.text);
  if (found == nullptr) return unknown_function(name);
  if (!found->is_function) return fail(name.part, fmt::format("{}() is a method", name.text), usage(*found));
  std::vector<Operand> given;
  if (!arguments(given)) return std::nullopt;
  return call(name, *found, std::move(given));
}

Parser::Parsed Parser::method(NodeIndex object, const Token& name) {
  const Function* found = find_function(name.text);
  if (found == nullptr) return unknown_function(name);
  if (!found->is_method) return fail(name.part, fmt::format("{}() is no method", name.text), usage(*found));
  std::vector<Operand> given{Operand{object, Op::none, node(object).end}};
  if (!arguments(given)) return std::nullopt;
  return call(name, *found, std::move(given));
}

/// `has(a.b)` is about the member and not about its value.
Parser::Parsed Parser::has(const Token& name) {
  std::vector<Operand> given;
  if (!arguments(given)) return std::nullopt;
  const auto is_member = [&](const Node& found) {
    return found.kind == Kind::path && program_.operands[found.first + found.count - 1].op == Op::member;
  };
  if (given.size() != 1 || !is_member(node(given.front().node))) {
    return fail({name.part.begin, end_of_last()}, "has() asks for a member", "write has(a.b), or 'b' in a");
  }
  Node& found = node(given.front().node);
  found.kind = Kind::has;
  found.begin = name.part.begin;
  found.end = end_of_last();
  return given.front().node;
}

Parser::Parsed Parser::call(const Token& name, const Function& function, std::vector<Operand> given) {
  if (given.size() != function.arguments) {
    return fail({name.part.begin, end_of_last()}, fmt::format("{}() has the wrong number of arguments", name.text),
                usage(function));
  }
  if (function.takes_pattern && !keep_pattern(given.back().node)) return std::nullopt;
  program_.functions.push_back(&function);
  const std::uint32_t begin = std::min(name.part.begin, node(given.front().node).begin);
  return add({.kind = Kind::call, .data = static_cast<std::uint32_t>(program_.functions.size() - 1)}, begin, given);
}

bool Parser::arguments(std::vector<Operand>& found) {
  take();
  return elements(")", found);
}

/// A pattern that is a literal is compiled once, and what is wrong with it is said now.
bool Parser::keep_pattern(NodeIndex index) {
  const Node& found = node(index);
  if (found.kind != Kind::literal || !program_.literals[found.data].is_string()) return true;
  const Part part{found.begin, found.end};
  if (program_.patterns.size() == Expression::max_patterns) {
    fail(part, fmt::format("an expression has at most {} patterns", Expression::max_patterns));
    problem_->code = errc::limit_exceeded;
    return false;
  }
  std::string why;
  auto pattern = Pattern::compile(program_.literals[found.data].get_string(), why);
  if (!pattern) {
    fail(part, fmt::format("the pattern cannot be used: {}", why), "patterns are those of RE2");
    return false;
  }
  program_.patterns.emplace_back(index, std::move(*pattern));
  return true;
}

Parser::Parsed Parser::unknown_function(const Token& name) {
  if (std::ranges::find(left_out, name.text) != left_out.end()) {
    return fail(name.part, fmt::format("{}() is not part of this language", name.text));
  }
  constexpr std::size_t shown = 40;
  return fail(name.part, fmt::format("there is no function {}()", printable_excerpt(name.text, shown)),
              did_you_mean(name.text, function_names()));
}

} // namespace runbook::expression
