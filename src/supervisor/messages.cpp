#include "supervisor/messages.hpp"

#include <algorithm>

namespace runbook::supervisor {

namespace {

constexpr std::string_view magic = "runbook-supervisor";

/// More of any list is no message of ours: each element has at least the four bytes of its length.
constexpr std::uint32_t longest_list = longest_frame / 4;

std::uint64_t number_of(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count());
}
std::chrono::milliseconds time_of(std::uint64_t number) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(number));
}

void write_list(FieldWriter& to, const std::vector<std::string>& list) {
  to.u32(static_cast<std::uint32_t>(list.size()));
  for (const std::string& text : list) to.text(text);
}

void read_list(FieldReader& from, std::vector<std::string>& list) {
  const std::uint32_t size = from.u32();
  for (std::uint32_t i = 0; i < size && i < longest_list && !from.failed(); ++i) list.emplace_back(from.text());
}

std::optional<Stream> stream_of(std::uint8_t number) {
  if (number > 1) return std::nullopt;
  return number == 0 ? Stream::out : Stream::err;
}

std::uint8_t number_of(Stream stream) {
  return stream == Stream::out ? 0 : 1;
}

enum Flag : std::uint8_t { can_wait_flag = 1, wants_answer_flag = 2, confidential_flag = 4 };

} // namespace

bool is_key(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

void write_hello(Bytes& to) {
  FrameWriter(to, static_cast<std::uint8_t>(Type::hello)).text(magic).u32(protocol_version);
}

std::optional<std::uint32_t> read_hello(const Frame& frame) {
  FieldReader fields(frame.fields);
  if (frame.type != static_cast<std::uint8_t>(Type::hello) || fields.text() != magic) return std::nullopt;
  const std::uint32_t version = fields.u32(); // what comes behind it is for its own version to know
  if (fields.failed()) return std::nullopt;
  return version;
}

void write_start(Bytes& to, std::uint64_t id, std::string_view key, const ProcessSpec& spec, std::string_view directory,
                 bool can_wait, bool wants_answer) {
  FrameWriter frame(to, static_cast<std::uint8_t>(Type::start));
  const int flags = (can_wait ? can_wait_flag : 0) | (wants_answer ? wants_answer_flag : 0) |
                    (spec.confidential ? confidential_flag : 0);
  frame.u64(id).text(key).u8(static_cast<std::uint8_t>(flags));
  frame.text(spec.name).text(spec.program).text(directory).text(spec.result_variable);
  frame.u64(number_of(spec.grace)).u64(number_of(spec.drain)).u64(number_of(spec.settle)).u64(spec.max_result);
  write_list(frame, spec.arguments);
  write_list(frame, spec.environment);
}

std::optional<StartMessage> read_start(std::string_view fields) {
  FieldReader from(fields);
  StartMessage message;
  message.id = from.u64();
  message.key = from.text();
  const std::uint8_t flags = from.u8();
  message.can_wait = (flags & can_wait_flag) != 0;
  message.wants_answer = (flags & wants_answer_flag) != 0;
  ProcessSpec& spec = message.spec;
  spec.confidential = (flags & confidential_flag) != 0;
  spec.name = from.text();
  spec.program = from.text();
  spec.directory = from.text();
  spec.result_variable = from.text();
  spec.grace = time_of(from.u64());
  spec.drain = time_of(from.u64());
  spec.settle = time_of(from.u64());
  spec.max_result = static_cast<std::size_t>(std::min<std::uint64_t>(from.u64(), longest_frame / 2));
  read_list(from, spec.arguments);
  read_list(from, spec.environment);
  if (!from.complete() || !is_key(message.key)) {
    for (std::string& variable : spec.environment) wipe(variable);
    return std::nullopt;
  }
  return message;
}

void write_number(Bytes& to, Type type, std::uint64_t id) {
  FrameWriter(to, static_cast<std::uint8_t>(type)).u64(id);
}

std::optional<std::uint64_t> read_number(std::string_view fields) {
  FieldReader from(fields);
  const std::uint64_t id = from.u64();
  if (!from.complete()) return std::nullopt;
  return id;
}

void write_key(Bytes& to, Type type, std::uint64_t id, std::string_view key) {
  FrameWriter(to, static_cast<std::uint8_t>(type)).u64(id).text(key);
}

std::optional<KeyMessage> read_key(std::string_view fields) {
  FieldReader from(fields);
  KeyMessage message;
  message.id = from.u64();
  message.key = from.text();
  if (!from.complete() || !is_key(message.key)) return std::nullopt;
  return message;
}

void write_output(Bytes& to, std::uint64_t id, Stream stream, std::string_view bytes) {
  FrameWriter(to, static_cast<std::uint8_t>(Type::output)).u64(id).u8(number_of(stream)).text(bytes);
}

std::optional<OutputMessage> read_output(std::string_view fields) {
  FieldReader from(fields);
  OutputMessage message;
  message.id = from.u64();
  const auto stream = stream_of(from.u8());
  message.bytes = from.text();
  if (!stream || !from.complete()) return std::nullopt;
  message.stream = *stream;
  return message;
}

void write_lost(Bytes& to, std::uint64_t id, Stream stream, std::uint64_t size) {
  FrameWriter(to, static_cast<std::uint8_t>(Type::lost)).u64(id).u8(number_of(stream)).u64(size);
}

std::optional<LostMessage> read_lost(std::string_view fields) {
  FieldReader from(fields);
  LostMessage message;
  message.id = from.u64();
  const auto stream = stream_of(from.u8());
  message.size = from.u64();
  if (!stream || !from.complete()) return std::nullopt;
  message.stream = *stream;
  return message;
}

void write_end_fields(FieldWriter& to, const End& end, bool with_result) {
  to.u8(end.failure ? 1 : 0);
  to.u32(end.failure ? static_cast<std::uint32_t>(end.failure->code) : 0);
  to.text(end.failure ? std::string_view(end.failure->message) : std::string_view());
  to.u8(static_cast<std::uint8_t>(end.exit.kind)).u32(static_cast<std::uint32_t>(end.exit.code));
  to.u8(end.has_result ? 1 : 0).u64(end.result_size).text(with_result ? view(end.result) : std::string_view());
}

std::optional<End> read_end_fields(FieldReader& from) {
  End end;
  const bool failed = from.u8() != 0;
  const auto code = static_cast<errc>(from.u32());
  const std::string_view message = from.text();
  if (failed) end.failure = Error{code, std::string(message), {}};
  const std::uint8_t kind = from.u8();
  if (kind > static_cast<std::uint8_t>(ProcessExit::Kind::unknown)) return std::nullopt;
  end.exit = {static_cast<ProcessExit::Kind>(kind), static_cast<int>(from.u32())};
  end.has_result = from.u8() != 0;
  end.result_size = from.u64();
  const std::string_view result = from.text();
  end.result.assign(result.begin(), result.end());
  if (from.failed()) return std::nullopt;
  return end;
}

void write_end(Bytes& to, std::uint64_t id, const End& end) {
  FrameWriter frame(to, static_cast<std::uint8_t>(Type::ended));
  frame.u64(id);
  write_end_fields(frame, end, true);
}

std::optional<EndMessage> read_end(std::string_view fields) {
  FieldReader from(fields);
  EndMessage message;
  message.id = from.u64();
  auto end = read_end_fields(from);
  if (!end || !from.complete()) return std::nullopt;
  message.end = std::move(*end);
  return message;
}

} // namespace runbook::supervisor
