// The ids of steps: what the document says, or a slug of the title.
#pragma once

#include "markdown/step_reader.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace runbook::markdown {

/// Lower-case letters and digits of ASCII with `-` between the words; empty if the text has none.
[[nodiscard]] std::string slug(std::string_view text);

/// Every id is there once, over all sections.
class Ids {
public:
  /// Gives every draft its id. Ids that the document states come first, so that no slug takes them away. An item of the
  /// rollback section that takes back a step gets none.
  void assign(const Context& context, std::vector<Draft>& drafts);

  /// How many titles gave this slug: an id that several titles could have is ambiguous.
  [[nodiscard]] std::size_t claims(const std::string& id) const;

private:
  struct Known {
    bool taken = false;
    SourceSpan place;       ///< where the document states it
    std::size_t titles = 0; ///< that gave this slug
    std::size_t suffix = 1; ///< the last one that was used
  };
  void take_stated(const Context& context, Draft& draft);
  void report_taken(const Context& context, const Draft& draft) const;
  [[nodiscard]] std::string unique(std::string base);
  /// False if the id is taken already.
  bool take(const std::string& id, const SourceSpan& place = {});

  std::unordered_map<std::string, Known> ids_;
};

} // namespace runbook::markdown
