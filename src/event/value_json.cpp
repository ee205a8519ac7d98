#include "event/value_json.hpp"

#include "event/base64.hpp"
#include "printable.hpp"
#include "utf8.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

namespace json = boost::json;

bool valid_utf8(std::string_view text) {
  return find_invalid_utf8(text) == std::string_view::npos;
}

constexpr std::string_view bytes_key = "$bytes";
constexpr std::string_view number_key = "$number";
constexpr std::string_view object_key = "$object";

/// Whether an object looks like one of the replacements.
bool looks_replaced(const json::object& object) {
  return object.size() == 1 && object.begin()->key().starts_with('$');
}

bool is_plain(const Value& value);

bool is_plain(const json::object& object) {
  if (looks_replaced(object)) return false;
  return std::ranges::all_of(object,
                             [](const auto& member) { return valid_utf8(member.key()) && is_plain(member.value()); });
}

/// Whether JSON holds the value as it is. It nearly always does.
bool is_plain(const Value& value) {
  switch (value.kind()) {
  case json::kind::string: return valid_utf8(value.get_string());
  case json::kind::double_: return std::isfinite(value.get_double());
  case json::kind::array: {
    const json::array& array = value.get_array();
    return std::ranges::all_of(array, [](const Value& element) { return is_plain(element); });
  }
  case json::kind::object: return is_plain(value.get_object());
  default: return true;
  }
}

Value single(std::string_view key, Value value) {
  json::object object;
  object[key] = std::move(value);
  return object;
}

Value encode_number(double number) {
  if (std::isfinite(number)) return number;
  if (std::isnan(number)) return single(number_key, "NaN");
  return single(number_key, number > 0 ? "Infinity" : "-Infinity");
}

Value encode_object(const json::object& object) {
  if (!std::ranges::all_of(object, [](const auto& member) { return valid_utf8(member.key()); })) {
    json::array pairs;
    for (const auto& member : object) {
      pairs.push_back(json::array{encode_text(member.key()), encode_value(member.value())});
    }
    return single(object_key, std::move(pairs));
  }
  const bool escape = looks_replaced(object);
  json::object encoded;
  encoded.reserve(object.size());
  for (const auto& member : object) {
    const std::string key = (escape ? "$" : "") + std::string(member.key());
    encoded[key] = encode_value(member.value());
  }
  return encoded;
}

Error wrong(std::string message) {
  return Error{errc::store_error, std::move(message), {}};
}

Result<Value> decode_bytes(const Value& value) {
  std::optional<std::string> bytes;
  if (value.is_string()) bytes = from_base64(value.get_string());
  if (!bytes) return wrong("has \"$bytes\" that are no base64");
  return Value(*bytes);
}

Result<Value> decode_number(const Value& value) {
  if (value == "NaN") return Value(std::numeric_limits<double>::quiet_NaN());
  if (value == "Infinity") return Value(std::numeric_limits<double>::infinity());
  if (value == "-Infinity") return Value(-std::numeric_limits<double>::infinity());
  return wrong("has a \"$number\" that is none of NaN, Infinity and -Infinity");
}

Result<Value> decode_pairs(const Value& value) {
  auto bad = wrong("has an \"$object\" that is no list of pairs");
  if (!value.is_array()) return bad;
  json::object object;
  for (const Value& element : value.get_array()) {
    const json::array* pair = element.if_array();
    if (pair == nullptr || pair->size() != 2) return bad;
    auto key = decode_text((*pair)[0]);
    if (!key) return key.error();
    auto member = decode_value((*pair)[1]);
    if (!member) return member.error();
    object[*key] = std::move(*member);
  }
  return Value(std::move(object));
}

/// The object's own key, where a `$` was put in front of it.
std::string_view unescaped(std::string_view key) {
  return key.substr(key.starts_with("$$") ? 1 : 0);
}

Result<Value> decode_object(const json::object& object) {
  const bool escaped = looks_replaced(object);
  if (escaped) {
    const auto& [key, value] = *object.begin();
    if (key == bytes_key) return decode_bytes(value);
    if (key == number_key) return decode_number(value);
    if (key == object_key) return decode_pairs(value);
    if (!key.starts_with("$$")) return wrong(fmt::format("has an object with the unknown key \"{}\"", printable(key)));
  }
  json::object decoded;
  decoded.reserve(object.size());
  for (const auto& member : object) {
    auto value = decode_value(member.value());
    if (!value) return value;
    decoded[escaped ? unescaped(member.key()) : std::string_view(member.key())] = std::move(*value);
  }
  return Value(std::move(decoded));
}

} // namespace

Value encode_value(const Value& value) {
  if (is_plain(value)) return value;
  switch (value.kind()) {
  case json::kind::string: return encode_text(value.get_string());
  case json::kind::double_: return encode_number(value.get_double());
  case json::kind::object: return encode_object(value.get_object());
  default: break;
  }
  json::array encoded;
  for (const Value& element : value.get_array()) encoded.push_back(encode_value(element));
  return encoded;
}

Value encode_text(std::string_view text) {
  if (valid_utf8(text)) return Value(text);
  return single(bytes_key, Value(to_base64(text)));
}

Result<Value> decode_value(const Value& value) {
  if (const json::object* object = value.if_object()) return decode_object(*object);
  if (!value.is_array()) return value;
  json::array decoded;
  for (const Value& element : value.get_array()) {
    auto inner = decode_value(element);
    if (!inner) return inner;
    decoded.push_back(std::move(*inner));
  }
  return Value(std::move(decoded));
}

Result<std::string> decode_text(const Value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (const json::object* object = value.if_object(); object != nullptr && looks_replaced(*object)) {
    auto decoded = decode_object(*object);
    if (!decoded) return decoded.error();
    if (decoded->is_string()) return std::string(decoded->get_string());
  }
  return wrong("is no text");
}

bool deeper_than(const Value& value, std::size_t depth) {
  if (!value.is_structured()) return false;
  if (depth == 0) return true;
  const auto deeper = [depth](const Value& inner) { return deeper_than(inner, depth - 1); };
  if (const json::array* array = value.if_array()) return std::ranges::any_of(*array, deeper);
  return std::ranges::any_of(value.get_object(), [&](const auto& member) { return deeper(member.value()); });
}

Result<std::string> write_journal_json(const Value& encoded) {
  if (deeper_than(encoded, max_journal_depth)) {
    return Error{errc::limit_exceeded,
                 fmt::format("a value is nested more than {} deep and cannot be recorded", max_journal_depth),
                 {}};
  }
  return json::serialize(encoded);
}

} // namespace runbook
