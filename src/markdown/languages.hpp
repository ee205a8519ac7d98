// What the language of a fence says about its block.
#pragma once

#include "markdown/info_string.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

enum class FenceUse : std::uint8_t {
  shell,
  console,
  http,
  confirm,
  handler, ///< a registered handler claims the language, or the attribute `handler` names one
  plain,   ///< no language, or one that says that it is output
  other,   ///< to be read, not to be run
};

/// Case does not count, and `shell script`, `shell-script` and the like are shells too.
[[nodiscard]] FenceUse use_of(const InfoString& info, const ParseOptions& options);

/// The language as the handler that claims it writes it; `language` is in lower case.
[[nodiscard]] std::optional<std::string> claimed_language(std::string_view language, const ParseOptions& options);

[[nodiscard]] constexpr bool is_runnable(FenceUse use) noexcept {
  return use != FenceUse::plain && use != FenceUse::other;
}

/// The shell that runs a language whose use is `shell` or `console`.
[[nodiscard]] std::string_view shell_of(std::string_view language) noexcept;

/// Languages that a fence may have so that it is run, to suggest one.
[[nodiscard]] std::vector<std::string> runnable_languages(const ParseOptions& options);

/// What to do about a block whose language nothing runs: the language that was meant, or why it cannot be run.
[[nodiscard]] std::string hint_for_language(std::string_view language, const ParseOptions& options);

} // namespace runbook::markdown
