#include "process/result_file.hpp"

#include "process/own_proc.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <fmt/format.h>

namespace runbook::process {

std::optional<ResultFile> ResultFile::make(bool confidential) {
  if (proc_shows_descriptors()) return in_memory();
  return confidential ? nowhere() : on_disk();
}

std::optional<ResultFile> ResultFile::nowhere() {
  std::string path = "/dev/null";
  Descriptor file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  if (!file) return std::nullopt;
  return ResultFile(std::move(file), std::move(path), false);
}

std::optional<ResultFile> ResultFile::in_memory() {
  Descriptor file(::memfd_create("runbook-result", MFD_CLOEXEC));
  if (!file) return std::nullopt;
  std::string path = fmt::format("/proc/{}/fd/{}", ::getpid(), file.get());
  return ResultFile(std::move(file), std::move(path), false);
}

std::optional<ResultFile> ResultFile::on_disk() {
  std::string path = "/tmp/runbook-result-XXXXXX";
  Descriptor file(::mkostemp(path.data(), O_CLOEXEC));
  if (!file) return std::nullopt;
  return ResultFile(std::move(file), std::move(path), true);
}

ResultFile::~ResultFile() {
  if (named_) ::unlink(path_.c_str());
}

std::string ResultFile::read(std::size_t most) const {
  std::string text(static_cast<std::size_t>(std::min<std::uint64_t>(size(), most)), '\0');
  std::size_t have = 0;
  while (have < text.size()) {
    const ssize_t got = ::pread(file_.get(), text.data() + have, text.size() - have, static_cast<off_t>(have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    have += static_cast<std::size_t>(got);
  }
  text.resize(have);
  return text;
}

std::uint64_t ResultFile::size() const {
  struct stat status{};
  return ::fstat(file_.get(), &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

} // namespace runbook::process
