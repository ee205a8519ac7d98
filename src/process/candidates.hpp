// Where a program may be: the paths that are tried for it, in order.
#pragma once

#include <runbook/system.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook::process {

/// A name with a `/` is a path and the only candidate; any other name is looked for in the directories of PATH. Which
/// of the candidates is a program is found out by executing it, in the directory that the process starts in: relative
/// entries of PATH mean that directory, and nothing can change between a check and its use.
///
/// Keeps its memory between calls.
class Candidates {
public:
  /// Null-terminated; valid until the next call.
  [[nodiscard]] const char* const* of(const ProcessSpec& spec);

private:
  std::string text_; // the paths with their NULs, one after the other
  std::vector<std::size_t> starts_;
  std::vector<const char*> paths_;
};

/// The PATH of the spec's environment, or what stands in for one that is not there.
[[nodiscard]] std::string_view search_path(const ProcessSpec& spec);

} // namespace runbook::process
