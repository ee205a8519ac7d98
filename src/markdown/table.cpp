#include "markdown/table.hpp"

#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

/// A cell's bytes within its line.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

/// Splits a line at its `|`, but for `\|`, without those at the ends.
std::vector<Piece> split(std::string_view line, std::size_t begin) {
  std::size_t end = trim_right(line).size();
  begin = std::min(line.find_first_not_of(" \t", begin), end);
  if (begin < end && line[begin] == '|') ++begin;
  if (begin < end && line[end - 1] == '|' && (end < 2 || line[end - 2] != '\\')) --end;
  std::vector<Piece> pieces{{begin, begin}};
  for (std::size_t at = begin; at < end; ++at) {
    if (line[at] != '|' || (at > 0 && line[at - 1] == '\\')) continue;
    pieces.back().end = at;
    pieces.push_back({at + 1, at + 1});
  }
  pieces.back().end = end;
  return pieces;
}

/// `---`, `:--`, `:-:` between the bars of a table's second line.
bool is_rule(std::string_view cell) noexcept {
  cell = trim(cell);
  if (cell.starts_with(':')) cell.remove_prefix(1);
  if (cell.ends_with(':')) cell.remove_suffix(1);
  return !cell.empty() && cell.find_first_not_of('-') == std::string_view::npos;
}

bool is_delimiter(std::string_view line) {
  if (line.find('|') == std::string_view::npos || line.find_first_not_of("|:- \t") != std::string_view::npos)
    return false;
  return std::ranges::all_of(split(line, 0),
                             [&](const Piece& p) { return is_rule(line.substr(p.begin, p.end - p.begin)); });
}

std::string unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size() && text[i + 1] == '|') continue;
    out += text[i];
  }
  return out;
}

Row read_row(const Context& context, std::uint32_t number, std::size_t begin, std::size_t columns) {
  const std::string_view line = context.source.line(number);
  const std::size_t start = std::min(line.find_first_not_of(" \t", begin), line.size());
  Row row;
  row.span = context.source.in_line(number, start, trim_right(line).size());
  for (const Piece& piece : split(line, begin)) {
    if (row.cells.size() == columns) break; // what is beyond the header's columns is not shown either
    const std::string_view raw = line.substr(piece.begin, piece.end - piece.begin);
    const std::size_t first = piece.begin + (raw.size() - trim_left(raw).size());
    row.cells.push_back({unescaped(trim(raw)), context.source.in_line(number, first, first + trim(raw).size())});
  }
  while (row.cells.size() < columns) row.cells.push_back({{}, row.span});
  return row;
}

bool wraps(std::string_view text, std::string_view mark) noexcept {
  return text.size() > 2 * mark.size() && text.starts_with(mark) && text.ends_with(mark) &&
         text.find(mark, mark.size()) == text.size() - mark.size();
}

} // namespace

std::optional<Table> read_table(const Context& context, Node paragraph) {
  std::uint32_t header = paragraph.line();
  const std::uint32_t last = std::min(paragraph.end_line(), context.source.line_count());
  while (header < last && !is_delimiter(context.source.line(header + 1))) ++header;
  if (header >= last) return std::nullopt;
  const std::size_t begin = header == paragraph.line() ? paragraph.byte() : 0;
  const std::size_t columns = split(context.source.line(header + 1), 0).size();
  if (split(context.source.line(header), begin).size() != columns) return std::nullopt;
  Table table;
  table.header = read_row(context, header, begin, columns);
  for (std::uint32_t number = header + 2; number <= last; ++number) {
    if (!trim(context.source.line(number)).empty()) table.rows.push_back(read_row(context, number, 0, columns));
  }
  return table;
}

std::string_view without_marks(std::string_view text) noexcept {
  for (const std::string_view mark : {"**", "__", "``", "`", "*", "_"}) {
    if (wraps(text, mark)) return trim(text.substr(mark.size(), text.size() - 2 * mark.size()));
  }
  return text;
}

bool is_code(std::string_view text) noexcept {
  return wraps(text, "`") || wraps(text, "``");
}

} // namespace runbook::markdown
