// The file in which a program leaves its result (`ProcessSpec::result_variable`).
//
// It is in memory, has no name on any disk, and no program inherits it: who writes into it opens it by its path, which
// leads through this process's descriptors. Where /proc does not let children do that, it is a file of its own in
// /tmp, readable by its owner only; if the host is killed, that file stays.
#pragma once

#include "process/descriptor.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace runbook::process {

class ResultFile {
public:
  /// Nothing if there is no descriptor or no memory for it: errno says why. What is `confidential` is never on disk:
  /// where that is the only place, the program writes into nowhere.
  [[nodiscard]] static std::optional<ResultFile> make(bool confidential);
  ResultFile(ResultFile&& other) noexcept
      : file_(std::move(other.file_)), path_(std::move(other.path_)), named_(std::exchange(other.named_, false)) {}
  ResultFile& operator=(ResultFile&&) = delete;
  ~ResultFile();

  [[nodiscard]] const std::string& path() const noexcept { return path_; }
  /// The first bytes of what it holds, at most so many.
  [[nodiscard]] std::string read(std::size_t most) const;
  [[nodiscard]] std::uint64_t size() const;

private:
  ResultFile(Descriptor file, std::string path, bool named)
      : file_(std::move(file)), path_(std::move(path)), named_(named) {}
  [[nodiscard]] static std::optional<ResultFile> in_memory();
  [[nodiscard]] static std::optional<ResultFile> on_disk();
  [[nodiscard]] static std::optional<ResultFile> nowhere();

  Descriptor file_;
  std::string path_;
  bool named_; ///< to be removed with the object
};

} // namespace runbook::process
