#include "markdown/front.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/labels.hpp"
#include "markdown/table.hpp"
#include "markdown/text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// `**Key**: value` or `**Key:** value`.
struct KeyLine {
  std::string_view key;
  std::string_view value;
};

std::optional<KeyLine> key_line(std::string_view line) {
  line = trim(line);
  const std::string_view mark = line.substr(0, 2);
  if (mark != "**" && mark != "__") return std::nullopt;
  const std::size_t close = line.find(mark, 2);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view key = trim(line.substr(2, close - 2));
  std::string_view value = trim_left(line.substr(close + 2));
  if (key.ends_with(':')) {
    key = trim_right(key.substr(0, key.size() - 1));
  } else if (value.starts_with(':')) {
    value.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  if (key.empty() || key.find_first_of("*_`[") != std::string_view::npos) return std::nullopt;
  return KeyLine{key, trim(value)};
}

class FrontText {
public:
  FrontText(const Context& context, Metadata& metadata) : context_(context), metadata_(metadata) {}

  void blocks(const std::vector<Node>& blocks) {
    for (std::size_t i = 0; i < blocks.size(); ++i) {
      const Node next = i + 1 < blocks.size() ? blocks[i + 1] : Node();
      if (blocks[i].is(NodeType::paragraph)) {
        if (paragraph(blocks[i], next)) ++i;
      } else if (blocks[i].is(NodeType::list)) {
        items(blocks[i]);
      }
    }
  }

private:
  void items(Node list) {
    for (Node item = list.first_child(); item; item = item.next()) {
      const Node first = item.first_child();
      if (first && first.is(NodeType::paragraph)) static_cast<void>(paragraph(first, first.next()));
    }
  }

  /// A paragraph, or an item's, whose first line is a key line. Lines without a key go on with the value before. True
  /// if the next block is the value of the last key.
  bool paragraph(Node node, Node next) {
    if (const auto table = read_table(context_, node)) {
      rows(*table);
      return false;
    }
    std::optional<KeyLine> open;
    std::uint32_t open_line = 0;
    std::string value;
    for (std::uint32_t number = node.line(); number <= node.end_line(); ++number) {
      std::string_view line = context_.source.line(number);
      if (number == node.line()) line.remove_prefix(std::min<std::size_t>(node.byte(), line.size()));
      const auto key = key_line(line);
      if (!key && !open) return false; // prose
      if (!key) {
        value.append(value.empty() ? "" : " ").append(trim(line));
        continue;
      }
      if (open) set(*open, value, open_line);
      open = key;
      open_line = number;
      value = key->value;
    }
    const bool listed = open && value.empty() && next && next.is(NodeType::list) && !next.is_ordered();
    if (listed && set_list(open->key, next, whole_line(open_line))) return true;
    if (open) set(*open, value, open_line);
    return false;
  }

  [[nodiscard]] SourceSpan whole_line(std::uint32_t line) const {
    return context_.source.in_line(line, 0, context_.source.line(line).size());
  }

  void set(const KeyLine& key, const std::string& value, std::uint32_t line) {
    if (label_of(std::string(key.key) + ':') == Label::note) return; // a remark to the reader
    std::vector<SourceSpan> parts;
    if (value == key.value) { // all of it on one line
      const auto start = static_cast<std::size_t>(key.value.data() - context_.source.line(line).data());
      for (const auto& [begin, end] : listed_parts(value)) {
        parts.push_back(context_.source.in_line(line, start + begin, start + end));
      }
    }
    metadata_.set(key.key, Value(value), whole_line(line), parts);
  }

  /// False if the list is none of plain values.
  bool set_list(std::string_view key, Node list, const SourceSpan& place) {
    boost::json::array values;
    std::vector<SourceSpan> places;
    for (Node item = list.first_child(); item; item = item.next()) {
      const Node text = item.first_child();
      if (!text || !text.is(NodeType::paragraph) || text.next() ||
          key_line(context_.source.line(text.line())
                       .substr(std::min<std::size_t>(text.byte(), context_.source.line(text.line()).size())))) {
        return false;
      }
      values.emplace_back(one_line(plain_text(text)));
      places.push_back(context_.span(text));
    }
    metadata_.set(key, values, place, places);
    return true;
  }

  /// A table of keys and values. Others are prose, so one of the keys must be known.
  void rows(const Table& table) {
    std::vector<const Row*> rows{&table.header};
    for (const Row& row : table.rows) rows.push_back(&row);
    const auto key_of = [](const Row* row) {
      std::string_view key = without_marks(row->cells[0].text);
      return key.ends_with(':') ? trim_right(key.substr(0, key.size() - 1)) : key;
    };
    if (table.header.cells.size() != 2 ||
        std::ranges::none_of(rows, [&](const Row* row) { return Metadata::knows(key_of(row)); })) {
      return;
    }
    if (!Metadata::knows(key_of(&table.header))) rows.erase(rows.begin()); // "Key | Value"
    for (const Row* row : rows) {
      if (!key_of(row).empty()) metadata_.set(key_of(row), Value(row->cells[1].text), row->span);
    }
  }

  const Context& context_;
  Metadata& metadata_;
};

} // namespace

void read_title(const Context& context, const Document& document, Runbook& book) {
  if (!document.title) {
    if (!book.title.empty()) return;
    context.findings.warning("no-title", context.source.span(0), "the document has no title",
                             "start it with a heading: # Title");
    return;
  }
  std::string text = one_line(plain_text(document.title));
  if (lower(std::string_view(text).substr(0, 6)) == "title:") text = trim(std::string_view(text).substr(6));
  if (!book.title.empty() && book.title != text) {
    context.findings.warning("title", context.first_line(document.title),
                             fmt::format("the title in the front matter is another one: '{}'", book.title),
                             "the heading is taken; let both say the same");
  }
  book.title = std::move(text);
}

void read_metadata(const Context& context, const SectionPart& part, Metadata& metadata) {
  FrontText(context, metadata).blocks(part.blocks);
}

void read_access(const Context& context, const SectionPart& part, Metadata& metadata) {
  boost::json::array values;
  std::vector<SourceSpan> places;
  for (const Node block : part.blocks) {
    if (!block.is(NodeType::list)) continue;
    for (Node item = block.first_child(); item; item = item.next()) {
      if (!item.first_child() || !item.first_child().is(NodeType::paragraph)) continue;
      values.emplace_back(one_line(plain_text(item.first_child())));
      places.push_back(context.span(item.first_child()));
    }
  }
  if (!values.empty()) metadata.set("Required Access", values, context.first_line(part.heading), places);
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
