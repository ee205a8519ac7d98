// What the journal says of the owners that a run had before, and what can be left of what they have started.
#pragma once

#include <runbook/event.hpp>
#include <runbook/handler.hpp>
#include <runbook/system.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>

namespace runbook {

class FormerOwners {
public:
  /// An attempt that a former owner has started.
  struct Started {
    std::uint64_t fence = 0;
    Claimed owner{};

    /// Why nothing can be found out about it; nothing: it can be taken up.
    [[nodiscard]] std::optional<std::string> why_lost(const Handler& handler, const ProcessRunner& processes) const;
  };

  explicit FormerOwners(std::span<const Event> events);

  [[nodiscard]] Started started(const ActionRef& at, std::uint32_t attempt) const;
  /// That nothing was started is known only as long as the machine goes on on which it would have been.
  [[nodiscard]] StepDoubt judged(StepDoubt doubt) const;

private:
  /// Step, iteration, part and kind of an action.
  using Place = std::tuple<std::uint32_t, std::uint32_t, std::uint16_t, ActionKind>;
  struct Intent {
    std::uint32_t attempt = 1;
    std::uint64_t fence = 0;
  };

  std::map<std::uint64_t, Claimed> owners_; // by fence
  std::map<Place, Intent> intents_;         // those without an outcome
};

} // namespace runbook
