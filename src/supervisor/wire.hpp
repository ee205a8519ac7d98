// Frames: how messages and records are put into bytes and read again. A frame is its length (4 bytes), a type and the
// fields; numbers are little-endian, texts have their length before them.
//
// Readers take bytes from anywhere: what is too short, too long or cut off makes them fail, and they stay failed.
// Thread-safety: as any value.
#pragma once

#include "secret/wiping.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace runbook::supervisor {

/// Bytes that may be secret: overwritten before their memory is given back.
using Bytes = WipingVector<char>;

/// No frame is longer.
inline constexpr std::size_t longest_frame = std::size_t{64} * 1024 * 1024;

/// Puts fields behind what a buffer holds.
class FieldWriter {
public:
  explicit FieldWriter(Bytes& to) : to_(to) {}
  FieldWriter& u8(std::uint8_t number);
  FieldWriter& u32(std::uint32_t number);
  FieldWriter& u64(std::uint64_t number);
  FieldWriter& text(std::string_view text);

private:
  Bytes& to_;
};

/// A frame that is being written: complete when the object goes.
class FrameWriter : public FieldWriter {
public:
  FrameWriter(Bytes& to, std::uint8_t type);
  ~FrameWriter();
  FrameWriter(const FrameWriter&) = delete;
  FrameWriter& operator=(const FrameWriter&) = delete;

private:
  Bytes& frame_;
  std::size_t begin_;
};

class FieldReader {
public:
  explicit FieldReader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t u8();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view text();
  /// Everything was there, and nothing is left.
  [[nodiscard]] bool complete() const { return !failed_ && rest_.empty(); }
  [[nodiscard]] bool failed() const { return failed_; }

private:
  std::string_view take(std::size_t size);
  std::string_view rest_;
  bool failed_ = false;
};

struct Frame {
  std::uint8_t type = 0;
  std::string_view fields{};
};

/// Takes in bytes as they arrive and gives out frames. What has been given out is overwritten.
class FrameBuffer {
public:
  ~FrameBuffer();
  FrameBuffer() = default;
  FrameBuffer(const FrameBuffer&) = delete;
  FrameBuffer& operator=(const FrameBuffer&) = delete;

  /// Room for the next bytes; `filled` tells how many came.
  [[nodiscard]] std::span<char> room();
  void filled(std::size_t size) { end_ += size; }
  /// The next whole frame, valid until the next call of anything else; nothing if there is none yet, or ever again.
  [[nodiscard]] std::optional<Frame> next();
  /// What came is no frame.
  [[nodiscard]] bool broken() const { return broken_; }
  /// What came behind the frame that was given out last, in a buffer of its own: that frame stays valid as long as
  /// this.
  [[nodiscard]] std::shared_ptr<FrameBuffer> rest() const;
  void append(std::string_view bytes);

private:
  void discard();

  std::string memory_; // overwritten piece by piece
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::size_t given_ = 0; // bytes of the frame that was given out last
  bool broken_ = false;
};

/// Tells damaged records from whole ones (FNV-1a).
[[nodiscard]] std::uint64_t checksum(std::string_view bytes);

[[nodiscard]] inline std::string_view view(const Bytes& bytes) {
  return {bytes.data(), bytes.size()};
}

} // namespace runbook::supervisor
