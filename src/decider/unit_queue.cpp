// Which units of a plan may begin.
#include <runbook/decider.hpp>

#include <numeric>

namespace runbook {

// A unit that has to wait is kept with one of the units that it waits for, the last one: in a plan whose units follow
// each other that is the only one. When that is done it is looked at again, from the range on at which it stood.
RunState::UnitQueue::UnitQueue(const std::vector<PlannedUnit>& units)
    : units_(&units), below_(units.size() + 1), first_waiter_(units.size()), next_waiter_(units.size()),
      next_range_(units.size()), left_(units.size()) {
  std::iota(below_.begin(), below_.end(), std::uint32_t{0});
  for (std::uint32_t unit = 0; unit < units.size(); ++unit) place(unit);
}

std::optional<std::uint32_t> RunState::UnitQueue::take() {
  if (ready_.empty()) return std::nullopt;
  const std::uint32_t unit = ready_.top();
  ready_.pop();
  return unit;
}

void RunState::UnitQueue::done(std::uint32_t unit) {
  --left_;
  below_[unit + 1] = unit;
  std::uint32_t waiter = std::exchange(first_waiter_[unit], 0);
  while (waiter != 0) {
    const std::uint32_t next = std::exchange(next_waiter_[waiter - 1], 0);
    place(waiter - 1);
    waiter = next;
  }
}

void RunState::UnitQueue::place(std::uint32_t unit) {
  const std::vector<PlannedUnit::Range>& after = (*units_)[unit].after;
  for (std::uint32_t& next = next_range_[unit]; next < after.size(); ++next) {
    const std::uint32_t undone = undone_below(after[next].end);
    if (undone <= after[next].begin) continue;
    next_waiter_[unit] = std::exchange(first_waiter_[undone - 1], unit + 1);
    return;
  }
  ready_.push(unit);
}

/// The number, from 1, of the last unit in front of this one that is not done; 0 if there is none.
std::uint32_t RunState::UnitQueue::undone_below(std::uint32_t end) {
  while (below_[end] != end) {
    below_[end] = below_[below_[end]];
    end = below_[end];
  }
  return end;
}

} // namespace runbook
