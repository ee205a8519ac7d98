#include "answer_form.hpp"
#include "handlers/builtin.hpp"

namespace runbook {

namespace {

/// A question to a person. The engine asks it, because an answer may take days and must survive the process.
class ConfirmHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  /// Who says yes has done something, as far as anybody knows; who says what is to be done has not.
  [[nodiscard]] Effect effect(const Action& action) const override {
    return answer_form(action.params).kind == AnswerKind::yes_no ? info_.effect : Effect::pure;
  }

  void start(StepContext&, Completion done) const override {
    done(Error{
        errc::invalid_argument, "'confirm' is a question to a person: the engine asks it, no handler can answer", {}});
  }

private:
  HandlerInfo info_{.name = "confirm",
                    .description = "Asks a person; \"yes\", or what the question wants to know, is success.",
                    .effect = Effect::mutating,
                    .params = {{.name = "prompt", .required = true, .description = "What the person is asked."},
                               {.name = "answer", .description = "yes-no (default), text, choice or secret."},
                               {.name = "choices", .description = "A list of texts, for a choice."},
                               {.name = "pattern", .description = "RE2; matches a text as a whole."}},
                    .languages = {},
                    .quick = false,
                    .expand = true,
                    .asks = true,
                    .dry_run = "Shows the question."};
};

} // namespace

std::shared_ptr<const Handler> make_confirm_handler() {
  return std::make_shared<ConfirmHandler>();
}

} // namespace runbook
