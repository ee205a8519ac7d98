// A request as in `.http` files: request line, headers, a blank line, body.
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
  Values params; ///< method, url and, if there are any, headers and body
  std::vector<HttpFlaw> flaws;
};

[[nodiscard]] HttpText read_http_text(std::string_view block);

} // namespace runbook::markdown
