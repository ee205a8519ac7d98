// The model in Python. A `Runbook` is shared; a `Step` is a view of one of its items, so that
// `book.steps[0]` and what `book.step("id")` returns stay valid however many steps are added.
#pragma once

#include "module.hpp"

#include <runbook/model.hpp>

#include <cstddef>
#include <memory>

namespace runbook::python {

struct StepView {
  std::shared_ptr<Runbook> book;
  std::vector<Step> Runbook::* section;
  std::size_t index;

  [[nodiscard]] Step& step() const { return (book.get()->*section).at(index); }
};

} // namespace runbook::python
