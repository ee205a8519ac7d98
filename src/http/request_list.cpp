#include "http/request_list.hpp"

#include "http/syntax.hpp"
#include "printable.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::http {

std::vector<const Values*> requests_in(const Values& params) {
  const Value* const list = params.if_contains("requests");
  if (list == nullptr) return {&params};
  std::vector<const Values*> requests;
  if (const auto* const array = list->if_array()) {
    for (const Value& request : *array) {
      if (request.is_object()) requests.push_back(&request.get_object());
    }
  }
  return requests;
}

std::vector<std::string_view> captured_names(const Values& params) {
  std::vector<std::string_view> names;
  for (const Values* request : requests_in(params)) {
    const Value* const captures = request->if_contains("captures");
    if (captures == nullptr || !captures->is_object()) continue;
    for (const auto& member : captures->get_object()) names.emplace_back(member.key());
  }
  return names;
}

std::string_view text_of(const Values& request, std::string_view member) noexcept {
  const Value* const value = request.if_contains(member);
  return value != nullptr && value->is_string() ? std::string_view{value->get_string()} : std::string_view{};
}

std::string method_of(const Values& request) {
  const std::string_view method = text_of(request, "method");
  return method.empty() ? "GET" : std::string{method};
}

bool has_header(const Values& request, std::string_view name) {
  const Value* const headers = request.if_contains("headers");
  if (headers == nullptr || !headers->is_object()) return false;
  return std::ranges::any_of(headers->get_object(),
                             [&](const auto& header) { return equal_names(header.key(), name); });
}

std::string request_name(const Values& request, std::size_t index) {
  const std::string_view name = text_of(request, "name");
  if (name.empty()) return fmt::format("request {}", index + 1);
  return fmt::format("request {} '{}'", index + 1, printable_excerpt(name, 80));
}

} // namespace runbook::http
