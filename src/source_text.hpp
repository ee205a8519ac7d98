// Places in a text: byte offsets to the lines and columns that a person sees in an editor.
//
// Ownership: refers to the text, which must outlive it. Thread-safety: immutable.
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
  /// From a byte of one line to a byte of the same or a later one, in bytes from their starts.
  [[nodiscard]] SourceSpan lines(std::uint32_t line, std::size_t begin, std::uint32_t end_line, std::size_t end) const;

private:
  struct Place {
    std::uint32_t line = 1;
    std::uint32_t column = 1;
  };
  [[nodiscard]] Place place(std::size_t offset) const;
  [[nodiscard]] Place place_in_line(std::uint32_t number, std::size_t byte) const;
  [[nodiscard]] std::size_t code_points_between(std::size_t begin, std::size_t end) const;

  std::string_view text_;
  bool ascii_;                        ///< each byte is a character, so that nothing has to be counted
  std::vector<std::uint32_t> starts_; ///< half the memory of size_t, and no document is that large
  std::vector<std::uint32_t>
      counted_; ///< code points in front of each block of other text, so that no column costs its line
};

} // namespace runbook
