// From a fenced block to an action or an expectation.
#pragma once

#include "markdown/attributes.hpp"
#include "markdown/info_string.hpp"

#include <optional>
#include <string_view>

namespace runbook::markdown {

enum class FenceUse : std::uint8_t {
  shell,
  console,
  http,
  confirm,
  handler, ///< a registered handler claims the language
  plain,   ///< no language, or one that says that it is output
  other,   ///< to be read, not to be run
};

[[nodiscard]] FenceUse use_of(std::string_view language, const ParseOptions& options);

[[nodiscard]] constexpr bool is_runnable(FenceUse use) noexcept {
  return use != FenceUse::plain && use != FenceUse::other;
}

/// The action of a block whose use is runnable. What is wrong with it is a finding.
[[nodiscard]] Action read_action(const Context& context, Node fence, const InfoString& info, Bearer bearer,
                                 StepSettings& settings);

/// The block as what the action prints.
[[nodiscard]] Expectation read_expectation(const Context& context, Node fence, const InfoString& info,
                                           const Action& action);

/// Says of a block that is not run why that is so. `why` completes "… is shown and not run". In prose nobody expects it
/// to be run, so there it is a note.
void explain_unrun(const Context& context, Node code, std::string_view why, Severity severity = Severity::warning);

/// Languages that a fence may have so that it is run, to suggest one.
[[nodiscard]] std::vector<std::string> runnable_languages(const ParseOptions& options);

} // namespace runbook::markdown
