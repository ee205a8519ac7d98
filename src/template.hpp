// `{{ name }}` in titles, prompts, expected output, HTTP requests and handlers' parameters. Never used on scripts.
//
// A name is an input or a capture; `{{ name.member }}` reaches into an object. What is put in is not expanded again.
// `{{` without an end, and braces around something that is no name, stay as they stand.
#pragma once

#include <runbook/value.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// A piece of a text, as it stands in it.
struct TemplatePart {
  enum class Kind {
    literal,
    name,  ///< `{{ name }}`
    other, ///< `{{ … }}` around something that is no name: text like any other, but perhaps a slip of the pen
  };
  Kind kind = Kind::literal;
  std::string_view text; ///< with the braces
  std::string_view name; ///< between the braces, for `Kind::name`
};

/// The pieces of the text, in order; put together they are the text. They refer to it.
[[nodiscard]] std::vector<TemplatePart> template_parts(std::string_view text);

/// What a name stands for. An unknown name is an error (`errc::invalid_input`) that names it.
[[nodiscard]] Result<const Value*> find_value(std::string_view name, const Values& values);

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

/// The text with the names that are known replaced and the others left as they stand; also what cannot be put into a
/// header.
[[nodiscard]] std::string expand_known(std::string_view text, const Values& values, Place place = Place::text);

} // namespace runbook
