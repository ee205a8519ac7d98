// An input while its declaration is read: what lists and tables say of it, and what must fit together in the end.
//
// Ownership: refers to the context. Thread-safety: belongs to one thread.
#pragma once

#include "markdown/context.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace runbook::markdown {

class InputDraft {
public:
  /// `place` is where findings about the declaration stand, `whole` all of it. `form` says how one is written.
  InputDraft(const Context& context, const SourceSpan& place, const SourceSpan& whole, std::string_view form);

  void name(std::string_view text);
  /// False if the text names no type.
  bool type(std::string_view text);
  void required() { input_.required = true; }
  void optional() { optional_ = true; }
  void standard(std::string text) { default_ = std::move(text); } ///< the default value
  void pattern(std::string text) { input_.pattern = std::move(text); }
  /// Where a secret comes from.
  void from(std::string_view text);
  void description(std::string text) { input_.description = std::move(text); }

  [[nodiscard]] const std::string& name() const noexcept { return input_.name; }
  void error(std::string_view message) { error(message, form_); }
  void error(std::string_view message, std::string_view hint);

  /// The input, after a look at what fits together. `says_how`: what helps if nothing says whether it is required.
  [[nodiscard]] Input finish(std::string_view says_how);

private:
  const Context& context_;
  SourceSpan place_;
  std::string_view form_;
  Input input_;
  std::optional<std::string> default_;
  bool optional_ = false;
};

} // namespace runbook::markdown
