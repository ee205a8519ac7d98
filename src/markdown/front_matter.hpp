// Front matter: YAML between two lines `---` at the very start of a document.
#pragma once

#include "markdown/context.hpp"

#include <runbook/value.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace runbook::markdown {

struct FrontMember {
  std::string key;
  Value value;
  SourceSpan span{};                  ///< from the key to the value's end
  std::vector<SourceSpan> elements{}; ///< of the value's elements if it is a list
};

struct FrontMatter {
  std::vector<FrontMember> members{};
  std::size_t size = 0; ///< bytes of the text that it takes, the end of its last line included; 0: there is none
};

/// Takes front matter off: its lines become blank, so that every other line keeps its number. What cannot be read is
/// an error at its place in the document. If there is any, the text becomes that of `changed`, where it may be already.
[[nodiscard]] FrontMatter take_front_matter(std::string_view& text, std::string& changed, Findings& findings);

} // namespace runbook::markdown
