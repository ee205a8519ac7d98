#include "format/same_meaning.hpp"

#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace runbook::format {

namespace {

std::vector<std::string_view> errors_of(const Parsed& parsed) {
  std::vector<std::string_view> codes;
  for (const Diagnostic& d : parsed.diagnostics) {
    if (d.severity == Severity::error) codes.push_back(d.code);
  }
  return codes;
}

} // namespace

std::string difference(const Parsed& before, const Parsed& after) {
  const Value old_form = to_json(before.runbook);
  const Value new_form = to_json(after.runbook);
  for (const auto* forms : {&old_form, &new_form}) {
    for (const auto& [key, value] : forms->get_object()) {
      const auto* old_value = old_form.get_object().if_contains(key);
      const auto* new_value = new_form.get_object().if_contains(key);
      if (old_value == nullptr || new_value == nullptr || *old_value != *new_value) {
        return fmt::format("what is read as its '{}'", std::string_view(key));
      }
    }
  }
  return errors_of(before) == errors_of(after) ? "" : "its errors";
}

} // namespace runbook::format
