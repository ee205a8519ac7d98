#include "handlers/builtin.hpp"

namespace runbook {

namespace {

/// A question to a person. The engine asks it, because an answer may take days and must survive the process.
class ConfirmHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  void start(StepContext&, Completion done) const override {
    done(Error{
        errc::invalid_argument, "'confirm' is a question to a person: the engine asks it, no handler can answer", {}});
  }

private:
  HandlerInfo info_{.name = "confirm",
                    .description = "Asks a person; \"yes\" is success.",
                    .effect = Effect::mutating,
                    .params = {{.name = "prompt", .required = true, .description = "What the person is asked."}},
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
