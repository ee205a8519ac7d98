#include "expression/texts.hpp"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace runbook::expression {

namespace {

// Matching a byte costs at most one instruction of the pattern after the other; so many make a unit of work.
constexpr std::size_t instructions_in_a_unit = 256;
// What compiling a pattern costs that is not known before the evaluation, however small it is.
constexpr std::size_t compilation = 20'000;

/// Whether both arguments are strings and can be afforded; else `failure` has the problem.
bool are_strings(const Call& call, std::string_view name, Computed& failure) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    const Value& value = call.argument(i);
    if (!value.is_string()) {
      failure = call.evaluation.wrong_type(call.part(i), value, fmt::format("{}() takes strings", name));
      return false;
    }
    bytes += text_of(value).size();
  }
  if (call.evaluation.budget().spend_on_text(bytes)) return true;
  failure = call.evaluation.too_much(call.part());
  return false;
}

const Pattern* compiled(const Call& call) {
  const auto& patterns = call.evaluation.program().patterns;
  const auto found = std::ranges::find_if(patterns, [&](const auto& entry) { return entry.first == call.index(1); });
  return found == patterns.end() ? nullptr : &found->second;
}

Computed found(const Call& call, const Pattern& pattern) {
  const std::string_view text = text_of(call.argument(0));
  const std::size_t work = (text.size() + 1) * pattern.size() / instructions_in_a_unit;
  if (!call.evaluation.budget().spend(1 + work)) return call.evaluation.too_much(call.part());
  return Computed(Value(pattern.found_in(text)));
}

} // namespace

Computed contains(const Call& call) {
  Computed failure;
  if (!are_strings(call, "contains", failure)) return failure;
  const std::string_view text = text_of(call.argument(0));
  const std::string_view part = text_of(call.argument(1));
  // memmem takes linear time on any text, which std::string_view::find does not.
  const bool found = part.empty() || ::memmem(text.data(), text.size(), part.data(), part.size()) != nullptr;
  return Computed(Value(found));
}

Computed starts_with(const Call& call) {
  Computed failure;
  if (!are_strings(call, "startsWith", failure)) return failure;
  return Computed(Value(text_of(call.argument(0)).starts_with(text_of(call.argument(1)))));
}

Computed ends_with(const Call& call) {
  Computed failure;
  if (!are_strings(call, "endsWith", failure)) return failure;
  return Computed(Value(text_of(call.argument(0)).ends_with(text_of(call.argument(1)))));
}

Computed matches(const Call& call) {
  Computed failure;
  if (!are_strings(call, "matches", failure)) return failure;
  if (const Pattern* pattern = compiled(call)) return found(call, *pattern);
  const std::string_view text = text_of(call.argument(1));
  if (!call.evaluation.budget().spend(compilation)) return call.evaluation.too_much(call.part());
  std::string why;
  const std::optional<Pattern> pattern = Pattern::compile(text, why);
  if (!pattern) {
    return call.evaluation.fail(call.part(1), fmt::format("the pattern cannot be used: {}", why),
                                "patterns are those of RE2");
  }
  return found(call, *pattern);
}

} // namespace runbook::expression
