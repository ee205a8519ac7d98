#include "executor/attempts.hpp"

namespace runbook {

void Attempts::start(Run& run, const ActionRef& at, ActiveStep::Number number, const Handler& handler,
                     ActiveStep::Mode mode) {
  auto& step = active_[{at.step, at.iteration}];
  step = std::make_unique<ActiveStep>(run, at, number, handler, mode);
  step->start();
  if (step->completed()) completed_.push_back(step.get());
}

std::unique_ptr<ActiveStep> Attempts::take_completed() {
  if (completed_.empty()) return nullptr;
  const ActionRef at = completed_.front()->at();
  completed_.pop_front();
  return std::move(active_.extract({at.step, at.iteration}).mapped());
}

ActiveStep* Attempts::find(const ActionRef& at) const {
  const auto found = active_.find({at.step, at.iteration});
  return found != active_.end() && found->second->at() == at ? found->second.get() : nullptr;
}

void Attempts::cancel_all() {
  for (const auto& [place, step] : active_) step->cancel();
}

} // namespace runbook
