#include <runbook/lint.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace runbook {

namespace {

class DiskFiles final : public LinkedFiles {
public:
  [[nodiscard]] bool exists(const std::string& path) const override {
    std::error_code problem;
    return std::filesystem::exists(path, problem) && !problem;
  }

  [[nodiscard]] std::optional<std::string> read(const std::string& path) const override {
    std::error_code problem;
    if (!std::filesystem::is_regular_file(path, problem) || problem) return std::nullopt;
    if (std::filesystem::file_size(path, problem) > max_document_bytes || problem) return std::nullopt;
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    if (!file) return std::nullopt;
    return std::move(text).str();
  }
};

} // namespace

std::shared_ptr<const LinkedFiles> disk_files() {
  return std::make_shared<DiskFiles>();
}

} // namespace runbook
