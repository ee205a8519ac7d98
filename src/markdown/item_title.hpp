// The title of an item: a heading, or the first paragraph of a list item.
#pragma once

#include "markdown/attributes.hpp"
#include "markdown/items.hpp"
#include "markdown/labels.hpp"

#include <optional>
#include <string>

namespace runbook::markdown {

struct ItemTitle {
  std::string text;   ///< one line, without number, task box and attributes
  std::string prompt; ///< the same with the addresses of links, as a person is asked it
  SourceSpan place;
  bool several_lines = false;
  /// The paragraph's last line is a label for what follows: "1. Unpack the release⏎Rollback:".
  std::optional<Label> label;
  SourceSpan label_place;
};

[[nodiscard]] ItemTitle read_title(const Context& context, const Item& item, StepSettings& settings);

} // namespace runbook::markdown
