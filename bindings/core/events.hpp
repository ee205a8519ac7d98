// Events in Python: an `Event` knows its run's outline, so that it can name the steps it is about.
#pragma once

#include "module.hpp"

#include <runbook/event.hpp>

#include <memory>
#include <vector>

namespace runbook::python {

struct PyEvent {
  Event event;
  std::shared_ptr<const Outline> outline; // null if unknown

  [[nodiscard]] const Outline* steps() const noexcept { return outline.get(); }
};

/// A whole journal: the outline is that of its `RunCreated`.
[[nodiscard]] std::vector<PyEvent> to_py_events(const std::vector<Event>& events);

/// The event as one line for people, without its time.
[[nodiscard]] std::string to_line(const PyEvent& event);

} // namespace runbook::python
