#include "markdown/languages.hpp"

#include "block_languages.hpp"
#include "markdown/text.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::array<std::string_view, 4> shells{"sh", "bash", "shell", "zsh"};
constexpr std::array<std::string_view, 2> consoles{"console", "shell-session"};
// Other names of them, which a handler may claim.
constexpr std::array<std::string_view, 5> shell_names{"dash", "ash", "posix", "shell-script", "shellscript"};
constexpr std::array<std::string_view, 5> console_names{"shellsession", "sh-session", "shsession", "bash-session",
                                                        "console-session"};
constexpr std::array<std::string_view, 10> plains{"",       "text", "txt", "plaintext", "plain",
                                                  "output", "out",  "log", "none",      "nohighlight"};
/// Said of blocks with commands as well as of blocks with output.
constexpr std::array<std::string_view, 5> unclear{"terminal", "term", "session", "cli", "command"};
constexpr std::array<std::string_view, 6> other_shells{"ksh", "mksh", "fish", "csh", "tcsh", "nu"};
constexpr std::array<std::string_view, 11> windows{"cmd",  "bat", "batch",      "batchfile", "dos",   "dosbatch",
                                                   "pwsh", "ps1", "powershell", "posh",      "wincmd"};

template <std::size_t n>
bool is_in(const std::array<std::string_view, n>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool hands_over(const InfoString& info) {
  return std::ranges::any_of(info.attributes,
                             [](const Attribute& a) { return a.name == "handler" && !a.value.empty(); });
}

} // namespace

FenceUse use_of(const InfoString& info, const ParseOptions& options) {
  const std::string& language = info.language;
  if (hands_over(info)) return FenceUse::handler;
  if (is_in(shells, language)) return FenceUse::shell;
  if (is_in(consoles, language) || info.shows_prompt) return FenceUse::console;
  if (language == "http") return FenceUse::http;
  if (language == "confirm") return FenceUse::confirm;
  if (claimed_language(language, options)) return FenceUse::handler;
  if (find_block_language(language) != nullptr) return FenceUse::handler;
  if (is_in(shell_names, language)) return FenceUse::shell;
  if (is_in(console_names, language)) return FenceUse::console;
  return is_in(plains, language) ? FenceUse::plain : FenceUse::other;
}

std::optional<std::string> claimed_language(std::string_view language, const ParseOptions& options) {
  for (const std::string& claimed : options.handler_languages) {
    if (lower(claimed) == language) return claimed;
  }
  return std::nullopt;
}

std::string_view shell_of(std::string_view language) noexcept {
  if (language.starts_with("bash")) return "bash";
  return language == "zsh" ? "zsh" : "sh";
}

std::vector<std::string> runnable_languages(const ParseOptions& options) {
  std::vector<std::string> all = options.handler_languages;
  all.insert(all.end(), shells.begin(), shells.end());
  all.insert(all.end(), consoles.begin(), consoles.end());
  all.insert(all.end(), shell_names.begin(), shell_names.end());
  all.insert(all.end(), console_names.begin(), console_names.end());
  all.insert(all.end(), {"http", "confirm"});
  for (const BlockLanguage& language : block_languages) all.emplace_back(language.name);
  return all;
}

std::string hint_for_language(std::string_view language, const ParseOptions& options) {
  if (is_in(unclear, language)) {
    return "if these are commands, say sh, or console with '$ ' in front of each; if it is what a command prints, put "
           "Expected: above it";
  }
  if (is_in(other_shells, language)) {
    return "sh, bash and zsh are run; for another shell, name a handler: {handler=NAME}";
  }
  if (is_in(windows, language)) {
    return "commands of Windows are run by a handler only: {handler=NAME}";
  }
  const std::vector<std::string> runnable = runnable_languages(options);
  const std::string_view word = language.substr(0, language.find_first_of(",:;=()[]<>|"));
  if (word.size() < language.size() && std::ranges::find(runnable, word) != runnable.end()) {
    return fmt::format("write a blank behind the language: ```{} {{…}}", word);
  }
  std::string near = did_you_mean(language, runnable);
  return near.empty() ? "nothing has to be done if it is only to be read" : near;
}

} // namespace runbook::markdown
