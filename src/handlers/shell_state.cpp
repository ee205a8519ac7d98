#include "handlers/shell_state.hpp"

#include "plan/variables.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace runbook {

namespace {

/// What is left of the text is taken off its front.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::string_view take_until(std::string_view& text, std::string_view ends) {
  const std::string_view found = text.substr(0, std::min(text.find_first_of(ends), text.size()));
  text.remove_prefix(found.size());
  return found;
}

/// A number of at most so many digits; nothing if there is none.
std::optional<std::uint32_t> take_number(std::string_view& text, std::size_t digits, int base) {
  std::uint32_t number = 0;
  const std::string_view front = text.substr(0, digits);
  const auto [end, error] = std::from_chars(front.data(), front.data() + front.size(), number, base);
  if (error != std::errc() || front.starts_with('-')) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - front.data()));
  return number;
}

constexpr std::array<std::pair<char, char>, 10> single_escapes{{{'a', '\a'},
                                                                {'b', '\b'},
                                                                {'e', '\x1b'},
                                                                {'E', '\x1b'},
                                                                {'f', '\f'},
                                                                {'n', '\n'},
                                                                {'r', '\r'},
                                                                {'t', '\t'},
                                                                {'v', '\v'},
                                                                {'?', '?'}}};

/// What stands behind a backslash inside of `$'...'`.
void take_escape(std::string_view& text, std::string& value) {
  if (text.empty()) return;
  const char c = text.front();
  if (c >= '0' && c <= '7') {
    value += static_cast<char>(take_number(text, 3, 8).value_or(0));
    return;
  }
  text.remove_prefix(1);
  if (c == 'x') {
    value += static_cast<char>(take_number(text, 2, 16).value_or(0));
  } else if (c == 'c' && !text.empty()) {
    value += static_cast<char>(static_cast<unsigned char>(text.front()) & 0x1FU);
    text.remove_prefix(1);
  } else {
    const auto* const known = std::ranges::find(single_escapes, c, &std::pair<char, char>::first);
    value += known == single_escapes.end() ? c : known->second;
  }
}

/// Up to the closing quote. False if there is none.
bool take_ansi_quoted(std::string_view& text, std::string& value) {
  while (true) {
    value += take_until(text, "\\'");
    if (take(text, "'")) return true;
    if (!take(text, "\\")) return false;
    take_escape(text, value);
  }
}

bool take_single_quoted(std::string_view& text, std::string& value) {
  value += take_until(text, "'");
  return take(text, "'");
}

bool take_double_quoted(std::string_view& text, std::string& value) {
  while (true) {
    value += take_until(text, "\\\"");
    if (take(text, "\"")) return true;
    if (!take(text, "\\") || text.empty()) return false;
    const char c = text.front();
    if (std::string_view("$`\"\\\n").find(c) == std::string_view::npos) value += '\\';
    if (c != '\n') value += c;
    text.remove_prefix(1);
  }
}

/// A value as a shell writes it, to the end of its line. False if the line has no end.
bool take_value(std::string_view& text, std::string& value) {
  while (true) {
    value += take_until(text, "\\'\"$\n");
    if (take(text, "\n")) return true;
    bool good = !text.empty();
    if (take(text, "$'")) {
      good = take_ansi_quoted(text, value);
    } else if (take(text, "'")) {
      good = take_single_quoted(text, value);
    } else if (take(text, "\"")) {
      good = take_double_quoted(text, value);
    } else if (take(text, "\\") && !text.empty()) {
      value += text.front();
      text.remove_prefix(1);
    } else if (take(text, "$")) {
      value += '$';
    } else {
      good = false;
    }
    if (!good) return false;
  }
}

/// The rest of a line that declares a variable. False if it is no such line.
bool take_variable(std::string_view& text, ShellState& state) {
  while (take(text, "-")) { // options
    take_until(text, " \n");
    if (!take(text, " ")) return false;
  }
  const std::string name(take_until(text, "=\n"));
  if (take(text, "\n")) return true; // to be exported once it has a value
  if (!take(text, "=") || !is_variable_name(name)) return false;
  const bool array = text.starts_with('('); // no program gets it
  std::string value;
  if (!take_value(text, value)) return false;
  if (!array) state.variables.insert_or_assign(name, std::move(value));
  return true;
}

/// Whether shells set the variable themselves, or read it when they start, or it names one program (the supervisor's
/// mark).
bool belongs_to_shell(std::string_view name) {
  constexpr std::array<std::string_view, 10> names{"_",   "BASHOPTS", "BASH_ENV",           "ENV",       "LOGNAME",
                                                   "PWD", "OLDPWD",   "RUNBOOK_STARTED_BY", "SHELLOPTS", "SHLVL"};
  return name.starts_with("_runbook") || std::ranges::find(names, name) != names.end();
}

} // namespace

std::optional<ShellState> read_shell_state(std::string_view text) {
  ShellState state;
  while (take(text, "export ") || take(text, "declare ") || take(text, "typeset ")) {
    if (!take_variable(text, state)) return std::nullopt;
  }
  if (!text.ends_with('\n')) return std::nullopt;
  text.remove_suffix(1);
  if (!text.empty() && !text.starts_with('/')) return std::nullopt;
  state.directory = text;
  return state;
}

Values changed_variables(const std::vector<std::string>& before, const ShellState& after) {
  std::map<std::string_view, std::string_view> former;
  for (const std::string_view variable : before) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    former.insert_or_assign(variable.substr(0, equals), variable.substr(equals + 1));
  }
  Values changed;
  for (const auto& [name, value] : after.variables) {
    if (belongs_to_shell(name)) continue;
    const auto had = former.find(name);
    if (had == former.end() || had->second != value) changed.emplace(name, value);
  }
  for (const auto& [name, value] : former) {
    // Shells know nothing of variables whose names they cannot read.
    if (belongs_to_shell(name) || !is_variable_name(name) || after.variables.contains(name)) continue;
    changed.emplace(name, nullptr);
  }
  return changed;
}

} // namespace runbook
