// The labels in a paragraph: its last line may be one, and the others must not look like one.
#pragma once

#include "markdown/context.hpp"
#include "markdown/labels.hpp"

#include <optional>
#include <string_view>

namespace runbook::markdown {

/// The label that a paragraph's last line is. `next` is the block that follows; it may be none. A word without a colon
/// is one directly above a fence, and a sentence that announces output is one above a block that holds no commands.
[[nodiscard]] std::optional<Label> label_at_end(const Context& context, Node paragraph, Node next);

/// Whether the paragraph is a label and nothing else.
[[nodiscard]] std::optional<Label> label_alone(Node paragraph, Node next);

struct Surroundings {
  Node next;               ///< the block that follows; it may be none
  bool is_title = false;   ///< the paragraph is an item's title: its first line is no label
  bool unlabelled = false; ///< a block that follows without a label is run as a part of a step
};

/// The same as `label_at_end`, and looks for lines that are not quite labels: what a person takes for the head of a
/// rollback must not run as a step.
[[nodiscard]] std::optional<Label> read_labels(const Context& context, Node paragraph, const Surroundings& around);

/// A whole line without its indentation.
[[nodiscard]] SourceSpan whole_line(const Context& context, std::uint32_t number);

} // namespace runbook::markdown
