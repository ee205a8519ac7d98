#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_word = 64;
constexpr std::size_t most_candidates = 1000;
constexpr std::size_t most_words = 100;

char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other; case does not count.
std::size_t edits_between(std::string_view a, std::string_view b) {
  using Row = std::array<std::size_t, longest_word + 1>; // no word is longer
  Row before_last{};
  Row last{};
  Row row{};
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0U : 1U)});
      const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

} // namespace

std::string did_you_mean(std::string_view word, std::span<const std::string> candidates) {
  if (word.empty() || word.size() > longest_word) return {};
  const std::size_t allowed = std::max<std::size_t>(1, word.size() / 3);
  std::size_t best = allowed + 1;
  std::string_view nearest;
  for (const std::string& candidate : candidates.first(std::min(candidates.size(), most_candidates))) {
    if (candidate.size() > longest_word || candidate == word) continue;
    const std::size_t longer = std::max(candidate.size(), word.size());
    if (longer - std::min(candidate.size(), word.size()) >= best) continue; // needs that many edits at least
    const std::size_t edits = edits_between(word, candidate);
    if (edits < best && edits < candidate.size()) {
      best = edits;
      nearest = candidate;
    }
  }
  return nearest.empty() ? std::string{} : fmt::format("did you mean '{}'?", nearest);
}

std::string Suggestions::for_word(std::string_view word) {
  if (words_ == most_words) return {};
  ++words_;
  return did_you_mean(word, candidates_);
}

} // namespace runbook
