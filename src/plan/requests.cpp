#include "plan/requests.hpp"

#include "http/request_template.hpp"
#include "plan/strings.hpp"
#include "template.hpp"

namespace runbook {

bool sends_requests(const HandlerInfo& info) noexcept {
  return info.name == "http" && !info.expand;
}

std::optional<Result<HttpRequest>> request_of(const Action& action, const Values& inputs) {
  if (!action.params.contains("url") || has_errors(http::request_flaws(action))) return std::nullopt;
  bool decided = true;
  for_each_param_string(action, [&](std::string_view text) {
    for (const std::string& name : template_names(text)) {
      const Value* value = inputs.if_contains(std::string_view(name).substr(0, name.find('.')));
      decided = decided && value != nullptr && !value->is_null();
    }
  });
  if (!decided) return std::nullopt;
  return http::make_request(action.params, inputs, {});
}

} // namespace runbook
