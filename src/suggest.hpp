// "Did you mean": the known word that is nearest to a wrong one.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

/// `did you mean 'name'?` for the candidate that is nearest to the word by edits of single bytes, if one is near enough
/// to be a slip; else the empty string. Only the first thousand candidates are looked at.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

/// The same for one word after the other: a document may misspell each of a hundred thousand names. Suggests for the
/// first hundred words and has none for those after them.
///
/// Ownership: owns the candidates. Thread-safety: belongs to one thread.
class Suggestions {
public:
  explicit Suggestions(std::vector<std::string> candidates) : candidates_(std::move(candidates)) {}

  [[nodiscard]] std::string for_word(std::string_view word);

private:
  std::vector<std::string> candidates_;
  std::size_t words_ = 0;
};

} // namespace runbook
