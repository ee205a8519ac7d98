// JSON as text: reading it strictly, with the place of what is wrong.
#pragma once

#include "value_places.hpp"

#include <runbook/value.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// A JSON document, or what is wrong with the text and where.
struct JsonRead {
  std::optional<Value> value;
  std::size_t offset = 0; ///< in bytes, of the problem
  std::string problem;
  std::string hint;
};

/// Refuses duplicate keys, trailing text, numbers that no double can hold and a nesting of more than 64.
[[nodiscard]] JsonRead read_json(std::string_view text);

/// Where the values lie in a text that `read_json` accepts. One pass over the text.
[[nodiscard]] ValuePlaces places_in_json(std::string_view text);

/// A key as it is written in a JSON pointer.
[[nodiscard]] std::string pointer_token(std::string_view key);

} // namespace runbook
