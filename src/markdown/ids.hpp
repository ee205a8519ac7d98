// The ids of steps: what the document says, or a slug of the title.
#pragma once

#include "markdown/step_reader.hpp"

#include <cstddef>
#include <memory_resource>
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
  [[nodiscard]] std::size_t claims(std::string_view id) const;

private:
  struct Known {
    bool taken = false;
    SourceSpan place;       ///< where the document states it
    std::size_t titles = 0; ///< that gave this slug
    std::size_t suffix = 1; ///< the last one that was used
  };
  void take_stated(const Context& context, Draft& draft);
  void report_taken(const Context& context, const Draft& draft);
  [[nodiscard]] std::string unique(std::string base);
  /// False if the id is taken already.
  bool take(std::string_view id, const SourceSpan& place = {});
  [[nodiscard]] Known& known(std::string_view id);

  std::pmr::monotonic_buffer_resource memory_; ///< none of it is given back before the document has been read
  std::pmr::unordered_map<std::pmr::string, Known> ids_{&memory_};
};

} // namespace runbook::markdown
