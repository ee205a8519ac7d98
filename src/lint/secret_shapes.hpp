// What secrets look like: tokens of well-known services, passwords in commands and addresses.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace runbook::linting {

/// A part of a line that looks like a secret.
struct Secret {
  std::string_view what; ///< "an AWS access key": with an article, and without the secret itself
  std::size_t begin = 0;
  std::size_t end = 0; ///< in bytes of the line
};

/// Tokens that are recognised wherever they stand.
[[nodiscard]] std::vector<Secret> find_tokens(std::string_view line);

/// What a line of code sets a password or a token to, sends in a header, or has in an address.
[[nodiscard]] std::vector<Secret> find_credentials(std::string_view line);

} // namespace runbook::linting
