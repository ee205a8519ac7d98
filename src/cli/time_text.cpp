#include "time_text.hpp"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

std::string formatted(const char* format, const std::tm& time) {
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), format, &time)};
}

} // namespace

std::string utc_time(std::chrono::system_clock::time_point time) {
  using namespace std::chrono;
  const auto whole = floor<seconds>(time);
  const std::time_t seconds_since = system_clock::to_time_t(whole);
  std::tm parts{};
  ::gmtime_r(&seconds_since, &parts);
  return fmt::format("{}.{:03}Z", formatted("%Y-%m-%dT%H:%M:%S", parts),
                     duration_cast<milliseconds>(time - whole).count());
}

std::string local_time(std::chrono::system_clock::time_point time) {
  const std::time_t seconds_since = std::chrono::system_clock::to_time_t(time);
  std::tm parts{};
  ::localtime_r(&seconds_since, &parts);
  return formatted("%Y-%m-%d %H:%M:%S", parts);
}

} // namespace runbook::cli
