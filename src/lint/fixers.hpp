// The mechanical repairs: from a finding to the change of the text that settles it.
#pragma once

#include "lint/step_titles.hpp"
#include "lint/subject.hpp"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

namespace runbook::linting {

class Fixers {
public:
  explicit Fixers(const Subject& subject);

  /// The repair of a finding, if there is one that cannot be wrong about what was meant.
  [[nodiscard]] std::optional<Fix> fix_for(const Diagnostic& diagnostic) const;

private:
  [[nodiscard]] std::optional<Fix> add_expected(const Diagnostic& found) const;
  [[nodiscard]] std::optional<Fix> add_prompt(const Diagnostic& found) const;
  [[nodiscard]] std::optional<Fix> add_colon(const Diagnostic& found) const;
  [[nodiscard]] std::optional<Fix> correct_label(const Diagnostic& found) const;
  [[nodiscard]] std::optional<Fix> add_id(const Diagnostic& found) const;
  [[nodiscard]] const Action* last_action_before(std::uint32_t line) const;

  const Source& source_;
  std::vector<const Action*> actions_; ///< in order of their lines
  std::vector<TitledItem> titles_;
  std::unordered_map<std::uint32_t, std::size_t> title_at_; ///< line of a title
};

} // namespace runbook::linting
