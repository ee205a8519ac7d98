// The set handler: a value for later steps.
#include "block_languages.hpp"
#include "handlers/builtin.hpp"
#include "handlers/conditions.hpp"
#include "handlers/invalid_parameter.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

class SetHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> found = Handler::check(action);
    const Value* value = action.params.if_contains("value");
    const Value* values = action.params.if_contains("values");
    if ((value == nullptr) == (values == nullptr)) {
      found.push_back(invalid_parameter(action, "'set' needs either 'value' or 'values'",
                                        "give an expression as 'value', or an object as 'values'"));
    }
    if (values != nullptr && !values->is_object()) {
      found.push_back(
          invalid_parameter(action, "the parameter 'values' of 'set' is no object", "give values by their names"));
    }
    if (value != nullptr && !value->is_string()) {
      found.push_back(invalid_parameter(action, "the parameter 'value' of 'set' is no expression",
                                        "write it as text; a text is written in quotes of its own"));
    }
    for (Diagnostic& problem : check_expressions(expressions(action), action.span)) found.push_back(std::move(problem));
    if (action.capture.empty()) {
      found.push_back(
          invalid_parameter(action, "nothing sees the value of 'set'", "name it: capture=NAME", Severity::warning));
    }
    return found;
  }

  [[nodiscard]] std::vector<std::string> expressions(const Action& action) const override {
    const Value* value = action.params.if_contains("value");
    if (value == nullptr || !value->is_string()) return {};
    return {to_text(*value)};
  }

  void start(StepContext& context, Completion done) const override { done(value_of(context)); }

private:
  static Result<Value> value_of(const StepContext& context) {
    if (const Value* values = context.params().if_contains("values")) return *values;
    const Value* value = context.params().if_contains("value");
    if (value == nullptr) return Error{errc::invalid_argument, "'set' needs either 'value' or 'values'", {}};
    const Result<Expression> read = Expression::parse(to_text(*value));
    if (!read) return Error{errc::invalid_argument, in_words(read.error()), {}};
    Result<Value> result = read->evaluate(expression_variables(context.values()));
    if (result) return result;
    return Error{errc::invalid_input, fmt::format("'{}' has no value: {}", read->text(), in_words(result.error())), {}};
  }

  HandlerInfo info_{
      .name = "set",
      .description = "Gives the value of an expression, or values, to be captured.",
      .effect = Effect::pure,
      .params = {{.name = "value", .description = "An expression over inputs and captures."},
                 {.name = "values", .description = "An object of values by name.", .expand = true, .exposed = true}},
      .languages = {std::string(find_block_language("set")->name)},
      .quick = true,
      .expand = false, // values never become code
      .dry_run = "Shows the expression or the values; what depends on them is marked as not known."};
};

} // namespace

std::shared_ptr<const Handler> make_set_handler() {
  return std::make_shared<SetHandler>();
}

} // namespace runbook
