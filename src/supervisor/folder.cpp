#include "supervisor/folder.hpp"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace runbook::supervisor {

namespace {

constexpr std::string_view claim_magic = "runbook claim 1\n";
constexpr std::string_view end_magic = "runbook end 1\n";

std::string file_of(std::string_view key, std::string_view kind) {
  return fmt::format("{}.{}", key, kind);
}

int write_all(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t wrote = ::write(file, bytes.data(), bytes.size());
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(wrote));
  }
  return 0;
}

/// A record is what says what it is, the fields, and a sum of both.
Bytes begun(std::string_view magic) {
  return {magic.begin(), magic.end()};
}
void seal(Bytes& record) {
  const std::uint64_t sum = checksum(view(record));
  FieldWriter(record).u64(sum);
}
std::optional<std::string_view> fields_of(std::string_view record, std::string_view magic) {
  constexpr std::size_t sum_size = 8;
  if (!record.starts_with(magic) || record.size() < magic.size() + sum_size) return std::nullopt;
  const std::string_view summed = record.substr(0, record.size() - sum_size);
  if (FieldReader(record.substr(summed.size())).u64() != checksum(summed)) return std::nullopt;
  return summed.substr(magic.size());
}

} // namespace

Result<Folder> Folder::open(const std::string& path) {
  const auto failed = [&](const std::string& why) {
    return Error{errc::io_error, fmt::format("the supervisor's folder '{}': {}", path, why), {}};
  };
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failed(std::generic_category().message(errno));
  process::Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return failed(std::generic_category().message(errno));
  struct stat status{};
  if (::fstat(folder.get(), &status) != 0) return failed(std::generic_category().message(errno));
  if (status.st_uid != ::geteuid()) return failed("it belongs to another user");
  if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0) return failed("others may write into it");
  return Folder(std::move(folder), path);
}

int Folder::write_claim(const std::string& name, const Claim& claim) {
  Bytes record = begun(claim_magic);
  FieldWriter(record).text(claim.owner).text(claim.socket).text(claim.name);
  seal(record);
  const process::Descriptor file(::openat(folder_.get(), name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file) return errno;
  const int error = write_all(file.get(), view(record));
  if (error != 0) remove(name);
  return error;
}

int Folder::make_claim(std::string_view key, const Claim& claim) {
  return write_claim(file_of(key, "claim"), claim);
}

int Folder::link_claim(std::string_view key, const std::string& file, const Claim& claim) {
  const std::string name = file_of(key, "claim");
  const auto link = [&] {
    return ::linkat(folder_.get(), file.c_str(), folder_.get(), name.c_str(), 0) == 0 ? 0 : errno;
  };
  int error = link();
  if (error == ENOENT || error == EMLINK) {
    remove(file); // it has as many links as a file can have
    if (const int unwritten = write_claim(file, claim)) return unwritten;
    error = link();
  }
  if (error == 0 || error == EEXIST || error == ENOSPC || error == EDQUOT || error == EROFS) return error;
  return make_claim(key, claim); // a file system without links
}

Found<Bytes> Folder::read(const std::string& name) const {
  const process::Descriptor file(::openat(folder_.get(), name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file) return {std::nullopt, errno != ENOENT};
  struct stat status{};
  if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return {std::nullopt, true};
  if (static_cast<std::uint64_t>(status.st_size) > longest_frame) return {std::nullopt, true};
  Bytes bytes(static_cast<std::size_t>(status.st_size));
  std::size_t have = 0;
  while (have < bytes.size()) {
    const ssize_t got = ::read(file.get(), bytes.data() + have, bytes.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {std::nullopt, true};
    have += static_cast<std::size_t>(got);
  }
  return {std::move(bytes), false};
}

Found<Claim> Folder::claim(std::string_view key) const {
  const Found<Bytes> bytes = read(file_of(key, "claim"));
  if (!bytes.record) return {std::nullopt, bytes.damaged};
  const auto fields = fields_of(view(*bytes.record), claim_magic);
  if (!fields) return {std::nullopt, true};
  FieldReader from(*fields);
  Claim claim;
  claim.owner = from.text();
  claim.socket = from.text();
  claim.name = from.text();
  if (!from.complete()) return {std::nullopt, true};
  return {std::move(claim), false};
}

int Folder::write_end(std::string_view key, const EndRecord& record) {
  Bytes bytes = begun(end_magic);
  FieldWriter to(bytes);
  write_end_fields(to, record.end, !record.confidential);
  to.u8(record.confidential ? 1 : 0).u64(record.output.in_file);
  to.u64(record.output.lost[0]).u64(record.output.lost[1]).text(view(record.output.log));
  seal(bytes);
  const std::string name = file_of(key, "end");
  const std::string temporary = fmt::format("{}.{}", name, ::getpid());
  const auto failed = [&](int error) {
    ::unlinkat(folder_.get(), temporary.c_str(), 0);
    return error;
  };
  const process::Descriptor file(
      ::openat(folder_.get(), temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!file) return errno;
  if (const int error = write_all(file.get(), view(bytes))) return failed(error);
  if (::fsync(file.get()) != 0) return failed(errno);
  if (::renameat(folder_.get(), temporary.c_str(), folder_.get(), name.c_str()) != 0) return failed(errno);
  return ::fsync(folder_.get()) != 0 ? errno : 0;
}

Found<EndRecord> Folder::end(std::string_view key) const {
  const Found<Bytes> bytes = read(file_of(key, "end"));
  if (!bytes.record) return {std::nullopt, bytes.damaged};
  const auto fields = fields_of(view(*bytes.record), end_magic);
  if (!fields) return {std::nullopt, true};
  FieldReader from(*fields);
  auto end = read_end_fields(from);
  if (!end) return {std::nullopt, true};
  EndRecord record{std::move(*end), from.u8() != 0, {}};
  record.output.in_file = from.u64();
  record.output.lost = {from.u64(), from.u64()};
  const std::string_view log = from.text();
  record.output.log.assign(log.begin(), log.end());
  if (!from.complete()) return {std::nullopt, true};
  return {std::move(record), false};
}

void Folder::forget(std::string_view key) {
  for (const char* kind : {"end", "out", "claim"}) remove(file_of(key, kind));
}

std::string Folder::address_of(std::string_view socket) const {
  return fmt::format("/proc/self/fd/{}/{}", folder_.get(), socket);
}

bool Folder::is_gone() const {
  struct stat status{};
  return ::fstat(folder_.get(), &status) == 0 && status.st_nlink == 0;
}

void Folder::remove(std::string_view file) {
  ::unlinkat(folder_.get(), std::string(file).c_str(), 0);
}

} // namespace runbook::supervisor
