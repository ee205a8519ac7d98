// Tokens: the words of an expression's text.
#pragma once

#include "expression/problem.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace runbook::expression {

struct Token {
  enum class Kind : std::uint8_t { end, name, integer, real, string, symbol };

  Kind kind = Kind::end;
  std::string_view text{}; ///< with quotes and prefix
  Part part{};

  [[nodiscard]] bool is(std::string_view symbol) const noexcept { return kind == Kind::symbol && text == symbol; }
};

/// Splits the text into tokens, the last of which is the end. If that is not possible, says why not.
[[nodiscard]] std::optional<Problem> tokenize(std::string_view text, std::vector<Token>& tokens);

} // namespace runbook::expression
