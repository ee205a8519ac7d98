// What is wrong with a value that should be a runbook, each with its JSON pointer.
#pragma once

#include "findings_limit.hpp"

#include <runbook/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook::model_json {

/// Gathers problems, so that all of them are reported, up to the limit. Text from the document is made printable here.
class Problems {
public:
  /// `pointer` and `span` say which value is wrong; a span that is unknown stays so.
  void add(const std::string& pointer, const SourceSpan& span, std::string_view code, std::string_view message,
           std::string_view hint = {});
  /// Whether nothing more will be kept: nobody has to look for a hint then.
  [[nodiscard]] bool full() const noexcept { return limit_.reached(); }
  [[nodiscard]] const FindingsLimit& limit() const noexcept { return limit_; }
  /// The id of the step that is being read, named in what is added from now on. Returns the one before.
  [[nodiscard]] std::string set_step(std::string_view id);
  [[nodiscard]] std::vector<Diagnostic>& all() noexcept { return all_; }

private:
  std::vector<Diagnostic> all_;
  FindingsLimit limit_;
  std::string step_; ///< printable
};

} // namespace runbook::model_json
