// What the attributes of a fence or a title mean for the action and the step.
#pragma once

#include "markdown/info_string.hpp"

#include <optional>
#include <string>
#include <vector>

namespace runbook::markdown {

/// What is said of a step as a whole, in its title or on its fences.
struct StepSettings {
  std::string id;
  SourceSpan id_span;
  std::string undo; ///< the id of the step that this item takes back
  SourceSpan undo_span;
  bool irreversible = false;
  SourceSpan irreversible_span;
  std::optional<OnFailure> on_failure;
};

/// Where the attributes stand, which decides which of them have a meaning.
enum class Bearer { action, check, undo, expectation, title };

/// Takes the attributes over. Whatever is unknown, misplaced, given twice, wrong or not supported in this version is a
/// finding; nothing is ignored. `action` is null for an expectation and a title.
void apply_attributes(const Context& context, const std::vector<Attribute>& attributes, Bearer bearer, Action* action,
                      StepSettings& settings);

/// Whether the format gives this name a meaning, now or in a later version.
[[nodiscard]] bool is_format_attribute(std::string_view name);

/// Whether the text between the braces at the end of a title is meant as attributes, and is not just text.
[[nodiscard]] bool reads_as_attributes(const std::vector<Attribute>& attributes);

} // namespace runbook::markdown
