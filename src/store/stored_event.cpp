#include "store/stored_event.hpp"

#include "event/data_json.hpp"
#include "event/members.hpp"
#include "event/value_json.hpp"
#include "store/chain.hpp"

#include <utility>

namespace runbook {

Result<Event> stored_event(const JournalEntry& entry) {
  auto value = read_journal_json(entry.data);
  if (!value) return value.error();
  if (!value->is_object()) return Error{errc::store_error, "is no JSON object", {}};
  Members members(value->get_object());
  auto data = read_data(entry.type, members);
  if (!data) return data.error();
  return Event{entry.seq, entry.fence, from_nanoseconds(entry.time), std::move(*data)};
}

} // namespace runbook
