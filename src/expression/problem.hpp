// A problem: what is wrong with a part of an expression's text, before it becomes an error.
#pragma once

#include <runbook/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace runbook::expression {

/// The bytes from `begin` up to, but not including, `end`.
struct Part {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};

struct Problem {
  Part part{};
  std::string message{};
  std::string hint{};
  errc code = errc::invalid_document;
};

/// The expression cannot be read.
[[nodiscard]] Error unreadable(const Problem& problem, std::string_view text);

/// The expression can be read but has no value, or none of the kind that is needed: then `outcome` says so.
[[nodiscard]] Error failed(const Problem& problem, std::string_view text, std::string_view outcome = "has no value");

} // namespace runbook::expression
