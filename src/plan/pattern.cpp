#include "plan/pattern.hpp"

#include <algorithm>
#include <charconv>
#include <locale>
#include <regex>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t max_pattern_bytes = 1024;
constexpr std::size_t max_groups = 64;
constexpr std::size_t max_parts = 2000;

/// How many parts the pattern has when its counts are written out: `(ab){3}` has nine, a group counting for one. The
/// depth of the matcher's recursion goes with it.
class PartCount {
public:
  explicit PartCount(std::string_view pattern) {
    while (!pattern.empty() && !too_many()) {
      const char c = pattern.front();
      pattern.remove_prefix(1);
      if (c == '(') {
        open();
      } else if (c == ')') {
        close();
      } else if (c == '{') {
        repeat(pattern);
      } else {
        if (c == '\\') pattern.remove_prefix(std::min<std::size_t>(1, pattern.size()));
        if (c == '[') skip_set(pattern);
        atom();
      }
    }
    while (groups_.size() > 1) close();
  }

  [[nodiscard]] std::size_t groups() const noexcept { return opened_; }
  [[nodiscard]] bool too_many() const noexcept { return groups_.back().sum > max_parts || opened_ > max_groups; }

private:
  struct Group {
    std::size_t sum = 0;
    std::size_t last = 0; ///< of it, what a count that follows now multiplies
  };

  void add(std::size_t parts) {
    groups_.back().sum += parts;
    groups_.back().last = parts;
  }
  void atom() { add(1); }
  void open() {
    ++opened_;
    groups_.emplace_back();
  }
  void close() {
    if (groups_.size() == 1) return; // the expression is invalid, which its compiler says
    const std::size_t parts = groups_.back().sum + 1;
    groups_.pop_back();
    add(parts);
  }

  static void skip_set(std::string_view& pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '\\') {
        ++i;
      } else if (pattern[i] == ']') {
        pattern.remove_prefix(i + 1);
        return;
      }
    }
    pattern = {};
  }

  /// The larger of the numbers before the closing brace.
  void repeat(std::string_view& pattern) {
    std::size_t most = 1;
    while (!pattern.empty() && pattern.front() != '}') {
      std::size_t number = 0;
      const auto [end, error] = std::from_chars(pattern.data(), pattern.data() + pattern.size(), number);
      if (error == std::errc::result_out_of_range) number = max_parts + 1;
      most = std::max(most, std::min(number, max_parts + 1));
      pattern.remove_prefix(std::max<std::size_t>(1, static_cast<std::size_t>(end - pattern.data())));
    }
    Group& group = groups_.back();
    group.sum += group.last * (most - 1);
    group.last *= most;
  }

  std::vector<Group> groups_{1};
  std::size_t opened_ = 0;
};

std::regex compile(std::string_view pattern) {
  auto flags = std::regex::ECMAScript;
#ifdef __GLIBCXX__
  flags |= std::regex_constants::__polynomial; // else some patterns take time exponential in the text's length
#endif
  std::regex regex;
  regex.imbue(std::locale::classic()); // the host's locale must not change what matches
  regex.assign(pattern.begin(), pattern.end(), flags);
  return regex;
}

} // namespace

std::optional<std::string> pattern_flaw(std::string_view pattern) {
  if (pattern.size() > max_pattern_bytes) {
    return fmt::format("it has {} bytes; at most {} are allowed", pattern.size(), max_pattern_bytes);
  }
  const PartCount count(pattern);
  if (count.groups() > max_groups) return fmt::format("it has more than {} groups", max_groups);
  if (count.too_many()) return fmt::format("its counts written out make more than {} parts", max_parts);
  try {
    compile(pattern);
  } catch (const std::regex_error& e) {
    if (e.code() == std::regex_constants::error_complexity) return "back-references are not supported";
    return e.what();
  }
  return std::nullopt;
}

bool matches_pattern(std::string_view pattern, std::string_view text) {
  return std::regex_match(text.begin(), text.end(), compile(pattern));
}

} // namespace runbook
