// What stands behind the opening mark of a fence: a language and attributes.
//
//   ```bash {id=migrate timeout=5m retries=3 backoff=2s..1m pure}
//
// Other tools write `{.bash .numberLines}`, `{bash}`, `bash title="x"` or `sh {"name": "x"}`: the language is found in
// all of them.
#pragma once

#include "markdown/context.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

struct Attribute {
  std::string name; ///< `#name` for an id written that way, `.name` for a class
  std::string value;
  bool has_value = false;
  SourceSpan span;
  SourceSpan value_span; ///< of the value's text, without quotes; unknown without a value
};

struct InfoString {
  std::string language; ///< in lower case; may be empty
  std::vector<Attribute> attributes;
  std::vector<std::string> flaws; ///< what is wrong with how the attributes are written
  std::string json;               ///< attributes that are a JSON object, as another tool has them
  SourceSpan span;                ///< of the fence's first line
  bool shows_prompt = false;      ///< the block has no language, and starts with the prompt of a terminal
};

[[nodiscard]] InfoString read_info_string(const Context& context, Node fence);
/// The same without `span`, for those who only ask what the fence is used for.
[[nodiscard]] InfoString read_use(const Context& context, Node fence);

/// Reads `{name=value word #id}` or the same without the braces. `line` and `byte` say where the text stands.
[[nodiscard]] std::vector<Attribute> read_attributes(const Context& context, std::string_view text, std::uint32_t line,
                                                     std::size_t byte, std::vector<std::string>& flaws);

} // namespace runbook::markdown
