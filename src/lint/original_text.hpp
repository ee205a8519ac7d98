// A document as it lies in its file, beside the form of it that is read (`markdown::normalised`). Lines and columns are
// the same in both; offsets are not.
//
// Ownership: refers to the original. Thread-safety: immutable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace runbook::linting {

class OriginalText {
public:
  explicit OriginalText(std::string_view original);

  /// Where a byte of a line lies in the original. Lines count from 1, bytes from 0.
  [[nodiscard]] std::size_t offset(std::uint32_t line, std::size_t byte) const noexcept;
  /// What ends the document's first line, and with it whatever is inserted.
  [[nodiscard]] std::string_view line_end() const noexcept { return line_end_; }

private:
  std::string_view text_;
  std::vector<std::size_t> starts_;
  std::string_view line_end_ = "\n";
};

} // namespace runbook::linting
