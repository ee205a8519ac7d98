// Reads the members of one JSON object and reports those that are wrong or not known.
//
// Ownership: refers to the value and the problems, which must outlive it. Thread-safety: belongs to one thread.
#pragma once

#include "model_json/origin.hpp"
#include "model_json/problems.hpp"
#include "names.hpp"
#include "suggest.hpp"

#include <runbook/value.hpp>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace runbook::model_json {

/// "a string", "an object" …: the kind of a value in a sentence.
[[nodiscard]] std::string_view kind_name(const Value& value) noexcept;

/// A part of the whole value.
struct Part {
  const Value& value;
  std::string pointer; ///< its JSON pointer
  Site site;
};

class ObjectReader {
public:
  /// A value that is no object is a problem; then every member is missing.
  ObjectReader(const Part& whole, Problems& problems);

  /// Each of these leaves `out` as it is if the member is missing, and reports it if it is wrong. Text tells where its
  /// own first character stands.
  SourceSpan text(std::string_view key, std::string& out);
  void texts(std::string_view key, std::vector<std::string>& out); ///< a list of strings
  template <class Read>
  void each_text(std::string_view key, const Read& read); ///< calls `read(text, span)` for each string of a list
  void flag(std::string_view key, bool& out);
  void count(std::string_view key, std::uint32_t& out);
  void milliseconds(std::string_view key, std::chrono::milliseconds& out);
  void object(std::string_view key, Values& out);
  void origin(std::string_view key, SecretOrigin& out); ///< "env:NAME"
  template <class Enum>
  void name(std::string_view key, Enum& out);
  /// As `text`; a missing member is a problem.
  SourceSpan required_text(std::string_view key, std::string& out);

  /// The member whatever it is, or nothing if it is missing.
  [[nodiscard]] std::optional<Part> find(std::string_view key);
  /// Calls `read(part)` for each element of a list.
  template <class Read>
  void each(std::string_view key, const Read& read);

  /// Reports the members that were never asked for. Call last.
  void finish();

private:
  [[nodiscard]] std::string pointer_to(std::string_view key) const;
  [[nodiscard]] Part part(const boost::json::key_value_pair& member) const;
  void wrong(const Part& found, std::string_view expected);
  void wrong_name(const Part& found, const std::vector<std::string>& known);
  std::optional<std::int64_t> integer(const Part& found);

  const Values* object_ = nullptr;
  Part whole_;
  std::vector<Site> sites_; ///< of the members, in their order
  Problems& problems_;
  std::vector<std::string> known_;
};

template <class Enum>
void ObjectReader::name(std::string_view key, Enum& out) {
  const auto found = find(key);
  if (!found) return;
  if (!found->value.is_string()) return wrong(*found, "a string");
  if (const auto named = enum_from<Enum>(found->value.get_string())) {
    out = *named;
    return;
  }
  std::vector<std::string> known;
  for (const auto& [enumerator, known_name] : Names<Enum>::table) known.emplace_back(known_name);
  wrong_name(*found, known);
}

template <class Read>
void ObjectReader::each(std::string_view key, const Read& read) {
  const auto found = find(key);
  if (!found) return;
  if (!found->value.is_array()) return wrong(*found, "an array");
  std::size_t index = 0;
  Site site = found->site.first();
  for (const Value& element : found->value.get_array()) {
    read(Part{element, fmt::format("{}/{}", found->pointer, index), site});
    if (++index < found->value.get_array().size()) site = site.next();
  }
}

template <class Read>
void ObjectReader::each_text(std::string_view key, const Read& read) {
  each(key, [&](const Part& element) {
    if (!element.value.is_string()) return wrong(element, "a string");
    read(std::string_view(element.value.get_string()), element.site.text());
  });
}

} // namespace runbook::model_json
