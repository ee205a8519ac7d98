// Text that cmark-gfm would take time or memory for with the square of its length, found before cmark sees it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

struct CostlyText {
  std::uint32_t line = 0;
  std::string what;
};

/// Measured with cmark-gfm 0.29.0.gfm.6: `<?`, `<!A` and `<![CDATA[` that are never closed are each searched to the end
/// of their paragraph, and every use of a link definition copies its address. What real documents hold stays
/// thousands of times below the limits.
[[nodiscard]] std::optional<CostlyText> find_costly_text(std::string_view text);

} // namespace runbook::markdown
