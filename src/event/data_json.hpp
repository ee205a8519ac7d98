// The members of an event that belong to what happened, without its number, fence and time.
#pragma once

#include <runbook/event.hpp>

#include <cstdint>
#include <string_view>

namespace runbook {

class Members;

/// Version of the events' JSON form. It stands in every `run_created`.
inline constexpr std::uint32_t event_format = 1;

/// The event's stable name: "step_intent".
[[nodiscard]] std::string_view type_name(const EventData& data) noexcept;

/// Adds the data's members to an object. With an outline, what is about a step carries the step's id too.
void write_data(Values& object, const EventData& data, const Outline* outline);

/// Reads the data of an event of this type, and sees to it that `members` has nothing else. Fails with words that name
/// the member.
[[nodiscard]] Result<EventData> read_data(std::string_view type, Members& members);

} // namespace runbook
