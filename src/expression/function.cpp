#include "expression/function.hpp"

#include "expression/conversions.hpp"
#include "expression/texts.hpp"

#include "utf8.hpp"

#include <algorithm>
#include <array>

namespace runbook::expression {

namespace {

Computed size(const Call& call) {
  const Value& value = call.argument(0);
  std::size_t size = 0;
  if (value.is_string()) {
    if (!call.evaluation.budget().spend_on_text(text_of(value).size())) return call.evaluation.too_much(call.part());
    size = count_code_points(text_of(value));
  } else if (const auto* list = value.if_array()) {
    size = list->size();
  } else if (const auto* map = value.if_object()) {
    size = map->size();
  } else {
    return call.evaluation.wrong_type(call.part(0), value, "size() takes a string, a list or a map");
  }
  return Computed(Value(static_cast<std::int64_t>(size)));
}

constexpr std::array<Function, 8> all{{
    {"size", true, true, 1, false, size},
    {"contains", false, true, 2, false, contains},
    {"startsWith", false, true, 2, false, starts_with},
    {"endsWith", false, true, 2, false, ends_with},
    {"matches", true, true, 2, true, matches},
    {"int", true, false, 1, false, to_int},
    {"double", true, false, 1, false, to_double},
    {"string", true, false, 1, false, to_string_value},
}};

} // namespace

std::span<const Function> functions() noexcept {
  return all;
}

const Function* find_function(std::string_view name) noexcept {
  const auto* found = std::ranges::find(all, name, &Function::name);
  return found == all.end() ? nullptr : found;
}

} // namespace runbook::expression
