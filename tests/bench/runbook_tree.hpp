// A tree of runbooks as a team has them, made up: the same ones every time.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace bench {

/// `count` documents of about 3 KB each. No two are alike: titles, the number of steps, languages, what is expected and
/// how it is undone differ.
[[nodiscard]] std::vector<std::string> make_runbook_tree(std::size_t count);

} // namespace bench
