// What of a runbook executes, in one form for all runbooks that do the same.
#pragma once

#include <runbook/model.hpp>

#include <string>
#include <vector>

namespace runbook::format {

/// The JSON form with what is assumed where nothing is said: a title is the id, a script is one of `sh`, a request is a
/// GET, a check only looks.
[[nodiscard]] Value executing_form(Runbook book);

/// JSON pointers to the places in which the values differ, at most `most` of them.
[[nodiscard]] std::vector<std::string> differences(const Value& a, const Value& b, std::size_t most);

} // namespace runbook::format
