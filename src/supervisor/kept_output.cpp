#include "supervisor/kept_output.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace runbook::supervisor {

namespace {

// Each piece has its stream and size before it.
constexpr std::size_t header_size = 5;
/// What is read of a file at once.
constexpr std::size_t longest_piece = std::size_t{64} * 1024;

std::size_t index(Stream stream) {
  return stream == Stream::out ? 0 : 1;
}

Bytes header_of(Stream stream, std::size_t size) {
  Bytes header;
  FieldWriter(header).u8(static_cast<std::uint8_t>(index(stream))).u32(static_cast<std::uint32_t>(size));
  return header;
}

} // namespace

std::optional<KeptOutput> KeptOutput::open(int folder, const std::string& file, Summary summary) {
  KeptOutput kept(folder, file, false);
  kept.full_ = true;
  kept.lost_ = summary.lost;
  kept.memory_ = std::move(summary.log);
  kept.in_file_ = summary.in_file;
  if (summary.in_file == 0) return kept;
  kept.file_ = process::Descriptor(::openat(folder, file.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status{};
  if (!kept.file_ || ::fstat(kept.file_.get(), &status) != 0) return std::nullopt;
  if (static_cast<std::uint64_t>(status.st_size) < summary.in_file) return std::nullopt;
  return kept;
}

void KeptOutput::add(Stream stream, std::string_view bytes) {
  const std::size_t most = confidential_ ? most_in_memory : most_in_file;
  const std::size_t of = index(stream);
  const bool ended = full_ || lost_[of] > 0;
  std::size_t size = ended ? 0 : std::min<std::size_t>(bytes.size(), most - kept_[of]);
  if (size > 0 && !keep(stream, bytes.substr(0, size))) {
    full_ = true;
    size = 0;
  }
  kept_[of] += size;
  lost_[of] += bytes.size() - size;
}

bool KeptOutput::keep(Stream stream, std::string_view bytes) {
  const Bytes header = header_of(stream, bytes.size());
  if (file_) return append(view(header), bytes);
  const std::size_t size = memory_.size() + header.size() + bytes.size();
  if (!confidential_ && size > file_begins_at) return begin_file() && append(view(header), bytes);
  memory_.insert(memory_.end(), header.begin(), header.end());
  memory_.insert(memory_.end(), bytes.begin(), bytes.end());
  return true;
}

bool KeptOutput::begin_file() {
  file_ = process::Descriptor(::openat(folder_, file_name_.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file_) return false;
  if (!append(view(memory_), {})) {
    file_ = process::Descriptor();
    ::unlinkat(folder_, file_name_.c_str(), 0);
    return false;
  }
  memory_ = Bytes();
  return true;
}

/// All of it or nothing.
bool KeptOutput::append(std::string_view header, std::string_view bytes) {
  const std::uint64_t end = in_file_ + header.size() + bytes.size();
  while (header.size() + bytes.size() > 0) {
    const iovec parts[2] = {{const_cast<char*>(header.data()), header.size()},
                            {const_cast<char*>(bytes.data()), bytes.size()}};
    const auto offset = static_cast<off_t>(end - header.size() - bytes.size());
    const ssize_t wrote = ::pwritev(file_.get(), parts, 2, offset);
    if (wrote < 0 && errno == EINTR) continue;
    if (wrote <= 0) return false; // what came before stays good: `in_file_` says how far
    const auto of_header = std::min<std::size_t>(static_cast<std::size_t>(wrote), header.size());
    header.remove_prefix(of_header);
    bytes.remove_prefix(static_cast<std::size_t>(wrote) - of_header);
  }
  in_file_ = end;
  return true;
}

std::string_view KeptOutput::at(std::uint64_t offset, std::size_t size) {
  if (!file_) {
    const std::string_view all = view(memory_);
    return offset >= all.size() ? std::string_view() : all.substr(static_cast<std::size_t>(offset), size);
  }
  read_.resize(size);
  std::size_t have = 0;
  while (have < size) {
    const ssize_t got = ::pread(file_.get(), read_.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return {};
    have += static_cast<std::size_t>(got);
  }
  return view(read_);
}

std::optional<KeptOutput::Piece> KeptOutput::next(Position& position) {
  if (position.offset < size()) {
    FieldReader header(at(position.offset, header_size));
    const Stream stream = header.u8() == 0 ? Stream::out : Stream::err;
    const std::size_t whole = header.u32();
    if (header.failed() || whole > longest_piece * 1024) return std::nullopt;
    const std::string_view bytes = at(position.offset + header_size, whole);
    if (bytes.size() != whole) return std::nullopt;
    position.offset += header_size + whole;
    return Piece{stream, bytes, 0};
  }
  for (const Stream stream : {Stream::out, Stream::err}) {
    const std::size_t of = index(stream);
    const std::uint64_t lost = lost_[of] - position.lost[of];
    if (lost == 0) continue;
    position.lost[of] = lost_[of];
    return Piece{stream, {}, lost};
  }
  return std::nullopt;
}

KeptOutput::Summary KeptOutput::summary() const {
  if (confidential_) return {0, {kept_[0] + lost_[0], kept_[1] + lost_[1]}, {}};
  return {in_file_, lost_, memory_};
}

int KeptOutput::sync() {
  return file_ && ::fsync(file_.get()) != 0 ? errno : 0;
}

} // namespace runbook::supervisor
