#include "shown_text.hpp"

#include "glyphs.hpp"

namespace runbook::cli {

namespace {

constexpr std::string_view ellipsis = "…";

// Gathers glyphs into lines of at most so many columns.
class Rows {
public:
  Rows(std::size_t columns, std::size_t rows_per_line) : columns_(columns), rows_per_line_(rows_per_line) {}

  void add(const Glyph& glyph) {
    if (full_) return;
    if (used_ + glyph.columns <= columns_) {
      // Where the cut would be if the next glyph did not fit: one column is kept for the ellipsis.
      if (used_ + glyph.columns < columns_) cut_ = row_.size() + glyph.text().size();
      row_ += glyph.text();
      used_ += glyph.columns;
    } else if (++rows_ < rows_per_line_) {
      flush_row();
      add(glyph);
    } else {
      row_.resize(cut_);
      if (columns_ > 0) row_ += ellipsis;
      full_ = true;
    }
  }

  void end_line() {
    if (row_.find_first_not_of(' ') != std::string::npos) flush_row();
    row_.clear();
    used_ = cut_ = rows_ = 0;
    full_ = false;
  }

  [[nodiscard]] bool full() const noexcept { return full_; }
  std::vector<std::string> take() { return std::move(lines_); }

private:
  void flush_row() {
    lines_.push_back(std::move(row_));
    row_.clear();
    used_ = cut_ = 0;
  }

  std::size_t columns_;
  std::size_t rows_per_line_;
  std::size_t used_ = 0;
  std::size_t cut_ = 0;
  std::size_t rows_ = 0;
  bool full_ = false;
  std::string row_;
  std::vector<std::string> lines_;
};

} // namespace

std::string shown_line(std::string_view text, std::size_t columns) {
  GlyphReader reader(text);
  Rows rows(columns, 1);
  Glyph glyph;
  while (!rows.full() && reader.next(glyph)) rows.add(glyph.ends_line ? Glyph::blank() : glyph);
  rows.end_line();
  std::vector<std::string> lines = rows.take();
  return lines.empty() ? std::string() : std::move(lines.front());
}

std::vector<std::string> shown_lines(std::string_view text, std::size_t columns) {
  return folded_lines(text, columns, 1);
}

std::vector<std::string> folded_lines(std::string_view text, std::size_t columns, std::size_t rows_per_line) {
  GlyphReader reader(text);
  Rows rows(columns, rows_per_line);
  Glyph glyph;
  while (reader.next(glyph)) {
    if (glyph.ends_line) {
      rows.end_line();
    } else {
      rows.add(glyph);
    }
  }
  rows.end_line();
  return rows.take();
}

std::string shown_block(std::string_view text) {
  GlyphReader reader(text);
  std::string block;
  block.reserve(text.size());
  Glyph glyph;
  while (reader.next(glyph)) block += glyph.ends_line ? std::string_view("\n") : glyph.text();
  return block;
}

std::size_t columns_of(std::string_view text) {
  GlyphReader reader(text);
  std::size_t columns = 0;
  Glyph glyph;
  while (reader.next(glyph)) columns += glyph.ends_line ? 1 : glyph.columns;
  return columns;
}

} // namespace runbook::cli
