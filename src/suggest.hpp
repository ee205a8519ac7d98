// "Did you mean": the known word that is nearest to a wrong one.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace runbook {

/// `did you mean 'name'?` for the candidate that is nearest to the word by edits of single bytes, if one is near enough
/// to be a slip; else the empty string. Only the first thousand candidates are looked at.
[[nodiscard]] std::string did_you_mean(std::string_view word, std::span<const std::string> candidates);

} // namespace runbook
