// What a document says about itself by key and value, wherever it says it: front matter, bold keys, a table, a section.
//
// Ownership: refers to the context and the runbook. Thread-safety: belongs to one thread.
#pragma once

#include "markdown/context.hpp"
#include "markdown/front_matter.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

class Metadata {
public:
  Metadata(const Context& context, Runbook& book) : context_(context), book_(book) {}

  /// Case, hyphens and underscores in a key do not count. A key that is there already with another value is an error;
  /// `elements` are the places of a list's elements, or of the parts of a text that `;` separates.
  void set(std::string_view key, const Value& value, const SourceSpan& place,
           const std::vector<SourceSpan>& elements = {});
  void front_matter(const std::vector<FrontMember>& members);

  /// Whether the format gives the key a meaning.
  [[nodiscard]] static bool knows(std::string_view key);

private:
  struct Seen {
    std::string value;
    std::uint32_t line = 0;
    bool in_front_matter = false;
  };

  bool is_there(const std::string& name, std::string_view key, const Value& value, const SourceSpan& place);
  std::optional<std::string> text_of(std::string_view key, const Value& value, const SourceSpan& place);
  void access(std::string_view key, const Value& value, const SourceSpan& place,
              const std::vector<SourceSpan>& elements);
  void add_access(std::string_view item, const SourceSpan& place);
  void frequency(std::string_view value, const SourceSpan& place);
  void risk(std::string_view value, const SourceSpan& place);

  const Context& context_;
  Runbook& book_;
  std::map<std::string, Seen> seen_;
  bool in_front_matter_ = false;
};

/// Where the parts of a list begin and end that `;` separates, without blanks around them; empty parts are left out.
[[nodiscard]] std::vector<std::pair<std::size_t, std::size_t>> listed_parts(std::string_view text);

} // namespace runbook::markdown
