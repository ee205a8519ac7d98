// How a required access is checked.
#pragma once

#include <runbook/model.hpp>

#include <string>

namespace runbook {

/// A script for a POSIX shell that succeeds if the access is there, and else says what is missing. Not for
/// `Access::Kind::other`.
[[nodiscard]] std::string access_script(const Access& access);

} // namespace runbook
