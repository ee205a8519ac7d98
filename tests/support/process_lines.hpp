// What /proc says about the processes of this host.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace runbook::testing {

/// A line of /proc/PID/stat.
struct ProcessLine {
  int pid = 0;
  char state = '?';
  int parent = 0;
  int group = 0;
};

inline std::vector<ProcessLine> all_processes() {
  std::vector<ProcessLine> lines;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string text;
    std::getline(file, text, '\0'); // of a process that ends meanwhile, nothing: an iterator would throw
    const std::size_t after_name = text.rfind(')'); // the name in the parentheses may hold anything
    if (after_name == std::string::npos) continue;  // it has ended
    ProcessLine line{.pid = std::stoi(name)};
    std::istringstream(text.substr(after_name + 1)) >> line.state >> line.parent >> line.group;
    lines.push_back(line);
  }
  return lines;
}

} // namespace runbook::testing
