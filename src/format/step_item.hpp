// A step as an item of a list.
#pragma once

#include "format/inexpressible.hpp"

#include <runbook/model.hpp>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

namespace runbook::format {

/// Which steps need their ids written: those whose titles do not give them.
class StatedIds {
public:
  /// `all`: state every id.
  StatedIds(const Runbook& book, bool all);
  [[nodiscard]] bool needs(const Step& step) const;

private:
  void count(const std::vector<Step>& steps);

  bool all_;
  std::unordered_map<std::string, int> titles_; ///< how many titles give an id
};

/// What the items of a list are.
enum class ListOf : std::uint8_t { prerequisites, steps, inner_steps, verification, rollback, state };

/// Items one below the other. `pointer` is the list's place in the JSON form.
[[nodiscard]] std::vector<std::string> step_list(const std::vector<Step>& steps, ListOf kind, const StatedIds& ids,
                                                 const std::string& pointer, Inexpressible& problems);

} // namespace runbook::format
