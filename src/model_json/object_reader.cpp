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

ObjectReader::ObjectReader(const Part& whole, Problems& problems) : whole_(whole), problems_(problems) {
  if (!whole.value.is_object()) {
    wrong(whole, "an object");
    return;
  }
  object_ = &whole.value.get_object();
  sites_.reserve(object_->size());
  for (std::size_t i = 0; i < object_->size(); ++i) {
    sites_.push_back(i == 0 ? whole.site.first() : sites_.back().next());
  }
}

std::optional<Part> ObjectReader::find(std::string_view key) {
  if (std::ranges::find(known_, key) == known_.end()) known_.emplace_back(key);
  if (object_ == nullptr) return std::nullopt;
  const auto found = object_->find(key);
  if (found == object_->end()) return std::nullopt;
  return part(*found);
}

SourceSpan ObjectReader::text(std::string_view key, std::string& out) {
  const auto found = find(key);
  if (!found) return {};
  if (!found->value.is_string()) {
    wrong(*found, "a string");
    return {};
  }
  out = found->value.get_string();
  return found->site.text();
}

void ObjectReader::origin(std::string_view key, SecretOrigin& out) {
  const auto found = find(key);
  if (!found) return;
  const auto* text = found->value.if_string();
  const auto read = text == nullptr ? std::nullopt : parse_secret_origin(*text);
  if (!read) return wrong(*found, "env:NAME, file:PATH or command:COMMAND");
  out = *read;
}

SourceSpan ObjectReader::required_text(std::string_view key, std::string& out) {
  if (object_ != nullptr && !object_->contains(key)) {
    problems_.add(whole_.pointer, whole_.site.member(), "missing-member",
                  fmt::format("the member '{}' is missing", key));
  }
  return text(key, out);
}

void ObjectReader::texts(std::string_view key, std::vector<std::string>& out) {
  each_text(key, [&](std::string_view text, const SourceSpan&) { out.emplace_back(text); });
}

void ObjectReader::flag(std::string_view key, bool& out) {
  const auto found = find(key);
  if (!found) return;
  if (!found->value.is_bool()) return wrong(*found, "true or false");
  out = found->value.get_bool();
}

std::optional<std::int64_t> ObjectReader::integer(const Part& found) {
  boost::json::error_code ec;
  const std::int64_t number = found.value.is_number() ? found.value.to_number<std::int64_t>(ec) : -1;
  if (!ec && number >= 0) return number;
  wrong(found, "a whole number, not negative");
  return std::nullopt;
}

void ObjectReader::count(std::string_view key, std::uint32_t& out) {
  const auto found = find(key);
  const auto number = found ? integer(*found) : std::nullopt;
  if (!number) return;
  if (*number > std::numeric_limits<std::uint32_t>::max()) {
    problems_.add(found->pointer, found->site.member(), "out-of-range", fmt::format("{} is too large", *number));
    return;
  }
  out = static_cast<std::uint32_t>(*number);
}

void ObjectReader::milliseconds(std::string_view key, std::chrono::milliseconds& out) {
  const auto found = find(key);
  if (const auto number = found ? integer(*found) : std::nullopt) out = std::chrono::milliseconds(*number);
}

void ObjectReader::object(std::string_view key, Values& out) {
  const auto found = find(key);
  if (!found) return;
  if (!found->value.is_object()) return wrong(*found, "an object");
  out = found->value.get_object();
}

void ObjectReader::finish() {
  if (object_ == nullptr) return;
  for (const auto& member : *object_) {
    if (std::ranges::find(known_, std::string_view(member.key())) != known_.end()) continue;
    if (problems_.full()) {
      problems_.add({}, {}, {}, {}); // only counted
      continue;
    }
    std::string hint = did_you_mean(member.key(), known_);
    if (hint.empty()) hint = fmt::format("the members known here are {}", fmt::join(known_, ", "));
    const Part unknown = part(member);
    problems_.add(unknown.pointer, unknown.site.member(), "unknown-member", "this member is not known", hint);
  }
}

std::string ObjectReader::pointer_to(std::string_view key) const {
  return whole_.pointer + '/' + pointer_token(key);
}

Part ObjectReader::part(const boost::json::key_value_pair& member) const {
  return {member.value(), pointer_to(member.key()), sites_[static_cast<std::size_t>(&member - object_->begin())]};
}

void ObjectReader::wrong(const Part& found, std::string_view expected) {
  const bool number = found.value.is_number();
  const std::string shown = number ? to_text(found.value) : std::string(kind_name(found.value));
  const bool word = number || found.value.is_bool();
  problems_.add(found.pointer, found.site.member(), "wrong-type", fmt::format("expected {}, found {}", expected, shown),
                word && expected == "a string" ? "put quotes around it" : "");
}

void ObjectReader::wrong_name(const Part& found, const std::vector<std::string>& known) {
  const std::string_view word = found.value.get_string();
  std::string hint = did_you_mean(word, known);
  if (hint.empty()) hint = fmt::format("use one of {}", fmt::join(known, ", "));
  problems_.add(found.pointer, found.site.member(), "unknown-word", fmt::format("'{}' is not known here", word), hint);
}

} // namespace runbook::model_json
