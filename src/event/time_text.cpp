#include "event/time_text.hpp"

#include <charconv>

#include <fmt/format.h>

namespace runbook {

namespace chrono = std::chrono;

std::string time_to_text(chrono::system_clock::time_point time) {
  const auto instant = chrono::floor<chrono::milliseconds>(time);
  const auto day = chrono::floor<chrono::days>(instant);
  const chrono::year_month_day date(day);
  const chrono::hh_mm_ss clock(instant - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(), clock.subseconds().count());
}

std::optional<chrono::system_clock::time_point> time_from_text(std::string_view text) {
  constexpr std::string_view form = "0000-00-00T00:00:00.000Z";
  if (text.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == '0' ? !digit : text[i] != form[i]) return std::nullopt;
  }
  const auto number = [&](std::size_t at, std::size_t size) {
    int value = 0;
    std::from_chars(text.data() + at, text.data() + at + size, value);
    return value;
  };
  const chrono::year_month_day date{chrono::year{number(0, 4)}, chrono::month{static_cast<unsigned>(number(5, 2))},
                                    chrono::day{static_cast<unsigned>(number(8, 2))}};
  // What a 64-bit count of nanoseconds can hold.
  if (!date.ok() || date.year() < chrono::year{1678} || date.year() > chrono::year{2261}) return std::nullopt;
  if (number(11, 2) > 23 || number(14, 2) > 59 || number(17, 2) > 59) return std::nullopt;
  return chrono::sys_days(date) + chrono::hours{number(11, 2)} + chrono::minutes{number(14, 2)} +
         chrono::seconds{number(17, 2)} + chrono::milliseconds{number(20, 3)};
}

} // namespace runbook
