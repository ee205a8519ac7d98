// The plan that a run was started with, made again.
#include "plan/stored_document.hpp"

#include <runbook/decider.hpp>
#include <runbook/executor.hpp>

#include <fmt/format.h>

namespace runbook {

namespace {

Result<Plan> plan_again(RunStore& store, const RunHeader& header, const Runbook& runbook,
                        const HandlerRegistry& handlers) {
  Result<Plan> plan = make_plan(runbook, handlers, header.inputs, header.secrets);
  if (plan && !header.continues.empty()) {
    const auto earlier = store.load(header.continues);
    if (!earlier) return earlier.error();
    plan = continue_from(*plan, *earlier);
  }
  for (const Selection& selection : header.selections) {
    if (plan) plan = choose(*plan, selection);
  }
  return plan;
}

} // namespace

Result<Plan> plan_of_run(RunStore& store, const std::string& run, const HandlerRegistry& handlers) {
  const auto events = store.load(run);
  if (!events) return events.error();
  const auto* created = events->empty() ? nullptr : std::get_if<RunCreated>(&events->front().data);
  if (created == nullptr || !created->header) {
    return Error{errc::store_error, fmt::format("the journal of run {} does not begin with its beginning", run), {}};
  }
  const auto stored = store.document(run);
  if (!stored) return stored.error();
  const RunHeader& header = *created->header;
  const auto runbook = read_stored_document(header, *stored, handlers.languages());
  if (!runbook) return runbook.error();
  Result<Plan> plan = plan_again(store, header, *runbook, handlers);
  if (!plan || plan->digest() == header.plan_digest) return plan;
  return Error{errc::invalid_document,
               fmt::format("the plan of run {} cannot be made again as it was: the handlers or this version are not "
                           "those that it was started with",
                           run),
               {}};
}

} // namespace runbook
