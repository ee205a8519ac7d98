// Where the parts of a value stand in the text that it was read from.
//
// Ownership: a `Site` refers to its `Origin`, and that to the text and its places; all of them must outlive it.
// Thread-safety: as with any value type.
#pragma once

#include "source_text.hpp"
#include "value_places.hpp"

#include <cstddef>

namespace runbook::model_json {

/// The text that a value was read from.
struct Origin {
  const SourceText& source;
  const ValuePlaces& places; ///< of all of its values
};

/// One value in the text. Every place of a value that comes from no text is unknown.
class Site {
public:
  Site() = default;
  explicit Site(const Origin& origin) : origin_(&origin) {}

  [[nodiscard]] SourceSpan value() const;
  [[nodiscard]] SourceSpan member() const; ///< from the member's key on; as `value` for what is no member
  [[nodiscard]] SourceSpan text() const;   ///< of a string's own text, behind its quote

  /// The first value inside of this one, which has some, and the one behind this one in the same array or object. A
  /// value that is the last of them has none behind it: what is returned then must not be used.
  [[nodiscard]] Site first() const;
  [[nodiscard]] Site next() const;

private:
  Site(const Origin* origin, std::size_t index) : origin_(origin), index_(index) {}
  [[nodiscard]] const ValuePlace& place() const { return origin_->places[index_]; }

  const Origin* origin_ = nullptr;
  std::size_t index_ = 0;
};

} // namespace runbook::model_json
