// Reads the members of a JSON object one by one. The first thing that is wrong is kept until `finish`, so that a reader
// is a plain list of what it reads; a member that nobody read is wrong too.
#pragma once

#include "names.hpp"
#include "printable.hpp"

#include <runbook/value.hpp>

#include <boost/json/array.hpp>

#include <chrono>
#include <concepts>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace runbook {

class Members {
public:
  /// `place` is put in front of the members' names in errors: "steps[3].".
  explicit Members(const Values& object, std::string place = {}) : object_(object), place_(std::move(place)) {}

  [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }
  [[nodiscard]] std::string text(std::string_view name);
  void optional_text(std::string_view name);
  [[nodiscard]] bool boolean(std::string_view name);
  [[nodiscard]] std::chrono::milliseconds milliseconds(std::string_view name);
  [[nodiscard]] std::chrono::system_clock::time_point time(std::string_view name);
  /// Any value, decoded.
  [[nodiscard]] Value value(std::string_view name);
  [[nodiscard]] Values object(std::string_view name);
  /// A list of texts.
  [[nodiscard]] std::vector<std::string> texts(std::string_view name);

  template <std::unsigned_integral Integer>
  [[nodiscard]] Integer unsigned_integer(std::string_view name) {
    return static_cast<Integer>(integer_up_to(name, std::numeric_limits<Integer>::max()));
  }

  template <class Enum>
  [[nodiscard]] Enum enumerator(std::string_view name) {
    const std::string word = text(name);
    if (const auto found = enum_from<Enum>(word)) return *found;
    fail(name, fmt::format("has the unknown value \"{}\"", printable(word)));
    return Enum{};
  }

  /// A list of objects, each read by `read(Members&)`.
  template <class Entry, class Read>
  [[nodiscard]] std::vector<Entry> list(std::string_view name, Read read) {
    std::vector<Entry> entries;
    const boost::json::array* array = list_of(name);
    if (array == nullptr) return entries;
    entries.reserve(array->size());
    for (const Value& element : *array) {
      const std::string place = fmt::format("{}[{}]", name, entries.size());
      if (!element.is_object()) {
        fail(place, "is no object");
        break;
      }
      Members inner(element.get_object(), place_ + place + ".");
      entries.push_back(read(inner));
      if (auto complete = inner.finish(); !complete) {
        keep(std::move(complete).error());
        break;
      }
    }
    return entries;
  }

  /// An object that is read by `read(Members&)`, or nothing where it is missing.
  template <class Entry, class Read>
  [[nodiscard]] std::optional<Entry> optional_object(std::string_view name, Read read) {
    if (!object_.contains(name)) return std::nullopt;
    const Value* found = take(name);
    if (!found->is_object()) {
      fail(name, "is no object");
      return std::nullopt;
    }
    Members inner(found->get_object(), place_ + std::string(name) + ".");
    Entry entry = read(inner);
    if (auto complete = inner.finish(); !complete) keep(std::move(complete).error());
    return entry;
  }

  void fail(std::string_view name, std::string_view what);
  /// The first thing that was wrong, if any.
  [[nodiscard]] Result<void> finish();

private:
  [[nodiscard]] const Value* take(std::string_view name);
  [[nodiscard]] std::uint64_t integer_up_to(std::string_view name, std::uint64_t largest);
  [[nodiscard]] const boost::json::array* list_of(std::string_view name);
  void keep(Error error);

  const Values& object_;
  std::string place_;
  std::vector<std::string_view> seen_;
  std::optional<Error> error_;
};

} // namespace runbook
