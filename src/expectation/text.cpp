#include "expectation/compare.hpp"

#include "printable.hpp"
#include "template.hpp"

#include <algorithm>
#include <cstring>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::string_view wildcard = "...";
constexpr std::size_t excerpt = 120;

std::string_view without_end_blanks(std::string_view line) noexcept {
  const std::size_t last = line.find_last_not_of(" \t\r");
  return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_blank(std::string_view text) noexcept {
  return without_end_blanks(text).empty();
}

/// Where `piece` begins in `text`, or npos. Linear, which `string_view::find` is not.
std::size_t position_of(std::string_view piece, std::string_view text) noexcept {
  if (piece.empty()) return 0;
  const void* found = memmem(text.data(), text.size(), piece.data(), piece.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

/// A line of the expected text.
struct ExpectedLine {
  std::vector<std::string> pieces{1}; ///< between two of them stands any text
  bool has_value = false;             ///< holds the value of a `{{ name }}`

  [[nodiscard]] bool any_lines() const noexcept {
    return !has_value && pieces.size() == 2 && is_blank(pieces.front()) && is_blank(pieces.back());
  }
  [[nodiscard]] bool blank() const noexcept { return pieces.size() == 1 && is_blank(pieces.front()); }

  [[nodiscard]] std::string shown() const {
    return fmt::format("\"{}\"", printable_excerpt(fmt::format("{}", fmt::join(pieces, wildcard)), excerpt));
  }

  [[nodiscard]] bool matches(std::string_view line) const noexcept {
    if (pieces.size() == 1) return without_end_blanks(line) == pieces.front();
    std::string_view rest = pieces.back().empty() ? line : without_end_blanks(line);
    if (!rest.starts_with(pieces.front())) return false;
    rest.remove_prefix(pieces.front().size());
    if (!rest.ends_with(pieces.back())) return false;
    rest.remove_suffix(pieces.back().size());
    for (std::size_t i = 1; i + 1 < pieces.size(); ++i) {
      const std::size_t at = position_of(pieces[i], rest);
      if (at == std::string_view::npos) return false;
      rest.remove_prefix(at + pieces[i].size());
    }
    return true;
  }
};

/// Makes the lines of the expected text. Only the document's own `...` are wildcards, never those of a value.
class ExpectedText {
public:
  void literal(std::string_view text) {
    while (!text.empty()) {
      if (text.starts_with(wildcard)) {
        lines_.back().pieces.emplace_back();
        text.remove_prefix(wildcard.size());
      } else {
        add(text.front());
        text.remove_prefix(1);
      }
    }
  }

  void value(std::string_view text) {
    lines_.back().has_value = true;
    for (const char c : text) {
      add(c);
      if (c == '\n') lines_.back().has_value = true;
    }
  }

  [[nodiscard]] std::vector<ExpectedLine> take() {
    for (ExpectedLine& line : lines_) {
      line.pieces.back().resize(without_end_blanks(line.pieces.back()).size());
    }
    while (!lines_.empty() && lines_.back().blank()) lines_.pop_back();
    return std::move(lines_);
  }

private:
  void add(char c) {
    if (c == '\n') {
      lines_.emplace_back();
    } else {
      lines_.back().pieces.back() += c;
    }
  }

  std::vector<ExpectedLine> lines_{1};
};

std::vector<std::string_view> lines_of(std::string_view output) {
  std::vector<std::string_view> lines;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    lines.push_back(output.substr(0, end));
    output.remove_prefix(std::min(end + 1, output.size()));
  }
  while (!lines.empty() && is_blank(lines.back())) lines.pop_back();
  return lines;
}

/// Where the comparison got to before it failed: the attempt that matched the most expected lines.
struct Furthest {
  std::size_t expected = 0;
  std::size_t got = 0;
  bool floating = false; ///< the line might have been anywhere after this one
  bool reached = false;

  void note(std::size_t at_expected, std::size_t at_got, bool may_float) noexcept {
    if (reached && at_expected <= expected) return;
    *this = {at_expected, at_got, may_float, true};
  }
};

std::string describe(const Furthest& at, const std::vector<ExpectedLine>& expected,
                     const std::vector<std::string_view>& got) {
  const bool ended = at.got >= got.size();
  const std::string wanted = at.expected < expected.size() ? expected[at.expected].shown() : "the end of the output";
  if (at.floating) {
    return fmt::format("expected {} {}, but no line there is like it", wanted,
                       at.got == 0 ? "in the output" : fmt::format("after line {} of the output", at.got));
  }
  const std::string found = ended ? "the end of the output"
                                  : fmt::format("\"{}\"", printable_excerpt(without_end_blanks(got[at.got]), excerpt));
  return fmt::format("line {}: expected {}, got {}", at.got + 1, wanted, found);
}

/// Greedy: a `...` takes as few lines as it can, and only the last one met is ever tried again.
std::optional<Furthest> compare(const std::vector<ExpectedLine>& expected, const std::vector<std::string_view>& got) {
  Furthest furthest;
  std::size_t e = 0;
  std::size_t g = 0;
  std::optional<std::size_t> after_any; // the expected line after the last `...` line
  std::size_t retry = 0;                // the line that it is tried on
  while (g < got.size()) {
    if (e < expected.size() && expected[e].any_lines()) {
      after_any = ++e;
      retry = g;
      continue;
    }
    if (e < expected.size() && expected[e].matches(got[g])) {
      ++e;
      ++g;
      continue;
    }
    furthest.note(e, g, after_any == e);
    if (!after_any) return furthest;
    e = *after_any;
    g = ++retry;
  }
  while (e < expected.size() && expected[e].any_lines()) ++e;
  if (e == expected.size()) return std::nullopt;
  furthest.note(e, g, after_any == e);
  return furthest;
}

} // namespace

std::optional<std::string> text_mismatch(std::string_view expected, std::string_view output, const Values& values) {
  ExpectedText text;
  for (const TemplatePart& part : template_parts(expected)) {
    if (part.kind != TemplatePart::Kind::name) {
      text.literal(part.text);
      continue;
    }
    const Result<const Value*> value = find_value(part.name, values);
    if (!value) return to_string(value.error());
    text.value(to_text(**value));
  }
  const std::vector<ExpectedLine> wanted = text.take();
  const std::vector<std::string_view> got = lines_of(output);
  const std::optional<Furthest> failure = compare(wanted, got);
  if (!failure) return std::nullopt;
  return describe(*failure, wanted, got);
}

} // namespace runbook
