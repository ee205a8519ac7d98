#include "expression/program.hpp"

namespace runbook::expression {

std::string_view symbol_of(Op op) noexcept {
  switch (op) {
  case Op::equal: return "==";
  case Op::not_equal: return "!=";
  case Op::less: return "<";
  case Op::less_equal: return "<=";
  case Op::greater: return ">";
  case Op::greater_equal: return ">=";
  case Op::in: return "in";
  case Op::add: return "+";
  case Op::subtract: return "-";
  case Op::multiply: return "*";
  case Op::divide: return "/";
  case Op::remainder: return "%";
  case Op::none:
  case Op::member:
  case Op::index: break;
  }
  return {};
}

} // namespace runbook::expression
