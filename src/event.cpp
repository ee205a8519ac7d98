// The events' names and their JSON form.
#include "event/data_json.hpp"
#include "event/members.hpp"
#include "event/time_text.hpp"
#include "names.hpp"
#include "printable.hpp"

#include <runbook/event.hpp>

#include <fmt/format.h>

namespace runbook {

std::string_view type_name(const Event& event) noexcept {
  return type_name(event.data);
}

std::string action_path(const Outline& outline, const ActionRef& at) {
  std::string path = at.step < outline.size() ? outline[at.step].id : fmt::format("#{}", at.step);
  if (at.iteration > 0) path += fmt::format("[{}]", at.iteration);
  if (at.kind != ActionKind::forward) path += fmt::format(":{}", name_of(at.kind));
  if (at.part > 0) path += fmt::format("/{}", at.part + 1);
  return path;
}

Value to_json(const Event& event, const Outline* outline) {
  Values object;
  object.reserve(16);
  object["seq"] = event.seq;
  object["fence"] = event.fence;
  object["time"] = time_to_text(event.time);
  object["type"] = type_name(event);
  write_data(object, event.data, outline);
  return object;
}

Result<Event> event_from_json(const Value& value) {
  if (!value.is_object()) return Error{errc::store_error, "an event is no JSON object", {}};
  const Values& object = value.get_object();
  Members members(object);
  Event event;
  event.seq = members.unsigned_integer<std::uint64_t>("seq");
  event.fence = members.unsigned_integer<std::uint64_t>("fence");
  event.time = members.time("time");
  const std::string type = members.text("type");
  auto data = read_data(type, members);
  if (!data) {
    return Error{
        data.error().code, fmt::format("event {} ({}): {}", event.seq, printable(type), data.error().message), {}};
  }
  event.data = std::move(*data);
  return event;
}

} // namespace runbook
