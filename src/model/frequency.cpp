#include <runbook/model.hpp>

#include "markdown/text.hpp"

#include <array>
#include <limits>
#include <optional>

namespace runbook {

namespace {

using markdown::lower;
using markdown::one_line;
using markdown::take_number;
using markdown::trim;

constexpr unsigned long most_units = 100'000; // of any kind: the sums stay far from overflow

struct Word {
  std::string_view name;
  std::uint32_t months = 0;
  std::uint32_t days = 0;
  std::uint32_t hours = 0;
};

constexpr std::array adverbs{Word{"hourly", 0, 0, 1},    Word{"daily", 0, 1}, Word{"weekly", 0, 7},
                             Word{"fortnightly", 0, 14}, Word{"monthly", 1},  Word{"quarterly", 3},
                             Word{"yearly", 12},         Word{"annually", 12}};

constexpr std::array units{Word{"hour", 0, 0, 1}, Word{"day", 0, 1},  Word{"week", 0, 7},
                           Word{"month", 1},      Word{"quarter", 3}, Word{"year", 12}};

constexpr std::array<std::string_view, 6> wanted{"on demand",   "on-demand", "as needed",
                                                 "when needed", "ad hoc",    "ad-hoc"};
constexpr std::array<std::string_view, 5> released{"per release", "every release", "each release", "on release",
                                                   "on every release"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& names, std::string_view text) {
  for (const std::string_view name : names) {
    if (name == text) return true;
  }
  return false;
}

void set_period(Frequency& frequency, const Word& word, unsigned long count) {
  const auto number = static_cast<std::uint32_t>(count);
  frequency.kind = Frequency::Kind::periodic;
  frequency.months += word.months * number;
  frequency.days += word.days * number;
  frequency.time += std::chrono::hours(word.hours * number);
}

/// "every 2 weeks", "every day".
bool read_every(std::string_view text, Frequency& frequency) {
  if (!text.starts_with("every ")) return false;
  text = trim(text.substr(6));
  unsigned long count = 1;
  const bool counted = take_number(text, count);
  text = trim(text);
  if (count == 0 || count > most_units) return false;
  for (const Word& unit : units) {
    const bool plural = text.size() == unit.name.size() + 1 && text.ends_with('s') && counted;
    if (text != unit.name && !(plural && text.starts_with(unit.name))) continue;
    set_period(frequency, unit, count);
    return true;
  }
  return false;
}

/// An ISO 8601 duration of whole numbers: P1Y2M10DT2H30M, P2W.
class IsoDuration {
public:
  explicit IsoDuration(std::string_view text) : rest_(text) {}

  bool read(Frequency& frequency) {
    if (!rest_.starts_with('P') || rest_.size() < 3) return false;
    rest_.remove_prefix(1);
    Frequency read;
    read.kind = Frequency::Kind::periodic;
    while (!rest_.empty()) {
      if (rest_.front() == 'T' && !in_time_) {
        in_time_ = true;
        rest_.remove_prefix(1);
        if (rest_.empty()) return false;
      }
      if (!part(read)) return false;
    }
    if (read.months == 0 && read.days == 0 && read.time.count() == 0) return false;
    read.text = std::move(frequency.text);
    frequency = std::move(read);
    return true;
  }

private:
  bool part(Frequency& read) {
    unsigned long number = 0;
    if (!take_number(rest_, number) || number > most_units || rest_.empty()) return false;
    const char unit = rest_.front();
    rest_.remove_prefix(1);
    const std::size_t order = (in_time_ ? std::string_view("....HMS") : std::string_view("YMWD")).find(unit);
    if (unit == '.' || order == std::string_view::npos || order < next_) return false; // each once, in this order
    next_ = order + 1;
    const auto count = static_cast<std::uint32_t>(number);
    switch (order) {
    case 0: read.months += 12 * count; break;
    case 1: read.months += count; break;
    case 2: read.days += 7 * count; break;
    case 3: read.days += count; break;
    case 4: read.time += std::chrono::hours(count); break;
    case 5: read.time += std::chrono::minutes(count); break;
    default: read.time += std::chrono::seconds(count);
    }
    return true;
  }

  std::string_view rest_;
  std::size_t next_ = 0;
  bool in_time_ = false;
};

} // namespace

Frequency parse_frequency(std::string_view text) {
  Frequency frequency;
  frequency.text = trim(text);
  const std::string words = lower(one_line(frequency.text));
  for (const Word& adverb : adverbs) {
    if (words == adverb.name) set_period(frequency, adverb, 1);
  }
  if (frequency.kind == Frequency::Kind::periodic) return frequency;
  if (is_one_of(wanted, words)) {
    frequency.kind = Frequency::Kind::on_demand;
  } else if (is_one_of(released, words)) {
    frequency.kind = Frequency::Kind::per_release;
  } else if (!read_every(words, frequency)) {
    static_cast<void>(IsoDuration(frequency.text).read(frequency));
  }
  return frequency;
}

} // namespace runbook
