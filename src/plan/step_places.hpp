// Where each step of a runbook stands in the order of a run.
#pragma once

#include <runbook/model.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace runbook {

/// Refers to the runbook.
class StepPlaces {
public:
  struct Place {
    std::size_t begin = 0; ///< in the order of a run; the steps inside of it follow
    std::size_t end = 0;   ///< behind the last step inside of it
    Section section = Section::steps;
    const Step* step = nullptr;
    const Step* loop = nullptr; ///< the step with the loop that it is done in, or null
  };

  explicit StepPlaces(const Runbook& runbook);

  /// Null if there is no step of this id.
  [[nodiscard]] const Place* find(std::string_view id) const;
  /// Ids to suggest one of.
  [[nodiscard]] const std::vector<std::string>& names() const noexcept { return names_; }

private:
  void add(Section section, const std::vector<Step>& steps, const Step* loop = nullptr);

  std::unordered_map<std::string_view, Place> places_;
  std::vector<std::string> names_;
  std::size_t next_ = 0;
};

} // namespace runbook
