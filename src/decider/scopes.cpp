// Scopes: the runbook of a run, and those that its steps run, with what is known in each.
#include <runbook/decider.hpp>

#include <utility>

namespace runbook {

// What a loop's element runs belongs to that element. What stands in a loop itself does not: the element's values are
// its strand's.
bool RunState::in_scope_of_element(const ActionRef& at) const noexcept {
  return at.iteration > 0 && plan_.scopes()[plan_.steps()[at.step].scope].in_loop;
}

const RunState::ScopeRun& RunState::scope_of(const ActionRef& at) const noexcept {
  const std::uint32_t scope = plan_.steps()[at.step].scope;
  if (!in_scope_of_element(at)) return scopes_[scope];
  const auto found = scopes_of_elements_.find({scope, at.iteration});
  return found != scopes_of_elements_.end() ? found->second : scopes_[scope]; // which never opens
}

RunState::ScopeRun& RunState::scope_of(const ActionRef& at) {
  return scope_run(plan_.steps()[at.step].scope, at.iteration);
}

RunState::ScopeRun& RunState::scope_run(std::uint32_t scope, std::uint32_t iteration) {
  return iteration > 0 && plan_.scopes()[scope].in_loop ? scopes_of_elements_[{scope, iteration}] : scopes_[scope];
}

void RunState::open_scope(std::uint32_t scope, std::uint32_t iteration, Values inputs) {
  const PlannedScope& planned = plan_.scopes()[scope];
  ScopeRun& run = scope_run(scope, iteration);
  run.open = true;
  run.values = std::make_shared<Values>(inputs);
  run.inputs = std::move(inputs);
  if (const Continued* earlier = plan_.continued(); earlier != nullptr && iteration == 0) {
    const Continued::Scope& left = earlier->scopes[scope];
    for (const auto& [name, value] : left.values) own(run.values)[name] = value;
    run.results = left.results;
    run.terminal = left.terminal;
  }
  if (planned.rollback_begin < planned.rollback_end) stack_.arm({planned.rollback_begin, iteration, {}});
}

// What a runbook does, that does which runs it.
void RunState::has_changed(const ActionRef& at) {
  std::uint32_t scope = plan_.steps()[at.step].scope;
  for (; scope != 0; scope = plan_.scopes()[scope].parent) scope_run(scope, at.iteration).changed = true;
  scopes_.front().changed = true;
}

bool RunState::rolled_back_as_a_whole(std::uint32_t step, std::uint32_t iteration) const noexcept {
  ActionRef at{.step = step, .iteration = iteration};
  while (!scope_of(at).rolled_back) {
    const std::uint32_t scope = plan_.steps()[at.step].scope;
    if (scope == 0) return false;
    at.step = plan_.scopes()[scope].opener;
  }
  return true;
}

} // namespace runbook
