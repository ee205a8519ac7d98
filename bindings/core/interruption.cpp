#include "interruption.hpp"

#include <utility>

namespace runbook::python {

bool Interruption::take_signals() {
  if (PyErr_CheckSignals() == 0) return false;
  keep(py::error_already_set());
  return true;
}

void Interruption::keep(py::error_already_set raised) {
  if (!raised_) raised_.emplace(std::move(raised));
}

std::string Interruption::who() const {
  return raised_ ? py::cast<std::string>(raised_->type().attr("__name__")) : std::string();
}

void Interruption::raise(const std::string& note) {
  if (!raised_) return;
  py::error_already_set raised = std::move(*raised_);
  raised_.reset();
  if (!note.empty() && py::hasattr(raised.value(), "add_note")) raised.value().attr("add_note")(note);
  throw raised;
}

} // namespace runbook::python
