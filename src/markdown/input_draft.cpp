#include "markdown/input_draft.hpp"

#include "markdown/text.hpp"
#include "names.hpp"
#include "plan/convert.hpp"
#include "plan/variables.hpp"

#include <boost/json/string.hpp>

#include <fmt/format.h>

namespace runbook::markdown {

InputDraft::InputDraft(const Context& context, const SourceSpan& place, const SourceSpan& whole, std::string_view form)
    : context_(context), place_(place), form_(form) {
  input_.span = whole;
}

void InputDraft::name(std::string_view text) {
  input_.name = text;
  if (is_variable_name(input_.name)) return;
  error(fmt::format("'{}' cannot be the name of an input", input_.name),
        "it becomes an environment variable: use letters, digits and '_', and no digit at the front");
}

bool InputDraft::type(std::string_view text) {
  const auto found = enum_from<InputType>(lower(text));
  if (found) input_.type = *found;
  return found.has_value();
}

void InputDraft::from(std::string_view text) {
  const auto origin = parse_secret_origin(text);
  if (!origin)
    return error("it is not said where the secret comes from",
                 "write from `env:NAME`, `file:PATH` or `command:COMMAND`");
  input_.from = *origin;
}

void InputDraft::error(std::string_view message, std::string_view hint) {
  context_.findings.error("input", place_, message, hint);
}

Input InputDraft::finish(std::string_view says_how) {
  if (input_.required && default_)
    error(fmt::format("'{}' is required and has a default", input_.name), "keep one of the two");
  if (!input_.required && !default_ && !optional_ && input_.from != SecretOrigin{}) input_.required = true;
  if (!input_.required && !default_ && !optional_) {
    context_.findings.warning("input", place_, fmt::format("nothing says whether '{}' is required", input_.name),
                              says_how);
    input_.required = true;
  }
  if (default_ && input_.type == InputType::secret) {
    error(fmt::format("the secret '{}' has a default, for all to read", input_.name),
          "remove it, and make it invalid where it counts: it has been read already");
  } else if (default_) {
    const Result<Value> value = convert(Value(*default_), input_.type);
    if (value) {
      input_.default_value = *value;
    } else {
      error(fmt::format("the default of '{}' does not fit: {}", input_.name, value.error().message),
            "change the default or the type");
    }
  }
  return std::move(input_);
}

} // namespace runbook::markdown
