#include <runbook/standing.hpp>

#include "executor/owner.hpp"
#include "names.hpp"
#include "store/status.hpp"

#include <variant>

namespace runbook {

namespace {

class Folder {
public:
  explicit Folder(Standing& standing) : s_(standing) {}

  void on(const Claimed& e) { s_.owner = e.owner; }
  void on(const StepIntent& e) {
    settle(e.at);
    s_.under_way.push_back(e);
  }
  void on(const StepDoubt& e) {
    settle(e.at);
    if (e.kind == DoubtKind::unknown) s_.doubts.push_back(e);
  }
  void on(const DoubtResolved& e) { settle(e.at); }
  void on(const StepOutcome& e) {
    settle(e.at);
    close([&](const WaitOpened& other) { return is_about_action(other.kind) && other.at == e.at; });
  }
  void on(const WaitOpened& e) {
    close([&](const WaitOpened& other) { return other.token == e.token; }); // it is asked again
    s_.questions.push_back(e);
  }
  void on(const WaitAnswered& e) {
    close([&](const WaitOpened& other) { return other.token == e.token; });
  }
  void on(const RunClosed&) {
    s_.questions.clear();
    s_.doubts.clear();
    s_.under_way.clear();
  }
  void on(const auto&) {}

private:
  void settle(const ActionRef& at) {
    const auto is = [&](const auto& entry) { return entry.at == at; };
    std::erase_if(s_.doubts, is);
    std::erase_if(s_.under_way, is);
  }
  template <class Is>
  void close(const Is& is) {
    std::erase_if(s_.questions, is);
  }

  Standing& s_;
};

StandingKind kind_of(const Standing& standing) {
  if (has_ended(standing.status)) return StandingKind::ended;
  if (!standing.doubts.empty()) return StandingKind::in_doubt;
  if (standing.status == RunStatus::parked) return StandingKind::parked;
  return standing.questions.empty() ? StandingKind::running : StandingKind::waiting;
}

bool is_gone(const Ownership& ownership) {
  if (ownership.lease_left && ownership.lease_left->count() < 0) return true;
  return owner_lives(ownership.owner) == false;
}

} // namespace

std::string_view to_string(StandingKind kind) noexcept {
  return name_of(kind);
}

Standing standing_of(std::span<const Event> events) {
  Standing standing;
  Folder folder(standing);
  for (const Event& event : events) {
    standing.status = status_after(standing.status, event.data);
    std::visit([&](const auto& data) { folder.on(data); }, event.data);
  }
  standing.kind = kind_of(standing);
  return standing;
}

Result<Standing> standing_of(RunStore& store, const std::string& run) {
  const auto events = store.load(run);
  if (!events) return events.error();
  Standing standing = standing_of(*events);
  if (standing.status != RunStatus::running) return standing;
  const auto ownership = store.ownership(run);
  if (!ownership) return ownership.error();
  if (is_gone(*ownership)) standing.kind = StandingKind::abandoned;
  return standing;
}

} // namespace runbook
