#include "handlers/surroundings.hpp"

#include "handlers/invalid_parameter.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"
#include "secret/wiping.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

/// `$NAME` and `${NAME}`, which nothing fills in where there is no shell.
std::string_view shell_variable(std::string_view text) {
  for (std::size_t at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
    std::size_t end = at + 1;
    if (end < text.size() && text[end] == '{') ++end;
    const std::size_t begin = end;
    while (end < text.size() && is_variable_name(text.substr(begin, end + 1 - begin))) ++end;
    if (end > begin) return text.substr(begin, end - begin);
  }
  return {};
}

class Check {
public:
  explicit Check(const Action& action) : action_(action) {}

  std::vector<Diagnostic> run() {
    if (const Value* cwd = action_.params.if_contains("cwd")) directory(*cwd);
    if (const Value* env = action_.params.if_contains("env")) environment(*env);
    if (const Value* user = action_.params.if_contains("user"); user != nullptr && text_of(*user).empty()) {
      error("the parameter 'user' of 'shell' is no name", "give the name of a user");
    }
    return std::move(found_);
  }

private:
  static std::string_view text_of(const Value& value) {
    return value.is_string() ? std::string_view(value.get_string()) : std::string_view();
  }

  void directory(const Value& value) {
    const std::string_view text = text_of(value);
    if (text.empty()) return error("the parameter 'cwd' of 'shell' is no directory", "give its path as text");
    if (text.starts_with('~')) {
      return error("'~' is not filled in here", "write the whole path, or cd in the script");
    }
    if (const std::string_view name = shell_variable(text); !name.empty()) {
      error(fmt::format("'${}' is not filled in here", name),
            fmt::format("write {{{{ {} }}}} for an input or a capture, or cd in the script", name));
    }
  }

  void environment(const Value& value) {
    if (!value.is_object()) {
      return error("the parameter 'env' of 'shell' is no object", "give variables by their names");
    }
    for (const auto& [key, member] : value.get_object()) {
      const std::string_view name = key;
      if (!is_variable_name(name)) {
        error(fmt::format("'{}' is no name of a variable", printable(name)),
              "a name has letters, digits and '_', and does not start with a digit");
      }
      if (!member.is_string() && !member.is_number() && !member.is_bool()) {
        error(fmt::format("the variable '{}' has no text", printable(name)), "give a string, a number or a boolean");
      }
      if (const std::string_view inner = shell_variable(text_of(member)); !inner.empty()) {
        add(Severity::warning, fmt::format("'${}' is not filled in here: it stays as it stands", inner),
            fmt::format("write {{{{ {} }}}} for an input or a capture, or export {} in the script", inner,
                        printable(name)));
      }
    }
  }

  void error(std::string message, std::string hint) { add(Severity::error, std::move(message), std::move(hint)); }

  void add(Severity severity, std::string message, std::string hint) {
    found_.push_back(invalid_parameter(action_, std::move(message), std::move(hint), severity));
  }

  const Action& action_;
  std::vector<Diagnostic> found_;
};

Error cannot_start(std::string message) {
  return {errc::exec_failed, std::move(message), {}};
}

/// What is filled in may have any type.
Result<std::string> text_of(std::string_view name, const Value& value) {
  std::string text = to_text(value);
  if (text.find('\0') != std::string::npos) {
    return cannot_start(fmt::format("'{}' holds a NUL byte, which no program can be given", name));
  }
  return text;
}

void set_variable(std::vector<std::string>& environment, std::string_view name, std::string_view value) {
  const std::string start = fmt::format("{}=", name);
  std::erase_if(environment, [&](const std::string& variable) { return variable.starts_with(start); });
  std::string& variable = environment.emplace_back();
  variable.reserve(start.size() + value.size() + 32); // as the other variables: it may hold a secret
  variable.append(start).append(value);
}

Result<void> change_directory(const Value& cwd, const std::string& base, ProcessSpec& spec) {
  auto path = text_of("cwd", cwd);
  if (!path) return path.error();
  if (path->empty()) return cannot_start("'cwd' is empty: there is no such directory");
  spec.directory = (std::filesystem::path(base) / *path).string();
  return {};
}

Result<void> set_variables(const Value& env, ProcessSpec& spec) {
  if (!env.is_object()) return cannot_start("'env' is no object");
  for (const auto& [name, value] : env.get_object()) {
    auto text = text_of(name, value);
    if (!text) return text.error();
    if (!is_variable_name(name)) return cannot_start(fmt::format("'{}' is no name of a variable", printable(name)));
    set_variable(spec.environment, name, *text);
    wipe(*text);
  }
  return {};
}

Result<std::optional<User>> change_user(const Value& user, Users& users, ProcessSpec& spec) {
  const auto said = text_of("user", user);
  if (!said) return said.error();
  const Result<User> wanted = users.find(*said);
  if (!wanted) return cannot_start(wanted.error().message);
  const User own = users.own();
  if (wanted->id == own.id) return std::optional<User>();
  if (own.id != 0) {
    const std::string name = printable(wanted->name);
    const std::string_view or_root = wanted->id == 0 ? "" : " or as root";
    return cannot_start(
        fmt::format("the script is for the user '{0}', and this program runs as '{1}', who cannot become "
                    "'{0}': start it as '{0}'{2}, or write sudo -u {0} into the script",
                    name, printable(own.name), or_root));
  }
  for (const auto& [variable, value] : {std::pair<std::string_view, const std::string&>{"HOME", wanted->home},
                                        {"USER", wanted->name},
                                        {"LOGNAME", wanted->name},
                                        {"SHELL", wanted->shell}}) {
    set_variable(spec.environment, variable, value);
  }
  return std::optional(*wanted);
}

} // namespace

std::vector<Diagnostic> check_surroundings(const Action& action) {
  return Check(action).run();
}

Result<std::optional<User>> apply_surroundings(const Values& params, const std::string& base, Users& users,
                                               ProcessSpec& spec) {
  std::optional<User> other;
  // First, because `env` may say otherwise of what belongs to the user.
  if (const Value* user = params.if_contains("user")) {
    auto changed = change_user(*user, users, spec);
    if (!changed) return changed;
    other = std::move(*changed);
  }
  if (const Value* cwd = params.if_contains("cwd")) {
    if (auto changed = change_directory(*cwd, base, spec); !changed) return changed.error();
  }
  if (const Value* env = params.if_contains("env")) {
    if (auto set = set_variables(*env, spec); !set) return set.error();
  }
  return other;
}

void run_as(const User& user, ProcessSpec& spec) {
  std::vector<std::string> arguments{fmt::format("--reuid={}", user.id), fmt::format("--regid={}", user.group),
                                     "--init-groups", "--", std::move(spec.program)};
  arguments.insert(arguments.end(), std::make_move_iterator(spec.arguments.begin()),
                   std::make_move_iterator(spec.arguments.end()));
  spec.program = "setpriv";
  spec.arguments = std::move(arguments);
}

} // namespace runbook
