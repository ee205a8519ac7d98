#include "model_json/object_reader.hpp"

#include "json_text.hpp"

#include <algorithm>

#include <fmt/ranges.h>

namespace runbook::model_json {

std::string_view kind_name(const Value& value) noexcept {
  switch (value.kind()) {
  case boost::json::kind::null: return "null";
  case boost::json::kind::bool_: return "a boolean";
  case boost::json::kind::int64:
  case boost::json::kind::uint64:
  case boost::json::kind::double_: return "a number";
  case boost::json::kind::string: return "a string";
  case boost::json::kind::array: return "an array";
  case boost::json::kind::object: return "an object";
  }
  return "something else";
}

ObjectReader::ObjectReader(const Value& value, std::string pointer, Problems& problems)
    : pointer_(std::move(pointer)), problems_(problems) {
  if (value.is_object()) {
    object_ = &value.get_object();
  } else {
    problems_.add(pointer_, "wrong-type", fmt::format("expected an object, found {}", kind_name(value)));
  }
}

const Value* ObjectReader::find(std::string_view key) {
  known_.emplace_back(key);
  return object_ == nullptr ? nullptr : object_->if_contains(key);
}

void ObjectReader::text(std::string_view key, std::string& out) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (!value->is_string()) return wrong(key, "a string", *value);
  out = value->get_string();
}

void ObjectReader::required_text(std::string_view key, std::string& out) {
  text(key, out);
  if (object_ != nullptr && !object_->contains(key)) {
    problems_.add(pointer_, "missing-member", fmt::format("the member '{}' is missing", key));
  }
}

void ObjectReader::texts(std::string_view key, std::vector<std::string>& out) {
  each(key, [&](const Value& element, const std::string& at) {
    if (element.is_string()) {
      out.emplace_back(element.get_string());
    } else {
      problems_.add(at, "wrong-type", fmt::format("expected a string, found {}", kind_name(element)));
    }
  });
}

void ObjectReader::flag(std::string_view key, bool& out) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (!value->is_bool()) return wrong(key, "true or false", *value);
  out = value->get_bool();
}

const std::int64_t* ObjectReader::integer(std::string_view key) {
  const Value* value = find(key);
  if (value == nullptr) return nullptr;
  boost::json::error_code ec;
  number_ = value->is_number() ? value->to_number<std::int64_t>(ec) : -1;
  if (ec || number_ < 0) {
    wrong(key, "a whole number, not negative", *value);
    return nullptr;
  }
  return &number_;
}

void ObjectReader::count(std::string_view key, std::uint32_t& out) {
  const std::int64_t* number = integer(key);
  if (number == nullptr) return;
  if (*number > std::numeric_limits<std::uint32_t>::max()) {
    problems_.add(pointer_to(key), "out-of-range", fmt::format("{} is too large", *number));
    return;
  }
  out = static_cast<std::uint32_t>(*number);
}

void ObjectReader::milliseconds(std::string_view key, std::chrono::milliseconds& out) {
  if (const std::int64_t* number = integer(key)) out = std::chrono::milliseconds(*number);
}

void ObjectReader::object(std::string_view key, Values& out) {
  const Value* value = find(key);
  if (value == nullptr) return;
  if (!value->is_object()) return wrong(key, "an object", *value);
  out = value->get_object();
}

void ObjectReader::finish() {
  if (object_ == nullptr) return;
  for (const auto& member : *object_) {
    if (std::ranges::find(known_, std::string_view(member.key())) != known_.end()) continue;
    std::string hint = did_you_mean(member.key(), known_);
    if (hint.empty()) hint = fmt::format("the members known here are {}", fmt::join(known_, ", "));
    problems_.add(pointer_to(member.key()), "unknown-member", "this member is not known", hint);
  }
}

std::string ObjectReader::pointer_to(std::string_view key) const {
  return pointer_ + '/' + pointer_token(key);
}

void ObjectReader::wrong(std::string_view key, std::string_view expected, const Value& found) {
  const std::string shown = found.is_number() ? to_text(found) : std::string(kind_name(found));
  problems_.add(pointer_to(key), "wrong-type", fmt::format("expected {}, found {}", expected, shown));
}

void ObjectReader::wrong_name(std::string_view key, std::string_view found, const std::vector<std::string>& known) {
  std::string hint = did_you_mean(found, known);
  if (hint.empty()) hint = fmt::format("use one of {}", fmt::join(known, ", "));
  problems_.add(pointer_to(key), "unknown-name", fmt::format("'{}' is not known here", found), hint);
}

} // namespace runbook::model_json
