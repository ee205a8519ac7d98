// Journals for the tests of stores and reports: small builders for events that follow each other.
#pragma once

#include <runbook/store.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

inline constexpr std::chrono::system_clock::time_point start_time =
    std::chrono::sys_days(std::chrono::year{2024} / 5 / 1) + std::chrono::hours{12};

/// The header of a run with two steps, `unpack` and `point`.
inline std::shared_ptr<RunHeader> sample_header(std::string run) {
  auto header = std::make_shared<RunHeader>();
  header->run = std::move(run);
  header->title = "Standard deployment";
  header->path = "deploy.md";
  header->document_digest = std::string(64, 'd');
  header->plan_digest = std::string(64, 'e');
  header->inputs = {{"version", "1.4.2"}};
  header->actor = "deploy-bot";
  header->risk_level = RiskLevel::high;
  header->outline = std::make_shared<const Outline>(
      Outline{{"unpack", "Unpack the release", Section::steps, Effect::mutating, false, true, 20},
              {"point", "Point the server at the release", Section::steps, Effect::mutating, false, true, 33}});
  return header;
}

/// Numbers events as a journal wants them.
class EventLine {
public:
  explicit EventLine(std::uint64_t last_seq = 0, std::uint64_t fence = 1) : seq_(last_seq), fence_(fence) {}

  Event next(EventData data) {
    ++seq_;
    return {seq_, fence_, start_time + std::chrono::milliseconds{seq_ * 250}, std::move(data)};
  }
  std::vector<Event> next_of(std::vector<EventData> data) {
    std::vector<Event> events;
    for (EventData& one : data) events.push_back(next(std::move(one)));
    return events;
  }
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return seq_; }

private:
  std::uint64_t seq_;
  std::uint64_t fence_;
};

inline ActionRef forward(std::uint32_t step, std::uint16_t part = 0) {
  return {step, 0, part, ActionKind::forward};
}
inline ActionRef undo(std::uint32_t step, std::uint16_t part = 0) {
  return {step, 0, part, ActionKind::undo};
}
inline StepIntent intent(ActionRef at, std::uint32_t attempt = 1) {
  return {at, attempt, {}};
}
inline StepOutcome ok(ActionRef at, std::uint32_t attempt = 1) {
  return {at, attempt, {OutcomeStatus::ok, Value{{"exit_code", 0}}, {}}, nullptr};
}
inline StepOutcome failed(ActionRef at, std::string message, std::uint32_t attempt = 1) {
  return {at, attempt, {OutcomeStatus::failed, Value{{"exit_code", 1}}, std::move(message)}, nullptr};
}
inline StepOutput output(ActionRef at, std::uint64_t size, Stream stream = Stream::out) {
  return {at, 1, stream, size, size, std::string(64, 'a')};
}

} // namespace runbook::testing
