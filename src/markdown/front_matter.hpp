// Front matter: YAML between two lines `---` at the very start of a document.
#pragma once

#include "markdown/context.hpp"

#include <runbook/value.hpp>

#include <string>
#include <vector>

namespace runbook::markdown {

struct FrontMember {
  std::string key;
  Value value;
  SourceSpan span{};                  ///< from the key to the value's end
  std::vector<SourceSpan> elements{}; ///< of the value's elements if it is a list
};

/// Takes front matter off: its lines become blank, so that every other line keeps its number. What cannot be read is
/// an error at its place in the document.
[[nodiscard]] std::vector<FrontMember> take_front_matter(std::string& text, Findings& findings);

} // namespace runbook::markdown
