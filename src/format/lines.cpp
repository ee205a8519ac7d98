#include "format/lines.hpp"

#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::format {

namespace {

constexpr std::size_t tab_stop = 4;

std::size_t column_after(char c, std::size_t column) noexcept {
  return c == '\t' ? column + tab_stop - column % tab_stop : column + 1;
}

} // namespace

Marker read_marker(std::string_view line, std::size_t byte) {
  Marker marker;
  std::size_t at = std::min(byte, line.size());
  while (at < line.size() && markdown::is_digit(line[at])) ++at;
  if (at < line.size()) marker.delimiter = line[at++];
  std::size_t column = 0;
  for (std::size_t i = 0; i < at; ++i) column = column_after(line[i], column);
  std::size_t text = at;
  std::size_t text_column = column;
  while (text < line.size() && markdown::is_blank(line[text])) text_column = column_after(line[text++], text_column);
  if (text == line.size()) { // the text starts in another line
    marker.content = line.size();
    marker.column = column + 1;
  } else if (text_column - column > tab_stop) { // indented code
    marker.content = at + 1;
    marker.column = column + 1;
    marker.cuts_a_tab = line[at] == '\t';
  } else {
    marker.content = text;
    marker.column = text_column;
  }
  return marker;
}

std::size_t leading_blanks(std::string_view line) noexcept {
  return std::min(line.find_first_not_of(" \t"), line.size());
}

bool is_blank_line(std::string_view line) noexcept {
  return leading_blanks(line) == line.size();
}

std::string without_trailing_blanks(std::string_view line, bool last_of_paragraph) {
  std::string out(markdown::trim_right(line));
  if (!last_of_paragraph && line.ends_with("  ") && !out.empty()) out += "  ";
  return out;
}

void take_common_indent(std::vector<std::string>& lines) {
  std::size_t common = std::string::npos;
  for (const std::string& line : lines) {
    if (!is_blank_line(line)) common = std::min(common, leading_blanks(line));
  }
  if (common == std::string::npos) return;
  for (std::string& line : lines) line.erase(0, std::min(common, leading_blanks(line)));
}

} // namespace runbook::format
