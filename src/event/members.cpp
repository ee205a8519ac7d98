#include "event/members.hpp"

#include "event/time_text.hpp"
#include "event/value_json.hpp"
#include "printable.hpp"

#include <algorithm>

namespace runbook {

void Members::fail(std::string_view name, std::string_view what) {
  keep(Error{errc::store_error, fmt::format("member \"{}{}\" {}", place_, printable(name), what), {}});
}

void Members::keep(Error error) {
  if (!error_) error_ = std::move(error);
}

const Value* Members::take(std::string_view name) {
  seen_.push_back(name);
  const Value* found = object_.if_contains(name);
  if (found == nullptr) fail(name, "is missing");
  return found;
}

std::string Members::text(std::string_view name) {
  const Value* found = take(name);
  if (found == nullptr) return {};
  auto text = decode_text(*found);
  if (text) return std::move(*text);
  fail(name, text.error().message);
  return {};
}

void Members::optional_text(std::string_view name) {
  if (object_.contains(name)) static_cast<void>(text(name));
}

bool Members::boolean(std::string_view name) {
  const Value* found = take(name);
  if (found == nullptr) return false;
  if (!found->is_bool()) fail(name, "is neither true nor false");
  return found->is_bool() && found->get_bool();
}

std::uint64_t Members::integer_up_to(std::string_view name, std::uint64_t largest) {
  const Value* found = take(name);
  if (found == nullptr) return 0;
  boost::json::error_code error;
  const auto number = found->is_double() ? 0 : found->to_number<std::uint64_t>(error);
  if (!error && !found->is_double() && number <= largest) return number;
  fail(name, fmt::format("is no integer from 0 to {}", largest));
  return 0;
}

std::chrono::milliseconds Members::milliseconds(std::string_view name) {
  const Value* found = take(name);
  if (found == nullptr) return {};
  if (const auto* count = found->if_int64()) return std::chrono::milliseconds{*count};
  fail(name, "is no number of milliseconds");
  return {};
}

std::chrono::system_clock::time_point Members::time(std::string_view name) {
  const std::string found = text(name);
  if (const auto time = time_from_text(found)) return *time;
  fail(name, "is no time of the form 2024-05-01T13:37:00.250Z");
  return {};
}

Value Members::value(std::string_view name) {
  const Value* found = take(name);
  if (found == nullptr) return nullptr;
  auto value = decode_value(*found);
  if (value) return std::move(*value);
  fail(name, value.error().message);
  return nullptr;
}

Values Members::object(std::string_view name) {
  Value found = value(name);
  if (found.is_object()) return std::move(found.get_object());
  fail(name, "is no object");
  return {};
}

std::vector<std::string> Members::texts(std::string_view name) {
  std::vector<std::string> texts;
  const boost::json::array* array = list_of(name);
  if (array == nullptr) return texts;
  for (const Value& element : *array) {
    if (auto text = decode_text(element)) {
      texts.push_back(std::move(*text));
    } else {
      fail(name, text.error().message);
    }
  }
  return texts;
}

const boost::json::array* Members::list_of(std::string_view name) {
  const Value* found = take(name);
  if (found == nullptr) return nullptr;
  if (!found->is_array()) fail(name, "is no list");
  return found->if_array();
}

Result<void> Members::finish() {
  for (const auto& member : object_) {
    if (std::ranges::find(seen_, std::string_view(member.key())) == seen_.end()) fail(member.key(), "is unknown");
  }
  if (error_) return *error_;
  return {};
}

} // namespace runbook
