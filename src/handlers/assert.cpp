// The assert handler: conditions over the run's values.
#include "block_languages.hpp"
#include "handlers/builtin.hpp"
#include "handlers/conditions.hpp"
#include "handlers/invalid_parameter.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

Outcome told(const Values& params, const Values& values) {
  const Values variables = expression_variables(values);
  const Value* conditions = params.if_contains("conditions");
  const std::vector<std::string> all = conditions == nullptr ? std::vector<std::string>() : expressions_of(*conditions);
  if (all.empty()) return {OutcomeStatus::failed, nullptr, "'assert' has no condition"};
  std::vector<std::string> wrong;
  for (const std::string& condition : all) {
    if (std::string why = why_not(condition, variables); !why.empty()) wrong.push_back(std::move(why));
  }
  if (wrong.empty()) return {OutcomeStatus::ok, Value{{"conditions", all.size()}}, {}};
  const Value* message = params.if_contains("message");
  const std::string said = message == nullptr ? std::string() : to_text(*message) + ": ";
  return {OutcomeStatus::failed, nullptr, fmt::format("{}{}", said, fmt::join(wrong, "; "))};
}

class AssertHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> found = Handler::check(action);
    const Value* conditions = action.params.if_contains("conditions");
    if (conditions == nullptr) return found;
    const std::vector<std::string> all = expressions_of(*conditions);
    if (all.empty() || (conditions->is_array() && all.size() != conditions->get_array().size())) {
      found.push_back(invalid_parameter(action, "the parameter 'conditions' of 'assert' has no conditions",
                                        "give them as text, one for each line, or as a list of texts"));
    }
    for (Diagnostic& problem : check_expressions(all, action.span)) found.push_back(std::move(problem));
    return found;
  }

  [[nodiscard]] std::vector<std::string> expressions(const Action& action) const override {
    const Value* conditions = action.params.if_contains("conditions");
    return conditions == nullptr ? std::vector<std::string>() : expressions_of(*conditions);
  }

  void start(StepContext& context, Completion done) const override { done(told(context.params(), context.values())); }

private:
  HandlerInfo info_{
      .name = "assert",
      .description = "Succeeds if every condition is true; else says which are false and the values in them.",
      .effect = Effect::pure,
      .params = {{.name = "conditions", .required = true, .description = "Expressions, one for each line, or a list."},
                 {.name = "message", .description = "What a failure begins with.", .expand = true, .exposed = true}},
      .languages = {std::string(find_block_language("assert")->name)},
      .quick = true,
      .expand = false, // values never become code
      .dry_run = "Shows the conditions and asks none."};
};

} // namespace

std::shared_ptr<const Handler> make_assert_handler() {
  return std::make_shared<AssertHandler>();
}

} // namespace runbook
