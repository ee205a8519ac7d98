// Reads the members of one JSON object and reports those that are wrong or not known.
//
// Ownership: refers to the value and the problems, which must outlive it. Thread-safety: belongs to one thread.
#pragma once

#include "model_json/problems.hpp"
#include "names.hpp"
#include "suggest.hpp"

#include <runbook/value.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace runbook::model_json {

/// "a string", "an object" …: the kind of a value in a sentence.
[[nodiscard]] std::string_view kind_name(const Value& value) noexcept;

class ObjectReader {
public:
  /// A value that is no object is a problem; then every member is missing.
  ObjectReader(const Value& value, std::string pointer, Problems& problems);

  /// Each of these leaves `out` as it is if the member is missing, and reports it if it is wrong.
  void text(std::string_view key, std::string& out);
  void texts(std::string_view key, std::vector<std::string>& out); ///< a list of strings
  void flag(std::string_view key, bool& out);
  void count(std::string_view key, std::uint32_t& out);
  void milliseconds(std::string_view key, std::chrono::milliseconds& out);
  void object(std::string_view key, Values& out);
  template <class Enum>
  void name(std::string_view key, Enum& out);
  /// As `text`; a missing member is a problem.
  void required_text(std::string_view key, std::string& out);

  /// The member whatever it is, or null if it is missing.
  [[nodiscard]] const Value* find(std::string_view key);
  /// Calls `read(element, pointer)` for each element of a list.
  template <class Read>
  void each(std::string_view key, const Read& read);

  /// Reports the members that were never asked for. Call last.
  void finish();

  [[nodiscard]] std::string pointer_to(std::string_view key) const;

private:
  void wrong(std::string_view key, std::string_view expected, const Value& found);
  void wrong_name(std::string_view key, std::string_view found, const std::vector<std::string>& known);
  const std::int64_t* integer(std::string_view key);

  const Values* object_ = nullptr;
  std::string pointer_;
  Problems& problems_;
  std::vector<std::string> known_;
  std::int64_t number_ = 0;
};

template <class Enum>
void ObjectReader::name(std::string_view key, Enum& out) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return wrong(key, "a string", *value);
  const std::string_view word = value->get_string();
  if (const auto found = enum_from<Enum>(word)) {
    out = *found;
    return;
  }
  std::vector<std::string> known;
  for (const auto& [enumerator, known_name] : Names<Enum>::table) known.emplace_back(known_name);
  wrong_name(key, word, known);
}

template <class Read>
void ObjectReader::each(std::string_view key, const Read& read) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (!value->is_array()) return wrong(key, "an array", *value);
  const std::string base = pointer_to(key);
  std::size_t index = 0;
  for (const Value& element : value->get_array()) read(element, fmt::format("{}/{}", base, index++));
}

} // namespace runbook::model_json
