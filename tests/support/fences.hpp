// A document whose only step is one block, and what is read from it.
#pragma once

#include "support/document.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

/// The step is a heading, so that nothing is indented.
inline std::string heading_step(std::string_view info, std::string_view text) {
  return steps("### 1. A\n```" + std::string(info) + "\n" + std::string(text) + "\n```\n");
}

inline Action action(std::string_view info, std::string_view text, std::vector<std::string> languages = {}) {
  return book(heading_step(info, text), std::move(languages)).steps.at(0).actions.at(0);
}

inline Parsed parsed(std::string_view info, std::string_view text = "true") {
  return read(heading_step(info, text));
}

} // namespace runbook::testing
