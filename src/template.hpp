// `{{ name }}` in titles, prompts, expected output, HTTP requests and handlers' parameters. Never used on scripts.
//
// A name is an input or a capture; `{{ name.member }}` reaches into an object. What is put in is not expanded again.
#pragma once

#include <runbook/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// The place that a value is put into, which decides how it is written there.
enum class Place {
  text,      ///< as it is
  json,      ///< inside a JSON document: within quotes as a string's content, elsewhere as a JSON value
  url_path,  ///< percent-encoded, `/` too
  url_query, ///< percent-encoded
  header,    ///< as it is; a value with CR, LF or NUL is an error
};

/// The text with every `{{ name }}` replaced. An unknown name is an error (`errc::invalid_input`) that names it.
[[nodiscard]] Result<std::string> expand(std::string_view text, const Values& values, Place place);

/// Every string inside the value expanded as text; a string that is nothing but one `{{ name }}` becomes that value
/// with its type.
[[nodiscard]] Result<Value> expand_value(const Value& value, const Values& values);

/// The names used in the text, in order.
[[nodiscard]] std::vector<std::string> template_names(std::string_view text);

/// The text with the names that are known replaced and the others left as they stand.
[[nodiscard]] std::string expand_known(std::string_view text, const Values& values);

} // namespace runbook
