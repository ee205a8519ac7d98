#include "markdown/key_line.hpp"

#include "markdown/text.hpp"

namespace runbook::markdown {

std::optional<KeyLine> key_line(std::string_view line) {
  line = trim(line);
  const std::string_view mark = line.substr(0, 2);
  if (mark != "**" && mark != "__") return std::nullopt;
  const std::size_t close = line.find(mark, 2);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view key = trim(line.substr(2, close - 2));
  std::string_view value = trim_left(line.substr(close + 2));
  if (key.ends_with(':')) {
    key = trim_right(key.substr(0, key.size() - 1));
  } else if (value.starts_with(':')) {
    value.remove_prefix(1);
  } else {
    return std::nullopt;
  }
  if (key.empty() || key.find_first_of("*_`[") != std::string_view::npos) return std::nullopt;
  return KeyLine{key, trim(value)};
}

} // namespace runbook::markdown
