#include "lint/sound_fixes.hpp"

#include <algorithm>

namespace runbook::linting {

namespace {

constexpr std::size_t most_tried = 100; // one by one: each costs a reading of the document

class Trial {
public:
  Trial(std::string_view text, const ParseOptions& how) : text_(text), how_(how), before_(errors(text)) {}

  [[nodiscard]] bool passes(const std::vector<Fix>& fixes) const {
    return errors(apply_fixes(text_, fixes)) <= before_;
  }

private:
  [[nodiscard]] std::ptrdiff_t errors(std::string_view text) const {
    return std::ranges::count(parse(text, how_).diagnostics, Severity::error, &Diagnostic::severity);
  }

  std::string_view text_;
  const ParseOptions& how_;
  std::ptrdiff_t before_;
};

} // namespace

std::vector<Fix> sound_fixes(std::string_view text, std::vector<Fix> fixes, const ParseOptions& how) {
  if (fixes.empty()) return fixes;
  const Trial trial(text, how);
  if (trial.passes(fixes)) return fixes;
  if (fixes.size() > most_tried) fixes.resize(most_tried);
  std::erase_if(fixes, [&](const Fix& fix) { return !trial.passes({fix}); });
  if (!trial.passes(fixes)) fixes.clear();
  return fixes;
}

} // namespace runbook::linting
