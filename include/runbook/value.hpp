// Values: what inputs, parameters, captures and results are made of.
//
// `Value` is Boost.JSON's value: null, bool, integer, double, string, array or object.
// Ownership: plain values. Thread-safety: as with any value type.
#pragma once

#include <runbook/error.hpp>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <string>

namespace runbook {

using Value = boost::json::value;

/// Named values, in the order in which they were added.
using Values = boost::json::object;

/// The value as one line of JSON with the keys of objects sorted and numbers in a fixed form: equal values give equal
/// bytes, so digests can be taken of it.
[[nodiscard]] RUNBOOK_EXPORT std::string canonical_json(const Value& value);

/// The value as it appears in an environment variable or in text: strings as they are, null as the empty string,
/// everything else as JSON.
[[nodiscard]] RUNBOOK_EXPORT std::string to_text(const Value& value);

/// Reads one JSON document strictly: duplicate keys, trailing text and a nesting of more than 64 are errors, with
/// line and column.
[[nodiscard]] RUNBOOK_EXPORT Result<Value> parse_json(std::string_view text, const std::string& path = {});

} // namespace runbook
