#include "supervisor/wire.hpp"

#include <algorithm>
#include <cstring>

namespace runbook::supervisor {

namespace {

constexpr std::size_t header_size = 4;
/// Read at once, and given back after a frame that was longer.
constexpr std::size_t usual_room = std::size_t{128} * 1024;

template <class Number>
void put(Bytes& to, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i) to.push_back(static_cast<char>(number >> (8 * i)));
}

template <class Number>
Number get(std::string_view bytes) {
  Number number = 0;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    number = static_cast<Number>(number | (Number{static_cast<unsigned char>(bytes[i])} << (8 * i)));
  }
  return number;
}

} // namespace

FieldWriter& FieldWriter::u8(std::uint8_t number) {
  to_.push_back(static_cast<char>(number));
  return *this;
}

FieldWriter& FieldWriter::u32(std::uint32_t number) {
  put(to_, number);
  return *this;
}

FieldWriter& FieldWriter::u64(std::uint64_t number) {
  put(to_, number);
  return *this;
}

FieldWriter& FieldWriter::text(std::string_view text) {
  u32(static_cast<std::uint32_t>(text.size()));
  to_.insert(to_.end(), text.begin(), text.end());
  return *this;
}

FrameWriter::FrameWriter(Bytes& to, std::uint8_t type) : FieldWriter(to), frame_(to), begin_(to.size()) {
  u32(0).u8(type);
}

FrameWriter::~FrameWriter() {
  const std::size_t size = frame_.size() - begin_ - header_size;
  for (std::size_t i = 0; i < header_size; ++i) frame_[begin_ + i] = static_cast<char>(size >> (8 * i));
}

std::string_view FieldReader::take(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return taken;
}

std::uint8_t FieldReader::u8() {
  const std::string_view bytes = take(1);
  return failed_ ? std::uint8_t{0} : static_cast<std::uint8_t>(bytes[0]);
}

std::uint32_t FieldReader::u32() {
  const std::string_view bytes = take(4);
  return failed_ ? 0 : get<std::uint32_t>(bytes);
}

std::uint64_t FieldReader::u64() {
  const std::string_view bytes = take(8);
  return failed_ ? 0 : get<std::uint64_t>(bytes);
}

std::string_view FieldReader::text() {
  const std::size_t size = u32();
  return take(size);
}

FrameBuffer::~FrameBuffer() {
  wipe(memory_);
}

void FrameBuffer::discard() {
  ::explicit_bzero(memory_.data() + begin_, given_);
  begin_ += given_;
  given_ = 0;
  if (begin_ == end_) begin_ = end_ = 0;
}

std::span<char> FrameBuffer::room() {
  discard();
  if (begin_ == end_ && memory_.size() > 2 * usual_room) {
    wipe(memory_);
    memory_.shrink_to_fit();
  }
  if (memory_.size() - end_ < usual_room / 2) {
    std::string larger(std::max(usual_room, 2 * (end_ - begin_)), '\0');
    std::memcpy(larger.data(), memory_.data() + begin_, end_ - begin_);
    wipe(memory_);
    memory_.swap(larger);
    end_ -= begin_;
    begin_ = 0;
  }
  return {memory_.data() + end_, memory_.size() - end_};
}

std::shared_ptr<FrameBuffer> FrameBuffer::rest() const {
  auto rest = std::make_shared<FrameBuffer>();
  rest->append({memory_.data() + begin_ + given_, end_ - begin_ - given_});
  rest->broken_ = broken_;
  return rest;
}

void FrameBuffer::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::span<char> to = room();
    const std::string_view piece = bytes.substr(0, to.size());
    std::ranges::copy(piece, to.begin());
    filled(piece.size());
    bytes.remove_prefix(piece.size());
  }
}

std::optional<Frame> FrameBuffer::next() {
  discard();
  if (broken_ || end_ - begin_ < header_size) return std::nullopt;
  const std::string_view bytes(memory_.data() + begin_, end_ - begin_);
  const std::size_t size = get<std::uint32_t>(bytes);
  if (size == 0 || size > longest_frame) {
    broken_ = true;
    return std::nullopt;
  }
  if (bytes.size() - header_size < size) return std::nullopt;
  given_ = header_size + size;
  return Frame{static_cast<std::uint8_t>(bytes[header_size]), bytes.substr(header_size + 1, size - 1)};
}

std::uint64_t checksum(std::string_view bytes) {
  std::uint64_t sum = 0xcbf29ce484222325U;
  for (const char byte : bytes) sum = (sum ^ static_cast<unsigned char>(byte)) * 0x100000001b3U;
  return sum;
}

} // namespace runbook::supervisor
