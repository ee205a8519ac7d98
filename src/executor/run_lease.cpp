// How a run stays its owner's in a store that others share.
#include "executor/run.hpp"

#include <fmt/format.h>

#include <utility>

namespace runbook {

// The time begins before the store is asked: it is over here before it is over there.
Result<void> Run::renew_lease() {
  const auto asked = std::chrono::steady_clock::now();
  auto renewed = journal_->renew(engine_->options().lease);
  if (!renewed) return renewed;
  lease_renewed_ = asked;
  engine_->lease_watch().holds(id(), asked + engine_->options().lease);
  return {};
}

bool Run::has_lease() const {
  return engine_->options().lease.count() > 0 && engine_->store().is_shared();
}

// One that could not be recorded is no harm yet: nobody takes a run up whose owner lives and has no lease.
void Run::begin_lease() {
  lease_renewed_ = std::chrono::steady_clock::now();
  if (has_lease() && !renew_lease()) lease_renewed_ -= engine_->options().lease / 3;
}

// A store that cannot be reached may be there again before the lease is over. When it is over, the run must not go on:
// somebody else may have taken it up, whose word nobody here has heard.
void Run::keep_lease() {
  const auto lease = engine_->options().lease;
  if (finished_ || error_ || !has_lease()) return;
  const auto age = std::chrono::steady_clock::now() - lease_renewed_;
  if (age < lease / 3) return;
  auto renewed = renew_lease();
  if (renewed || (renewed.error().code != errc::fenced && age < lease)) return;
  halt(std::move(renewed).error());
  go_on();
}

} // namespace runbook
