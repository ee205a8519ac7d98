#include "markdown/duration.hpp"

#include "markdown/text.hpp"

#include <array>

namespace runbook::markdown {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t milliseconds;
};

constexpr std::array units{Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}};

} // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) noexcept {
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    unsigned long number = 0;
    if (!take_number(text, number)) return std::nullopt;
    std::size_t letters = 0;
    while (letters < text.size() && is_letter(text[letters])) ++letters;
    const std::string_view name = text.substr(0, letters);
    const Unit* unit = nullptr;
    for (const Unit& candidate : units) {
      if (candidate.name == name) unit = &candidate;
    }
    if (unit == nullptr) return std::nullopt;
    if (number > static_cast<unsigned long>((max_duration.count() - total) / unit->milliseconds)) return std::nullopt;
    total += static_cast<std::int64_t>(number) * unit->milliseconds;
    text.remove_prefix(letters);
  }
  return std::chrono::milliseconds(total);
}

} // namespace runbook::markdown
