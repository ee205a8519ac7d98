#include "markdown/front.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/key_line.hpp"
#include "markdown/labels.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "suggest.hpp"

#include <boost/json/string.hpp>

#include <optional>
#include <set>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

class MetadataReader {
public:
  MetadataReader(const Context& context, Runbook& book) : context_(context), book_(book) {}

  /// A paragraph, or an item's, whose first line is a key line. Lines without a key go on with the value before.
  void paragraph(Node node) {
    std::optional<KeyLine> open;
    std::uint32_t open_line = 0;
    std::string value;
    for (std::uint32_t number = node.line(); number <= node.end_line(); ++number) {
      std::string_view line = context_.source.line(number);
      if (number == node.line()) line.remove_prefix(std::min<std::size_t>(node.byte(), line.size()));
      const auto key = key_line(line);
      if (!key && !open) return; // prose
      if (!key) {
        value.append(value.empty() ? "" : " ").append(trim(line));
        continue;
      }
      if (open) set(open->key, value, open_line);
      open = key;
      open_line = number;
      value = key->value;
    }
    if (open) set(open->key, value, open_line);
  }

private:
  void set(std::string_view key, const std::string& value, std::uint32_t line) {
    if (label_of(std::string(key) + ':') == Label::note) return; // a remark to the reader
    const std::string name = lower(key);
    const SourceSpan place = context_.source.in_line(line, 0, context_.source.line(line).size());
    const bool first = seen_.insert(name).second;
    std::string* known = name == "purpose" ? &book_.purpose : nullptr;
    if (!first) {
      context_.findings.error("duplicate-key", place, fmt::format("'{}' is there twice", key), "keep one of the two");
    } else if (known != nullptr) {
      *known = value;
    } else if (name == "frequency") {
      frequency(value, place);
    } else if (name == "required access") {
      access(value, place);
    } else if (name == "risk level") {
      risk(value, place);
    } else {
      book_.metadata[key] = value;
    }
  }

  void frequency(std::string_view value, const SourceSpan& place) {
    book_.frequency = parse_frequency(value);
    if (book_.frequency.kind != Frequency::Kind::unspecified || book_.frequency.text.empty()) return;
    context_.findings.warning(
        "frequency", place, fmt::format("'{}' is no frequency: nothing follows from it", value),
        "write daily, weekly, monthly, quarterly, yearly, every 10 days, on demand, per release or "
        "P2W");
  }

  /// Items are parted by ';'. Code marks around one do not count.
  void access(std::string_view list, const SourceSpan& place) {
    while (!list.empty()) {
      const std::size_t end = std::min(list.find(';'), list.size());
      std::string_view item = trim(list.substr(0, end));
      list.remove_prefix(std::min(end + 1, list.size()));
      if (item.size() > 2 && item.starts_with('`') && item.ends_with('`')) item = item.substr(1, item.size() - 2);
      if (item.empty()) continue;
      Access access = parse_access(item);
      access.span = place;
      book_.required_access.push_back(std::move(access));
    }
  }

  void risk(const std::string& value, const SourceSpan& place) {
    const auto level = enum_from<RiskLevel>(lower(trim(value)));
    if (level && *level != RiskLevel::unspecified) {
      book_.risk_level = *level;
      return;
    }
    const std::vector<std::string> levels{"Low", "Medium", "High", "Critical"};
    std::string hint = did_you_mean(value, levels);
    context_.findings.error("risk-level", place, fmt::format("'{}' is no risk level", value),
                            hint.empty() ? "use Low, Medium, High or Critical" : hint);
  }

  const Context& context_;
  Runbook& book_;
  std::set<std::string> seen_;
};

} // namespace

void read_title(const Context& context, const Document& document, Runbook& book) {
  if (!document.title) {
    context.findings.warning("no-title", context.source.span(0), "the document has no title",
                             "start it with a heading: # Title");
    return;
  }
  std::string text = one_line(plain_text(document.title));
  if (lower(std::string_view(text).substr(0, 6)) == "title:") text = trim(std::string_view(text).substr(6));
  book.title = std::move(text);
}

void read_metadata(const Context& context, const SectionPart& part, Runbook& book) {
  MetadataReader reader(context, book);
  for (const Node block : part.blocks) {
    if (block.is(NodeType::paragraph)) {
      reader.paragraph(block);
    } else if (block.is(NodeType::list)) {
      for (Node item = block.first_child(); item; item = item.next()) {
        if (item.first_child() && item.first_child().is(NodeType::paragraph)) reader.paragraph(item.first_child());
      }
    }
  }
}

void read_related(const Context& context, const SectionPart& part, Runbook& book) {
  for (const Node block : part.blocks) {
    for (Node node = block; node; node = node.next_in(block)) {
      if (!node.is(NodeType::link)) continue;
      Node place = node.parent();
      while (place.is(NodeType::text) || place.is(NodeType::other) || place.is(NodeType::link)) place = place.parent();
      book.related.push_back({one_line(plain_text(node)), std::string(node.url()), context.span(place)});
    }
  }
}

} // namespace runbook::markdown
