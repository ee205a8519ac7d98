// Comparing what an action printed with what the document expects.
#pragma once

#include <runbook/model.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace runbook {

/// Nothing if the output is as expected, else what is different, with the line. `values` fill `{{ name }}` in the
/// expected text. For `Expectation::Kind::http` only the body's part is compared here.
[[nodiscard]] std::optional<std::string> mismatch(const Expectation& expected, std::string_view output,
                                                  const Values& values);

} // namespace runbook
