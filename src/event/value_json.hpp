// Values and text as they stand in a journal: always valid JSON, and read back as exactly the same value.
//
// JSON cannot hold everything that a `Value` can. What it cannot hold is written as an object with one member:
//
//   text that is not UTF-8       {"$bytes": "<base64>"}
//   a number that is not finite  {"$number": "NaN" | "Infinity" | "-Infinity"}
//   an object with such a key    {"$object": [[key, value], ...]}
//
// so that an object which has exactly one member and a key with a leading `$` gets one more `$` in front.
//
// Thread-safety: pure functions.
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>

namespace runbook {

/// Values of steps may be nested this deeply, as documents may.
inline constexpr std::size_t max_value_depth = 64;

/// Deeper values are not written to a journal. What stands for something that JSON cannot hold makes a value deeper.
inline constexpr std::size_t max_journal_depth = 256;

/// Whether the value holds arrays and objects that are nested more deeply than this.
[[nodiscard]] bool deeper_than(const Value& value, std::size_t depth);

/// The value with everything that JSON cannot hold replaced as above.
[[nodiscard]] Value encode_value(const Value& value);
[[nodiscard]] Value encode_text(std::string_view text);

/// Takes `encode_value` back. Fails with words that start behind the name of the member: "is no ...".
[[nodiscard]] Result<Value> decode_value(const Value& value);
/// The same for a value that must be text.
[[nodiscard]] Result<std::string> decode_text(const Value& value);

/// An encoded value as text, or `errc::limit_exceeded` if it is nested more deeply than can be read back.
[[nodiscard]] Result<std::string> write_journal_json(const Value& encoded);

/// Reads what `write_journal_json` wrote. Every number comes back as the same number, which Boost.JSON's own reading
/// of floating-point numbers does not promise.
[[nodiscard]] Result<Value> read_journal_json(std::string_view text);

} // namespace runbook
