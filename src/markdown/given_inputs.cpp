#include "markdown/given_inputs.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"

#include <optional>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

using Named = std::pair<std::string, std::string>;

/// Nothing if the item is none.
std::optional<Named> given(Node item) {
  const Node first = item.first_child();
  if (!first || !first.is(NodeType::paragraph)) return std::nullopt;
  const SpannedText spanned = spanned_text(first);
  std::string_view rest = trim(spanned.text);
  if (!rest.starts_with('\0')) return std::nullopt;
  rest = trim_left(rest.substr(1));
  if (!rest.starts_with(':')) return std::nullopt;
  rest = trim(rest.substr(1));
  const bool is_code = rest.size() == 1 && rest.front() == '\0';
  return Named{spanned.codes.front(), is_code ? spanned.codes.at(1) : with_codes(rest, spanned.codes, 1)};
}

} // namespace

bool gives_inputs(Node list) {
  const Node item = list.first_child();
  return item && given(item).has_value();
}

Values read_given_inputs(const Context& context, Node list) {
  Values inputs;
  for (Node item = list.first_child(); item; item = item.next()) {
    const auto read = given(item);
    if (!read) {
      context.findings.error("runbook-inputs", context.first_line(item), "the item gives no input to the runbook",
                             "write `name`: `value`");
    } else if (!inputs.emplace(read->first, read->second).second) {
      context.findings.error("runbook-inputs", context.first_line(item),
                             fmt::format("the input '{}' is given twice", read->first), "remove one of the two");
    }
  }
  return inputs;
}

} // namespace runbook::markdown
