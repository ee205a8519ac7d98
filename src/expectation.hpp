// Comparing what an action printed with what the document expects.
#pragma once

#include <runbook/model.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// Nothing if the output is as expected, else what is different, with the line. `values` fill `{{ name }}` in the
/// expected text; what they hold is compared as it is, `...` in it too. For `Expectation::Kind::http` only the body's
/// part is compared here: as JSON if it is an object or array, else as text.
[[nodiscard]] std::optional<std::string> mismatch(const Expectation& expected, std::string_view output,
                                                  const Values& values);

/// What is wrong with the expectation itself, so that no output could ever be compared with it; nothing if it is well.
[[nodiscard]] std::optional<std::string> flaw(const Expectation& expected);

} // namespace runbook
