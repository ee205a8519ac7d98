// What an engine and a supervisor say to each other. Both begin with `hello`; who hears another version than its own
// says nothing more. An engine numbers what it starts or takes up; the numbers belong to the connection.
//
// Ownership: what is read points into the frame, but for a program's spec. Thread-safety: as any value.
#pragma once

#include "supervisor/wire.hpp"

#include <runbook/system.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook::supervisor {

inline constexpr std::uint32_t protocol_version = 1;

/// The types of frames. Those from 64 on come from the supervisor.
enum class Type : std::uint8_t {
  hello = 1,
  start = 2,
  stop = 3,
  drop = 4,   ///< nobody waits for the program any more: it is killed
  attach = 5, ///< what was started by an engine that has ended is this engine's now
  forget = 6, ///< the end is on record elsewhere
  started = 64,
  attached = 65,
  unknown = 66, ///< to `attach`: nothing is known of it here
  output = 67,
  lost = 68,
  ended = 69,   ///< or it was not started
  staying = 70, ///< the supervisor has noticed that the engine leaves, and does not end yet
};

/// The name of a file has no room for the name of a start: this is its SHA-256 as 64 hexadecimal digits.
[[nodiscard]] bool is_key(std::string_view text);

/// The version that a `hello` names; nothing if it is none.
[[nodiscard]] std::optional<std::uint32_t> read_hello(const Frame& frame);
void write_hello(Bytes& to);

struct StartMessage {
  std::uint64_t id = 0;
  std::string key{};
  bool can_wait = false;     ///< may be put off where the supervisor is short of something
  bool wants_answer = false; ///< `started`, or `failed`, at once
  ProcessSpec spec{};
};
/// `directory` stands for the spec's, which means something else in the supervisor where it is relative.
void write_start(Bytes& to, std::uint64_t id, std::string_view key, const ProcessSpec& spec, std::string_view directory,
                 bool can_wait, bool wants_answer);
[[nodiscard]] std::optional<StartMessage> read_start(std::string_view fields);

/// A message that has nothing but a number: `stop`, `drop`, `started`, `attached`, `unknown`.
void write_number(Bytes& to, Type type, std::uint64_t id);
[[nodiscard]] std::optional<std::uint64_t> read_number(std::string_view fields);

struct KeyMessage {
  std::uint64_t id = 0;
  std::string_view key{};
};
void write_key(Bytes& to, Type type, std::uint64_t id, std::string_view key);
[[nodiscard]] std::optional<KeyMessage> read_key(std::string_view fields);

void write_output(Bytes& to, std::uint64_t id, Stream stream, std::string_view bytes);
struct OutputMessage {
  std::uint64_t id = 0;
  Stream stream = Stream::out;
  std::string_view bytes{};
};
[[nodiscard]] std::optional<OutputMessage> read_output(std::string_view fields);

void write_lost(Bytes& to, std::uint64_t id, Stream stream, std::uint64_t size);
struct LostMessage {
  std::uint64_t id = 0;
  Stream stream = Stream::out;
  std::uint64_t size = 0;
};
[[nodiscard]] std::optional<LostMessage> read_lost(std::string_view fields);

/// How a program has ended, or why it was not started.
struct End {
  std::optional<Error> failure{}; ///< nothing has run
  ProcessExit exit{};
  bool has_result = false;
  std::uint64_t result_size = 0;
  Bytes result{};
};
void write_end_fields(FieldWriter& to, const End& end, bool with_result);
[[nodiscard]] std::optional<End> read_end_fields(FieldReader& from);
void write_end(Bytes& to, std::uint64_t id, const End& end);
struct EndMessage {
  std::uint64_t id = 0;
  End end{};
};
[[nodiscard]] std::optional<EndMessage> read_end(std::string_view fields);

} // namespace runbook::supervisor
