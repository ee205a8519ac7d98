// Values, text and times between C++ and Python. Everything here needs the GIL.
#pragma once

#include "module.hpp"

#include <runbook/value.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::python {

/// JSON-like Python values: None, bool, int, float, str, list and dict.
[[nodiscard]] py::object to_python(const Value& value);
[[nodiscard]] py::dict to_python(const Values& values);

/// The reverse; tuples and paths (`os.PathLike`) are accepted too. Raises TypeError or ValueError with the place of
/// what JSON cannot hold: "inputs['hosts'][2]: a set is no JSON value".
[[nodiscard]] Value to_value(py::handle object, std::string_view what);
/// The same for a mapping; None is an empty one.
[[nodiscard]] Values to_values(py::handle object, std::string_view what);

/// Text that may come from programs and files: bytes that are no UTF-8 become surrogates, as in `os.fsdecode`, and are
/// the same bytes again on the way back.
[[nodiscard]] py::str to_str(std::string_view text);
/// Words for people: bytes that are no UTF-8 become `\xff`, so that they can always be printed.
[[nodiscard]] py::str to_words(std::string_view text);
/// The text of a `str`.
[[nodiscard]] std::string from_str(py::handle str);
/// A path as Python has it: str, bytes or `os.PathLike`.
[[nodiscard]] std::string to_path(py::handle path);

/// Seconds as a float, or None.
[[nodiscard]] py::object to_seconds(std::optional<std::chrono::milliseconds> time);
/// Raises ValueError for what is no length of time. Over ten years is ten years.
[[nodiscard]] std::chrono::milliseconds from_seconds(double seconds);
/// An aware `datetime` in UTC.
[[nodiscard]] py::object to_datetime(std::chrono::system_clock::time_point time);

/// A getter for a member that is text.
template <class Class, class Text>
auto text_of(Text Class::* member) {
  return [member](const Class& object) { return to_str(object.*member); };
}

} // namespace runbook::python
