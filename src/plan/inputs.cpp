#include "plan/inputs.hpp"

#include "plan/convert.hpp"
#include "plan/pattern.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t excerpt = 60;

class InputBinding {
public:
  InputBinding(const Runbook& runbook, const Values& given, Findings& findings)
      : runbook_(runbook), given_(given), findings_(findings) {}

  Values bind() {
    Values bound;
    for (const Input& input : runbook_.inputs) {
      if (!check_name(input)) continue;
      names_.push_back(input.name);
      const bool usable = check_pattern(input);
      bound.emplace(input.name, value_of(input, usable));
    }
    for (const auto& member : given_) check_known(member.key());
    return bound;
  }

private:
  static Where at(const Input& input) { return {{}, input.span}; }

  bool check_name(const Input& input) {
    if (!is_variable_name(input.name)) {
      findings_.document_error("input-name", at(input), fmt::format("'{}' is no name for an input", input.name),
                               "a name has letters, digits and '_', and does not start with a digit");
      return false;
    }
    if (is_reserved_variable(input.name)) {
      findings_.document_error(
          "reserved-name", at(input),
          fmt::format("an input cannot be named '{}': shells and programs give that environment variable a meaning",
                      input.name),
          "choose another name, for example in lower case");
      return false;
    }
    if (!seen_.insert(input.name).second) {
      findings_.document_error("duplicate-input", at(input), fmt::format("there are two inputs '{}'", input.name),
                               "rename one of them");
      return false;
    }
    return true;
  }

  bool check_pattern(const Input& input) {
    if (input.pattern.empty()) return true;
    const auto flaw = pattern_flaw(input.pattern);
    if (!flaw) return true;
    findings_.document_error("invalid-pattern", at(input),
                             fmt::format("the pattern of input '{}' cannot be used: {}", input.name, *flaw),
                             "write an ECMAScript regular expression");
    return false;
  }

  Value value_of(const Input& input, bool check_text) {
    Value fallback = default_of(input, check_text);
    const Value* given = given_.if_contains(input.name);
    if (given != nullptr && !given->is_null()) {
      Result<Value> value = accept(input, *given, check_text);
      if (value) return std::move(*value);
      findings_.input_error("invalid-input", at(input), fmt::format("input '{}' {}", input.name, value.error().message),
                            input.description);
    } else if (input.required && !has_default(input)) {
      findings_.input_error("missing-input", at(input), fmt::format("input '{}' is required and not given", input.name),
                            input.description);
    }
    return fallback;
  }

  static bool has_default(const Input& input) { return input.default_value && !input.default_value->is_null(); }

  Value default_of(const Input& input, bool check_text) {
    if (!has_default(input)) return nullptr;
    Result<Value> value = accept(input, *input.default_value, check_text);
    if (value) return std::move(*value);
    findings_.document_error("invalid-default", at(input),
                             fmt::format("the default of input '{}' {}", input.name, value.error().message));
    return nullptr;
  }

  static Result<Value> accept(const Input& input, const Value& given, bool check_text) {
    Result<Value> value = convert(given, input.type);
    if (!value || input.pattern.empty() || !check_text) return value;
    const std::string text = to_text(*value);
    if (text.size() > max_pattern_text) {
      return Error{
          errc::invalid_input,
          fmt::format("has {} bytes; an input with a pattern may have at most {}", text.size(), max_pattern_text),
          {}};
    }
    if (matches_pattern(input.pattern, text)) return value;
    return Error{errc::invalid_input,
                 fmt::format("does not match its pattern {}: '{}'", input.pattern, printable_excerpt(text, excerpt)),
                 {}};
  }

  void check_known(std::string_view name) {
    const auto declared = [name](const Input& input) { return input.name == name; };
    if (std::ranges::any_of(runbook_.inputs, declared)) return;
    std::string hint = did_you_mean(name, names_);
    if (hint.empty()) {
      hint = names_.empty() ? "the runbook has no inputs" : fmt::format("the inputs are {}", fmt::join(names_, ", "));
    }
    findings_.input_error("unknown-input", {}, fmt::format("there is no input '{}'", name), hint);
  }

  const Runbook& runbook_;
  const Values& given_;
  Findings& findings_;
  std::unordered_set<std::string_view> seen_;
  std::vector<std::string> names_; ///< those that can be given
};

} // namespace

Values bind_inputs(const Runbook& runbook, const Values& given, Findings& findings) {
  return InputBinding(runbook, given, findings).bind();
}

} // namespace runbook
