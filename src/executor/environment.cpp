#include "executor/environment.hpp"

#include "secret/wiping.hpp"

#include <cstddef>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace runbook {

namespace {

// The system takes 128 KiB in one variable and 2 MiB in all, arguments included.
constexpr std::size_t longest_variable = std::size_t{96} * 1024;
constexpr std::size_t largest_terminal = std::size_t{1024} * 1024;

/// Room is made first, and more than a short string's: moved about, nothing of it is left behind.
std::string secret_variable(std::string_view name, const Secret& secret) {
  std::string variable;
  variable.reserve(name.size() + secret.reveal().size() + 32);
  variable.append(name).append("=").append(secret.reveal());
  return variable;
}

} // namespace

std::vector<std::string> environment_of(const std::vector<std::string>& host, const Terminal& terminal,
                                        const Values& values, const Secrets& secrets) {
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
  for (const auto& [name, secret] : secrets) variables.erase(name);
  std::vector<std::string> environment;
  environment.reserve(variables.size() + secrets.size());
  for (const auto& [name, value] : variables) environment.push_back(name + "=" + value);
  for (const auto& [name, secret] : secrets) environment.push_back(secret_variable(name, secret));
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

std::vector<std::string> without_secrets(TerminalChange& change, const RunSecrets& secrets, const Secrets& named) {
  std::vector<std::string> found;
  std::vector<std::string> named_so;
  for (auto& member : change.variables) {
    const std::string name(member.key());
    auto* text = member.value().if_string();
    if (named.contains(name) || secrets.shown_in(name)) {
      named_so.push_back(name);
    } else if (text != nullptr && secrets.shown_in(*text)) {
      found.push_back(fmt::format("'{}'", name));
      wipe(member.value());
      member.value() = nullptr;
    }
  }
  for (const std::string& name : named_so) {
    wipe(change.variables[name]);
    change.variables.erase(name);
  }
  if (secrets.shown_in(change.directory)) {
    found.emplace_back("the directory that it has gone to");
    wipe(change.directory);
  }
  return found;
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
