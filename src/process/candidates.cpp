#include "process/candidates.hpp"

namespace runbook::process {

std::string_view search_path(const ProcessSpec& spec) {
  constexpr std::string_view name = "PATH=";
  for (const std::string_view variable : spec.environment) {
    if (variable.starts_with(name)) return variable.substr(name.size());
  }
  return "/bin:/usr/bin"; // as execvp has it
}

const char* const* Candidates::of(const ProcessSpec& spec) {
  paths_.clear();
  if (spec.program.find('/') != std::string::npos) {
    paths_.assign({spec.program.c_str(), nullptr});
    return paths_.data();
  }
  text_.clear();
  starts_.clear();
  const std::string_view list = search_path(spec);
  for (std::size_t begin = 0; begin <= list.size();) {
    const std::string_view directory = list.substr(begin, list.find(':', begin) - begin);
    starts_.push_back(text_.size());
    text_ += directory;
    if (!directory.empty()) text_ += '/'; // an empty entry is the directory that the process starts in
    text_ += spec.program;
    text_ += '\0';
    begin += directory.size() + 1;
  }
  for (const std::size_t start : starts_) paths_.push_back(text_.data() + start);
  paths_.push_back(nullptr);
  return paths_.data();
}

} // namespace runbook::process
