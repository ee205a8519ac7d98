#include <runbook/value.hpp>

#include "json_text.hpp"
#include "source_text.hpp"

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace runbook {

namespace {

namespace json = boost::json;

void write_string(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      if (static_cast<unsigned char>(c) < 0x20) {
        out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
      } else {
        out += c;
      }
    }
  }
  out += '"';
}

/// The shortest digits that read back as the same number; without an exponent where a person would not use one, so that
/// 100000.0 is `100000` in a script and not `1e+05`. JSON has no word for what is not finite: it becomes null.
void write_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (number == 0) number = 0; // -0.0 equals 0.0
  const double size = std::abs(number);
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  std::array<char, 64> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number,
                                    plain ? std::chars_format::fixed : std::chars_format::scientific);
  out.append(digits.data(), result.ptr);
}

/// Members in the object's order, or sorted by their bytes.
std::vector<const json::key_value_pair*> members(const json::object& object, bool sorted) {
  std::vector<const json::key_value_pair*> all;
  all.reserve(object.size());
  for (const json::key_value_pair& member : object) all.push_back(&member);
  if (sorted) {
    std::ranges::sort(all, [](const auto* a, const auto* b) { return a->key() < b->key(); });
  }
  return all;
}

void write(std::string& out, const Value& value, bool sorted);

void write_array(std::string& out, const json::array& array, bool sorted) {
  out += '[';
  const char* separator = "";
  for (const Value& element : array) {
    out += std::exchange(separator, ",");
    write(out, element, sorted);
  }
  out += ']';
}

void write_object(std::string& out, const json::object& object, bool sorted) {
  out += '{';
  const char* separator = "";
  for (const json::key_value_pair* member : members(object, sorted)) {
    out += std::exchange(separator, ",");
    write_string(out, member->key());
    out += ':';
    write(out, member->value(), sorted);
  }
  out += '}';
}

void write(std::string& out, const Value& value, bool sorted) {
  switch (value.kind()) {
  case json::kind::null: out += "null"; break;
  case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
  case json::kind::int64: out += std::to_string(value.get_int64()); break;
  case json::kind::uint64: out += std::to_string(value.get_uint64()); break;
  case json::kind::double_: write_number(out, value.get_double()); break;
  case json::kind::string: write_string(out, value.get_string()); break;
  case json::kind::array: write_array(out, value.get_array(), sorted); break;
  case json::kind::object: write_object(out, value.get_object(), sorted); break;
  }
}

} // namespace

std::string canonical_json(const Value& value) {
  std::string out;
  write(out, value, true);
  return out;
}

std::string to_text(const Value& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return std::string(value.get_string());
  std::string out;
  write(out, value, false);
  return out;
}

Result<Value> parse_json(std::string_view text, const std::string& path) {
  JsonRead read = read_json(text);
  if (read.value) return std::move(*read.value);
  Diagnostic diagnostic;
  diagnostic.code = "invalid-json";
  diagnostic.message = std::move(read.problem);
  diagnostic.hint = std::move(read.hint);
  diagnostic.path = path;
  diagnostic.span = SourceText(text).span(read.offset);
  Error error{errc::invalid_document, "this is not a JSON document that can be read", {}};
  error.diagnostics.push_back(std::move(diagnostic));
  return error;
}

} // namespace runbook
