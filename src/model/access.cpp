#include <runbook/model.hpp>

#include "markdown/text.hpp"

#include <array>
#include <utility>

namespace runbook {

namespace {

using Named = std::pair<std::string_view, Access::Kind>;

constexpr std::array named{Named{"user", Access::Kind::user}, Named{"group", Access::Kind::group},
                           Named{"env", Access::Kind::env}, Named{"command", Access::Kind::command},
                           Named{"file", Access::Kind::file}};

constexpr std::string_view for_writing = ":rw";

} // namespace

Access parse_access(std::string_view text) {
  text = markdown::trim(text);
  Access access;
  if (markdown::lower(text) == "sudo") {
    access.kind = Access::Kind::sudo;
    return access;
  }
  const std::size_t colon = text.find(':');
  const std::string word = markdown::lower(text.substr(0, colon));
  std::string_view name = colon == std::string_view::npos ? std::string_view() : text.substr(colon + 1);
  for (const auto& [known, kind] : named) {
    if (word == known && !name.empty() && !markdown::is_blank(name.front())) access.kind = kind;
  }
  if (access.kind == Access::Kind::other) name = text; // "user: whoever is on call" are words
  if (access.kind == Access::Kind::file && name.size() > for_writing.size() && name.ends_with(for_writing)) {
    access.writable = true;
    name.remove_suffix(for_writing.size());
  }
  access.name = name;
  return access;
}

std::string to_string(const Access& access) {
  if (access.kind == Access::Kind::sudo) return "sudo";
  for (const auto& [word, kind] : named) {
    if (access.kind != kind) continue;
    return std::string(word) + ':' + access.name + (access.writable ? std::string(for_writing) : std::string());
  }
  return access.name;
}

} // namespace runbook
