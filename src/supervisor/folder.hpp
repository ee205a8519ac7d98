// The folder that the engines of one store and their supervisors share: who has claimed which name, how programs ended,
// what they said. A start is known by the SHA-256 of its name, in hexadecimal digits:
//
//   KEY.claim   made by exactly one: the supervisor that launches it, or who found that nobody had
//   KEY.out     what the program said, if that was too much for memory
//   KEY.end     how it ended; whole or not there
//   PID-START.socket   where a supervisor listens
//   PID-START.claims   its claims are links to this: one is there whole or not at all, and costs little
//
// A claim survives the end of processes, not of the machine: it is not synced. An end is. Nothing here holds an
// environment, or a word of a confidential program.
//
// Ownership: holds the folder open. Thread-safety: none.
#pragma once

#include "process/descriptor.hpp"
#include "supervisor/kept_output.hpp"
#include "supervisor/messages.hpp"

#include <runbook/error.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::supervisor {

struct Claim {
  std::string owner{};  ///< as `process_name` gives it; empty: abandoned, nothing was launched and nothing will be
  std::string socket{}; ///< the file in the folder; may be empty
  std::string name{};   ///< the start's; may be empty
};

/// What a file of the folder says; nothing but `damaged` if it is there and makes no sense.
template <class Record>
struct Found {
  std::optional<Record> record{};
  bool damaged = false;
  [[nodiscard]] bool absent() const { return !record && !damaged; }
};

struct EndRecord {
  End end{};
  bool confidential = false; ///< neither its output nor its result is here
  KeptOutput::Summary output{};
};

class Folder {
public:
  /// Makes the folder where it is not there, for its owner only.
  [[nodiscard]] static Result<Folder> open(const std::string& path);

  [[nodiscard]] int descriptor() const { return folder_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }

  /// 0, or an errno: EEXIST if somebody else has claimed the name.
  [[nodiscard]] int make_claim(std::string_view key, const Claim& claim);
  /// The same, by a link to a file with the claim, which is made at the first call.
  [[nodiscard]] int link_claim(std::string_view key, const std::string& file, const Claim& claim);
  [[nodiscard]] Found<Claim> claim(std::string_view key) const;
  /// 0, or an errno. What the record tells of is on disk before it.
  [[nodiscard]] int write_end(std::string_view key, const EndRecord& record);
  [[nodiscard]] Found<EndRecord> end(std::string_view key) const;
  /// Removes all that is known of it.
  void forget(std::string_view key);
  /// The path of a socket in the folder, which may be longer than an address has room for.
  [[nodiscard]] std::string address_of(std::string_view socket) const;
  void remove(std::string_view file);
  /// It was removed: nothing can be written or found there any more.
  [[nodiscard]] bool is_gone() const;

private:
  Folder(process::Descriptor folder, std::string path) : folder_(std::move(folder)), path_(std::move(path)) {}
  [[nodiscard]] Found<Bytes> read(const std::string& file) const;
  [[nodiscard]] int write_claim(const std::string& file, const Claim& claim);

  process::Descriptor folder_;
  std::string path_;
};

} // namespace runbook::supervisor
