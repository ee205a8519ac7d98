#include "executor/environment.hpp"

#include <cstddef>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace runbook {

namespace {

// The system takes 128 KiB in one variable and 2 MiB in all, arguments included.
constexpr std::size_t longest_variable = std::size_t{96} * 1024;
constexpr std::size_t largest_terminal = std::size_t{1024} * 1024;

} // namespace

std::vector<std::string> environment_of(const std::vector<std::string>& host, const Terminal& terminal,
                                        const Values& values) {
  std::map<std::string, std::string, std::less<>> variables;
  for (const std::string_view variable : host) {
    const std::size_t equals = variable.find('=');
    if (equals == std::string_view::npos) continue;
    variables.insert_or_assign(std::string(variable.substr(0, equals)), std::string(variable.substr(equals + 1)));
  }
  terminal.each([&](std::string_view name, const std::string* value) {
    if (value != nullptr) {
      variables.insert_or_assign(std::string(name), *value);
    } else if (const auto unset = variables.find(name); unset != variables.end()) {
      variables.erase(unset);
    }
  });
  for (const auto& member : values) variables.insert_or_assign(std::string(member.key()), to_text(member.value()));
  std::vector<std::string> environment;
  environment.reserve(variables.size());
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  return environment;
}

std::vector<std::string> without_values(TerminalChange& change, const Values& values) {
  std::vector<std::string> names;
  for (const auto& member : change.variables) {
    if (values.contains(member.key())) names.emplace_back(member.key());
  }
  for (const std::string& name : names) change.variables.erase(name);
  return names;
}

std::optional<std::string> too_much(const TerminalChange& change, const Terminal& terminal) {
  for (const auto& [name, value] : change.variables) {
    const std::size_t size = value.is_string() ? value.get_string().size() : 0;
    if (size <= longest_variable) continue;
    return fmt::format("exports '{}' with {} bytes; at most {} can be handed on", std::string_view(name), size,
                       longest_variable);
  }
  const std::size_t all = terminal.after(change).size();
  if (change.variables.empty() || all <= largest_terminal) return std::nullopt;
  return fmt::format("exports {} bytes together with the steps before it; at most {} can be handed on", all,
                     largest_terminal);
}

} // namespace runbook
