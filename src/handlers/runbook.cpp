// The runbook handler: the inputs of a runbook that a step runs are bound when its turn comes.
#include "handlers/builtin.hpp"
#include "plan/findings.hpp"
#include "plan/inputs.hpp"
#include "runbook_action.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

class RunbookHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  void start(StepContext& context, Completion done) const override { done(bind(context)); }

private:
  /// `declared` has been added by planning, and with it the other runbook's steps behind this one.
  static Result<Value> bind(const StepContext& context) {
    const Result<Runbook> declared = from_json(context.param("declared"));
    if (!declared) return Error{errc::invalid_argument, "no plan has been made of the runbook", {}};
    const Value& inputs = context.param("inputs");
    Findings findings(to_text(context.param("file")));
    Values bound = bind_inputs(declared->inputs, {inputs.is_object() ? inputs.get_object() : Values(), {}}, findings);
    if (!findings.failed()) return Value{{"inputs", std::move(bound)}};
    const Error error = findings.take_error();
    std::string message;
    for (const Diagnostic& problem : error.diagnostics) message += (message.empty() ? "" : "; ") + problem.message;
    return Error{errc::invalid_input, std::move(message), {}};
  }

  HandlerInfo info_{
      .name = std::string(runbook_handler),
      .description =
          "Runs another runbook as a part of this one: its steps follow, and its rollback is a part of this one's.",
      .effect = Effect::pure, // its steps have their own
      .params = {{.name = "file", .required = true, .description = "Where it is, beside this document."},
                 {.name = "inputs", .description = "Its inputs by name.", .expand = true, .exposed = true}},
      .quick = true,
      .expand = false,
      .dry_run = "Shows its steps, with what is known of its inputs."};
};

} // namespace

std::shared_ptr<const Handler> make_runbook_handler() {
  return std::make_shared<RunbookHandler>();
}

} // namespace runbook
