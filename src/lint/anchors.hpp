// The anchors that a Markdown document can be linked to by: of its headings as code hosts make them, and those that it
// sets itself.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include "markdown/node.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace runbook::linting {

class Anchors {
public:
  explicit Anchors(markdown::Node root);

  [[nodiscard]] bool has(std::string_view fragment) const;
  /// `did you mean '#steps'?`, or nothing.
  [[nodiscard]] std::string near(std::string_view fragment) const;

private:
  void heading(markdown::Node node);
  void html(std::string_view text);
  void add(std::string name);

  std::unordered_set<std::string> names_;
  std::unordered_set<std::string> plain_; ///< without what is not ASCII: how hosts write that differs
  std::vector<std::string> order_;
  std::unordered_map<std::string, std::size_t> slugs_;
};

/// A heading's anchor: lower case, blanks as `-`, without punctuation.
[[nodiscard]] std::string heading_slug(std::string_view text);

/// `%41` as `A`. What is no escape stays as it stands.
[[nodiscard]] std::string percent_decoded(std::string_view text);

} // namespace runbook::linting
