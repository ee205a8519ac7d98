// What a program has said, until nobody can want it any more: a little of it in memory, more in a file, and of very
// much only how much it was. What is confidential is in memory only.
//
// Ownership: owns its file's descriptor, not the file. Thread-safety: none.
#pragma once

#include "process/descriptor.hpp"
#include "supervisor/wire.hpp"

#include <runbook/outcome.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::supervisor {

class KeptOutput {
public:
  /// Of one stream, in a file and in memory; and when the file is begun.
  static constexpr std::size_t most_in_file = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t most_in_memory = std::size_t{1024} * 1024;
  static constexpr std::size_t file_begins_at = std::size_t{64} * 1024;

  /// How much there is, and what of it no file has.
  struct Summary {
    std::uint64_t in_file = 0;           ///< bytes of the file
    std::array<std::uint64_t, 2> lost{}; ///< bytes of each stream that are nowhere; behind all that is kept
    Bytes log{};                         ///< all of it, if there is no file
  };
  /// How far somebody has heard it.
  struct Position {
    std::uint64_t offset = 0;
    std::array<std::uint64_t, 2> lost{};
  };
  struct Piece {
    Stream stream = Stream::out;
    std::string_view bytes{}; ///< valid until the next call of anything
    std::uint64_t lost = 0;   ///< instead of bytes
  };

  /// `folder` is where the file would be made, and stays open.
  KeptOutput(int folder, std::string file, bool confidential)
      : folder_(folder), file_name_(std::move(file)), confidential_(confidential) {}
  /// What was kept by somebody else. `folder` has the file, if there is one.
  [[nodiscard]] static std::optional<KeptOutput> open(int folder, const std::string& file, Summary summary);

  void add(Stream stream, std::string_view bytes);
  /// The next piece from there, and moves the position behind it. Nothing at the end, or if the file cannot be read.
  [[nodiscard]] std::optional<Piece> next(Position& position);
  [[nodiscard]] Position end() const { return {size(), lost_}; }
  [[nodiscard]] bool in_file() const { return static_cast<bool>(file_); }
  /// What a record of the end has to say. Of a confidential program that all is lost.
  [[nodiscard]] Summary summary() const;
  /// Puts the file, if there is one, onto the disk: 0, or an errno.
  [[nodiscard]] int sync();

private:
  [[nodiscard]] std::uint64_t size() const { return file_ ? in_file_ : memory_.size(); }
  [[nodiscard]] bool keep(Stream stream, std::string_view bytes);
  [[nodiscard]] bool begin_file();
  [[nodiscard]] bool append(std::string_view header, std::string_view bytes);
  [[nodiscard]] std::string_view at(std::uint64_t offset, std::size_t size);

  int folder_;
  std::string file_name_;
  bool confidential_;
  bool full_ = false; // the disk was: nothing more is kept, so that what is lost is always the end
  Bytes memory_;
  Bytes read_; // from the file
  process::Descriptor file_;
  std::uint64_t in_file_ = 0;
  std::array<std::uint64_t, 2> kept_{};
  std::array<std::uint64_t, 2> lost_{};
};

} // namespace runbook::supervisor
