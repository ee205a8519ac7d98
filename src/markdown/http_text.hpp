// Requests as in `.http` files: request line, headers, a blank line, body; lines `###` between several. Comments of the
// form `# @word value` above a request say more of it (http_directives.hpp).
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

struct HttpFlaw {
  std::size_t line = 0; ///< of the block, from 0
  std::string message;
  std::string hint;
};

struct HttpText {
  Values params; ///< of the handler: those of the one request, or `requests` with those of each
  std::vector<HttpFlaw> flaws;
};

[[nodiscard]] HttpText read_http_text(std::string_view block);

} // namespace runbook::markdown
