#include <runbook/model.hpp>

#include <filesystem>

namespace runbook {

std::string path_beside(std::string_view path, std::string_view file) {
  return (std::filesystem::path(path).parent_path() / std::filesystem::path(file)).lexically_normal().string();
}

} // namespace runbook
