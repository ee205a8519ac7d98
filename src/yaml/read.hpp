// YAML as values: the part of YAML that says what JSON can say, and no more.
#pragma once

#include "value_places.hpp"
#include "yaml/events.hpp"

#include <runbook/value.hpp>

#include <optional>
#include <string_view>
#include <vector>

namespace runbook::yaml {

/// One YAML document, or what is wrong with the text.
struct Read {
  std::optional<Value> value;
  ValuePlaces places;            ///< of the values in the text
  Problem problem;               ///< if there is no value
  std::vector<Problem> doubtful; ///< what is read, and may have been meant otherwise
};

/// Refuses anchors, aliases, tags, merge keys, keys that are not strings or are there twice, a second document and a
/// nesting of more than 64. An empty text is null. The text is one of less than 4 GiB.
[[nodiscard]] Read read(std::string_view text);

} // namespace runbook::yaml
