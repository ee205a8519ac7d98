// Places in a text: byte offsets to the lines and columns that a person sees in an editor.
//
// Ownership: refers to the text, which must outlive it. Thread-safety: any number of threads may ask at once. A column
// costs no more in a line of a million bytes than in a short one, whatever the order in which places are asked for.
#pragma once

#include <runbook/error.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace runbook {

class SourceText {
public:
  /// The text is valid UTF-8. A line ends at each '\n'.
  explicit SourceText(std::string_view text);

  [[nodiscard]] std::string_view text() const noexcept { return text_; }
  [[nodiscard]] std::uint32_t line_count() const noexcept { return static_cast<std::uint32_t>(starts_.size()); }
  /// The bytes of a line without its end. Lines count from 1; there is nothing in a line that does not exist.
  [[nodiscard]] std::string_view line(std::uint32_t number) const noexcept;
  /// The offset of a line's first byte; of the end of the text if there is no such line.
  [[nodiscard]] std::size_t offset_of(std::uint32_t line) const noexcept;
  /// From the byte `begin` up to, but not including, the byte `end`.
  [[nodiscard]] SourceSpan span(std::size_t begin, std::size_t end) const;
  [[nodiscard]] SourceSpan span(std::size_t at) const { return span(at, at); }
  /// A part of one line, in bytes from its start.
  [[nodiscard]] SourceSpan in_line(std::uint32_t line, std::size_t begin, std::size_t end) const;

private:
  struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };
  [[nodiscard]] Place place(std::size_t offset) const;
  [[nodiscard]] std::size_t code_points_before(std::size_t offset) const;

  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::vector<std::uint32_t> counts_; ///< code points in front of each block of bytes, see `code_points_before`
};

} // namespace runbook
