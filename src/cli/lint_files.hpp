// The documents that `lint` is to look at: those that were named, and those in the folders that were named.
#pragma once

#include <runbook/lint.hpp>

#include <string>
#include <vector>

namespace runbook::cli {

struct LintFile {
  std::string path;
  bool named = false; ///< on the command line; else found in a folder, where not every document is a runbook
};

struct LintFiles {
  std::vector<LintFile> files; ///< in the order of the command line, those of a folder in order of their paths
  std::vector<UnreadableFile> unreadable; ///< folders
};

/// In folders: every *.md and *.markdown, at any depth. Hidden folders and files and node_modules are left out; links
/// to folders are not followed, so a circle of them does no harm.
[[nodiscard]] LintFiles lint_files(const std::vector<std::string>& paths);

} // namespace runbook::cli
