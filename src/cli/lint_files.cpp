#include "lint_files.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace runbook::cli {

namespace {

namespace fs = std::filesystem;

bool is_document(const fs::path& path) {
  std::string ending = path.extension().string();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return ending == ".md" || ending == ".markdown";
}

class Walk {
public:
  explicit Walk(LintFiles& out) : out_(out) {}

  void folder(const std::string& top) {
    std::vector<fs::path> found;
    std::vector<fs::path> pending{top};
    while (!pending.empty()) {
      const fs::path folder = std::move(pending.back());
      pending.pop_back();
      entries(folder, top == ".", found, pending);
    }
    std::ranges::sort(found);
    for (const fs::path& path : found) out_.files.push_back({path.string(), false});
  }

private:
  void entries(const fs::path& folder, bool here, std::vector<fs::path>& found, std::vector<fs::path>& pending) {
    std::error_code problem;
    for (fs::directory_iterator entry(folder, problem), end; !problem && entry != end; entry.increment(problem)) {
      const std::string name = entry->path().filename().string();
      if (name.starts_with('.') || name == "node_modules") continue;
      std::error_code ignored;
      if (entry->is_directory(ignored) && !entry->is_symlink(ignored)) {
        pending.push_back(entry->path());
      } else if (is_document(entry->path()) && entry->is_regular_file(ignored)) {
        found.push_back(here ? entry->path().lexically_normal() : entry->path());
      }
    }
    if (problem) out_.unreadable.push_back({folder.string(), "cannot be read: " + problem.message()});
  }

  LintFiles& out_;
};

} // namespace

LintFiles lint_files(const std::vector<std::string>& paths) {
  LintFiles out;
  for (const std::string& path : paths) {
    std::error_code problem;
    if (fs::is_directory(path, problem)) {
      Walk(out).folder(path);
    } else {
      out.files.push_back({path, true});
    }
  }
  return out;
}

} // namespace runbook::cli
