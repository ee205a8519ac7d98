#include "plan/requests.hpp"

#include "http/request_list.hpp"
#include "http/request_template.hpp"
#include "plan/strings.hpp"
#include "template.hpp"

#include <fmt/format.h>

namespace runbook {

bool sends_requests(const HandlerInfo& info) noexcept {
  return info.name == "http" && !info.expand;
}

std::optional<Result<HttpRequest>> request_of(const Action& action, const Values& request, const Values& inputs) {
  Values known = inputs;
  known.emplace(http::key_name, fmt::format("{{{{ {} }}}}", http::key_name)); // as it stands: each run has its own
  bool decided = true;
  const auto look = [&](std::string_view text) {
    for (const std::string& name : template_names(text)) {
      const Value* value = known.if_contains(std::string_view(name).substr(0, name.find('.')));
      decided = decided && value != nullptr && !value->is_null();
    }
  };
  for (const auto& [key, value] : action.params) {
    if (key != "requests") for_each_string(value, look);
  }
  for (const auto& member : request) for_each_string(member.value(), look);
  if (!decided) return std::nullopt;
  return http::make_request(request, action.params, known, {});
}

} // namespace runbook
