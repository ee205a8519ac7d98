// Where the values of a JSON or YAML text stand in it, as byte offsets.
//
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <cstdint>
#include <vector>

namespace runbook {

/// The place of one value. The values of a text lie in a list in reading order, each behind the one that holds it.
struct ValuePlace {
  std::uint32_t key = 0;     ///< of the member's key; of the value itself if it is no member
  std::uint32_t begin = 0;   ///< of the value
  std::uint32_t end = 0;     ///< behind its last byte
  std::uint32_t content = 0; ///< where a string's own text starts: behind its quote
  std::uint32_t next = 0;    ///< the index of the value after this one and everything in it
};

using ValuePlaces = std::vector<ValuePlace>;

} // namespace runbook
