#include "markdown/clean_text.hpp"

#include "markdown/text.hpp"
#include "utf8.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

std::string_view normalised(std::string_view text, std::string& changed) {
  text = without_bom(text);
  if (text.find('\r') == std::string_view::npos) return text;
  std::string& out = changed;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\r'), text.size());
    out += text.substr(0, end);
    if (end == text.size()) break;
    text.remove_prefix(end + 1);
    if (!text.starts_with('\n')) out += '\n';
  }
  return changed;
}

bool is_readable(std::string_view original, const SourceText& source, Findings& findings) {
  if (original.size() > max_document_bytes) {
    findings.error("limit", {}, fmt::format("the document has more than {} MiB", max_document_bytes >> 20U),
                   "split it");
    return false;
  }
  if (const std::size_t bad = find_invalid_utf8(source.text()); bad != std::string_view::npos) {
    const bool utf16 = original.starts_with("\xFF\xFE") || original.starts_with("\xFE\xFF");
    findings.error("not-utf8", source.span(bad), "the document is not valid UTF-8",
                   utf16 ? "it looks like UTF-16: save it as UTF-8" : "save it as UTF-8");
    return false;
  }
  if (const std::size_t nul = source.text().find('\0'); nul != std::string_view::npos) {
    findings.error("nul", source.span(nul), "the document holds a NUL character", "remove it");
    return false;
  }
  if (trim(source.text()).empty()) {
    findings.error("empty-document", source.span(0), "the document is empty", "write a title and a section Steps");
    return false;
  }
  return true;
}

} // namespace runbook::markdown
