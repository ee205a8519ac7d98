#include "markdown/inline_cost.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace runbook::markdown {

namespace {

constexpr std::uint64_t max_bytes = std::uint64_t{256} << 20U; // that cmark may search or copy: about 0.3 s
constexpr std::string_view blanks = " \t";

/// The end of the run of lines from `begin` that a blank line, or the end of the text, ends.
std::size_t end_of_paragraph(std::string_view text, std::size_t begin) {
  for (std::size_t at = begin; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    if (text.substr(at, end - at).find_first_not_of(blanks) == std::string_view::npos) return at;
    at = end + 1;
  }
  return text.size();
}

/// How many bytes cmark looks at for the tags in the paragraph that open with `opener` and are never closed.
std::uint64_t search_cost(std::string_view paragraph, std::string_view opener, std::string_view closer) {
  if (paragraph.find(opener) == std::string_view::npos) return 0;
  const std::size_t last_closer = paragraph.rfind(closer);
  std::uint64_t cost = 0;
  std::size_t at = paragraph.find(opener, last_closer == std::string_view::npos ? 0 : last_closer);
  for (; at != std::string_view::npos; at = paragraph.find(opener, at + 1)) cost += paragraph.size() - at;
  return cost;
}

/// What a use of the definition in this line copies: the length of its address and title; 0 if there is none.
std::uint64_t definition_size(std::string_view line, std::string_view rest_of_paragraph) {
  const std::size_t bracket = line.find_first_not_of(" \t>-+*.)0123456789");
  if (bracket == std::string_view::npos || line[bracket] != '[') return 0;
  const std::size_t colon = line.find("]:", bracket);
  if (colon == std::string_view::npos) return 0;
  const std::string_view after = rest_of_paragraph.substr(colon + 2);
  const std::size_t address = std::min(after.find_first_not_of(" \t\n"), after.size());
  const std::size_t end = std::min(after.find_first_of(" \t\n", address), after.size());
  const std::size_t title = after.find_first_not_of(" \t\n", end);
  const bool titled = title != std::string_view::npos && std::string_view("\"'(").find(after[title]) < 3;
  return (titled ? after.size() : end) - address; // a title may go on to the end of its paragraph
}

} // namespace

std::optional<CostlyText> find_costly_text(std::string_view text) {
  // Hardly any document has one of them, and looking for them in all of it at once is quick.
  const bool has_tags = text.find("<?") != std::string_view::npos || text.find("<!") != std::string_view::npos;
  if (!has_tags && text.find("]:") == std::string_view::npos) return std::nullopt;
  struct Tag {
    std::string_view opener;
    std::string_view closer;
  };
  constexpr std::array tags{Tag{"<?", "?>"}, Tag{"<!", ">"}, Tag{"<![CDATA[", "]]>"}};
  const auto uses = static_cast<std::uint64_t>(std::ranges::count(text, '['));
  std::uint64_t searched = 0;
  std::uint32_t line = 1;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = end_of_paragraph(text, begin);
    const std::string_view paragraph = text.substr(begin, end - begin);
    for (const Tag& tag : tags) searched += search_cost(paragraph, tag.opener, tag.closer);
    if (searched > max_bytes) return CostlyText{line, "there are too many HTML tags that are never closed"};
    for (std::size_t at = begin; at < end; ++line) {
      const std::size_t stop = std::min(text.find('\n', at), text.size());
      const std::uint64_t size = definition_size(text.substr(at, stop - at), text.substr(at, end - at));
      if (size * uses > max_bytes) return CostlyText{line, "a link definition is too long for so many links"};
      at = stop + 1;
    }
    if (end == text.size()) break;
    begin = std::min(text.find('\n', end), text.size() - 1) + 1; // over the blank line
    ++line;
  }
  return std::nullopt;
}

} // namespace runbook::markdown
