#include "lint/reading_calls.hpp"
#include "lint/rules.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::linting {

namespace {

Effect effect_of(const Subject& subject, const Action& action) {
  if (action.effect) return *action.effect;
  const auto handler = handler_of(subject, action);
  return handler ? handler->effect(action) : Effect::mutating;
}

class Verification {
public:
  explicit Verification(const Subject& subject) : subject_(subject) {
    for (const Script& script : subject.scripts) {
      if (only_reads(script.text, script.shell)) reading_.push_back(script.action);
    }
    std::ranges::sort(reading_);
  }

  void check(Findings& findings) const {
    if (!subject_.book.verification.empty()) return;
    const Step* first = nullptr;
    std::size_t count = 0;
    for (const PlacedStep& place : subject_.steps) {
      if (place.section != Section::steps) continue;
      const Step& step = *place.step;
      if (is_checked(step)) { // so is what came before it, for all that is known
        first = nullptr;
        count = 0;
      } else if (may_change_something(step)) {
        if (first == nullptr) first = &step;
        ++count;
      }
    }
    if (first == nullptr) return;
    const std::string message =
        count == 1
            ? "the step may change something, and nothing checks that it worked"
            : fmt::format("from here on {} steps may change something, and nothing checks that they worked", count);
    const SourceSpan& span = first->span;
    warn(findings, "mutating-without-verification", {span.line, span.column, span.line, span.column}, first->id,
         message, "write Check: or Expected: below a command, or a section Verification");
  }

private:
  static bool is_checked(const Step& step) {
    return !step.checks.empty() ||
           std::ranges::any_of(step.actions, [](const Action& action) { return static_cast<bool>(action.expect); });
  }

  [[nodiscard]] bool may_change_something(const Step& step) const {
    return std::ranges::any_of(step.actions, [this](const Action& action) {
      if (action.handler == "confirm" || effect_of(subject_, action) == Effect::pure) return false;
      return !std::ranges::binary_search(reading_, &action);
    });
  }

  const Subject& subject_;
  std::vector<const Action*> reading_; ///< whose scripts only look
};

} // namespace

void check_verification(const Subject& subject, Findings& findings) {
  Verification(subject).check(findings);
}

} // namespace runbook::linting
