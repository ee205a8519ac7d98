#include "plan/inputs.hpp"

#include "pattern.hpp"
#include "plan/convert.hpp"
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
  InputBinding(const std::vector<Input>& declared, const GivenInputs& given, Findings& findings)
      : declared_(declared), given_(given.values), later_(given.later), findings_(findings) {}

  Values bind() {
    Values bound;
    for (const Input& input : declared_) {
      if (!check_name(input)) continue;
      if (input.type == InputType::secret) {
        refuse_value(input);
        continue;
      }
      names_.push_back(input.name);
      if (later_.contains(input.name)) {
        static_cast<void>(default_of(input, pattern_of(input)));
        continue;
      }
      bound.emplace(input.name, value_of(input, pattern_of(input)));
    }
    for (const auto& member : given_) check_known(member.key());
    for (const std::string& name : later_) check_known(name);
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

  /// Whatever is given for a secret has been seen already: in a history, a list of processes, a log. The pattern is
  /// looked at all the same.
  void refuse_value(const Input& input) {
    static_cast<void>(pattern_of(input));
    const Value* given = given_.if_contains(input.name);
    if (given == nullptr || given->is_null()) return;
    findings_.input_error("secret-given", at(input),
                          fmt::format("input '{}' is secret and takes no value here, where others see it", input.name),
                          fmt::format("say where it comes from: env:NAME, file:PATH or command:COMMAND, as in --secret "
                                      "{}=env:NAME",
                                      input.name));
  }

  /// Nothing if the input has none, or none that can be used.
  std::optional<Pattern> pattern_of(const Input& input) {
    if (input.pattern.empty()) return std::nullopt;
    std::string flaw;
    std::optional<Pattern> pattern = Pattern::compile(input.pattern, flaw);
    if (!pattern) {
      findings_.document_error("invalid-pattern", at(input),
                               fmt::format("the pattern of input '{}' cannot be used: {}", input.name, flaw),
                               "write a regular expression as RE2 has them");
    }
    return pattern;
  }

  Value value_of(const Input& input, const std::optional<Pattern>& pattern) {
    Value fallback = default_of(input, pattern);
    const Value* given = given_.if_contains(input.name);
    if (given != nullptr && !given->is_null()) {
      Result<Value> value = accept(input, *given, pattern);
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

  Value default_of(const Input& input, const std::optional<Pattern>& pattern) {
    if (!has_default(input)) return nullptr;
    Result<Value> value = accept(input, *input.default_value, pattern);
    if (value) return std::move(*value);
    findings_.document_error("invalid-default", at(input),
                             fmt::format("the default of input '{}' {}", input.name, value.error().message));
    return nullptr;
  }

  static Result<Value> accept(const Input& input, const Value& given, const std::optional<Pattern>& pattern) {
    Result<Value> value = convert(given, input.type);
    if (!value || !pattern) return value;
    const std::string text = to_text(*value);
    if (pattern->matches(text)) return value;
    return Error{errc::invalid_input,
                 fmt::format("does not match its pattern {}: '{}'", input.pattern, printable_excerpt(text, excerpt)),
                 {}};
  }

  void check_known(std::string_view name) {
    const auto declared = [name](const Input& input) { return input.name == name; };
    if (std::ranges::any_of(declared_, declared)) return;
    std::string hint = did_you_mean(name, names_);
    if (hint.empty()) {
      hint = names_.empty() ? "the runbook has no inputs" : fmt::format("the inputs are {}", fmt::join(names_, ", "));
    }
    findings_.input_error("unknown-input", {}, fmt::format("there is no input '{}'", name), hint);
  }

  const std::vector<Input>& declared_;
  const Values& given_;
  const std::set<std::string, std::less<>>& later_;
  Findings& findings_;
  std::unordered_set<std::string_view> seen_;
  std::vector<std::string> names_; ///< those that can be given
};

} // namespace

Values bind_inputs(const std::vector<Input>& declared, const GivenInputs& given, Findings& findings) {
  return InputBinding(declared, given, findings).bind();
}

} // namespace runbook
