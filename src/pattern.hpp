// Patterns: the regular expressions of inputs and of matches(), as RE2 has them. Matching takes time linear in the
// text, needs no stack that grows with it, and cannot be made exponential by any pattern.
//
// Ownership: owns what was compiled. Thread-safety: matching may be done from any threads at the same time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace runbook {

class Pattern {
public:
  static constexpr std::size_t max_text = 1024; ///< bytes; RE2 compiles any such pattern in hundredths of a second

  /// Nothing if the pattern cannot be used; `why` then says why not.
  [[nodiscard]] static std::optional<Pattern> compile(std::string_view text, std::string& why);

  /// A pattern that matches exactly this text.
  [[nodiscard]] static std::string quoted(std::string_view text);

  Pattern(Pattern&&) noexcept;
  Pattern& operator=(Pattern&&) noexcept;
  Pattern(const Pattern&) = delete;
  Pattern& operator=(const Pattern&) = delete;
  ~Pattern();

  /// Whether the text as a whole matches.
  [[nodiscard]] bool matches(std::string_view text) const;
  /// Whether the pattern is found anywhere in the text.
  [[nodiscard]] bool found_in(std::string_view text) const;
  /// How many instructions it was compiled to: at worst, each byte of a text costs that much.
  [[nodiscard]] std::size_t size() const;

private:
  explicit Pattern(std::unique_ptr<re2::RE2> regex);

  std::unique_ptr<re2::RE2> regex_;
};

} // namespace runbook
