// The supervisor's frames, records and kept output by themselves, against what is cut off, changed or too long.
#include "supervisor/folder.hpp"
#include "supervisor/kept_output.hpp"
#include "supervisor/messages.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <sys/stat.h>

using namespace runbook;
using namespace runbook::supervisor;
using namespace runbook::testing;

namespace {

const std::string key(64, 'a');

Bytes whole_start() {
  Bytes bytes;
  ProcessSpec spec = sh("echo x");
  spec.name = "run/step";
  spec.result_variable = "result";
  spec.confidential = true;
  spec.grace = std::chrono::milliseconds(-5);
  write_start(bytes, 7, key, spec, "/somewhere", true, false);
  return bytes;
}

/// All that is kept, the streams apart.
std::array<std::string, 2> heard(KeptOutput& kept, std::uint64_t& lost) {
  std::array<std::string, 2> all;
  KeptOutput::Position position;
  while (const auto piece = kept.next(position)) {
    all[piece->stream == Stream::out ? 0 : 1] += piece->bytes;
    lost += piece->lost;
  }
  return all;
}

} // namespace

TEST_CASE("wire: a frame arrives whole however it is cut") {
  const Bytes bytes = whole_start();
  for (std::size_t step = 1; step < bytes.size(); step += 3) {
    FrameBuffer buffer;
    int frames = 0;
    for (int round = 0; round < 3; ++round) {
      for (std::size_t i = 0; i < bytes.size(); i += step) {
        buffer.append(view(bytes).substr(i, step));
        while (const auto frame = buffer.next()) {
          ++frames;
          const auto message = read_start(frame->fields);
          REQUIRE(message.has_value());
          CHECK(message->spec.arguments == std::vector<std::string>{"-c", "echo x"});
          CHECK(message->spec.directory == "/somewhere");
          CHECK(message->spec.grace.count() == -5);
          CHECK(message->can_wait);
          CHECK_FALSE(message->wants_answer);
        }
      }
    }
    CHECK(frames == 3);
    CHECK_FALSE(buffer.broken());
  }
}

TEST_CASE("wire: a message that is cut off or has too much is refused") {
  const Bytes bytes = whole_start();
  const std::string_view fields = view(bytes).substr(5);
  REQUIRE(read_start(fields).has_value());
  for (std::size_t size = 0; size < fields.size(); ++size) CHECK_FALSE(read_start(fields.substr(0, size)).has_value());
  CHECK_FALSE(read_start(std::string(fields) + "x").has_value());
}

TEST_CASE("wire: any change of a message is read or refused, and nothing else happens") {
  const Bytes bytes = whole_start();
  std::string fields(view(bytes).substr(5));
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (const char other : {'\0', '\x7f', '\xff'}) {
      std::string changed = fields;
      changed[i] = other;
      static_cast<void>(read_start(changed));
      static_cast<void>(read_end(changed));
      static_cast<void>(read_output(changed));
      static_cast<void>(read_key(changed));
      FieldReader reader(changed);
      static_cast<void>(read_end_fields(reader));
    }
  }
  FrameBuffer buffer;
  buffer.append(std::string(8, '\xff'));
  CHECK_FALSE(buffer.next().has_value());
  CHECK(buffer.broken());
}

TEST_CASE("wire: what comes behind a frame can be read while the frame is in use") {
  Bytes bytes;
  write_output(bytes, 1, Stream::out, "first");
  write_output(bytes, 2, Stream::err, "second");
  FrameBuffer buffer;
  buffer.append(view(bytes));
  const auto frame = buffer.next();
  REQUIRE(frame.has_value());
  const auto rest = buffer.rest();
  const auto other = rest->next();
  REQUIRE(other.has_value());
  CHECK(read_output(frame->fields)->bytes == "first");
  CHECK(read_output(other->fields)->bytes == "second");
}

TEST_CASE("output: what is little is in memory, what is more in a file, and both can be heard again") {
  const TempFolder folder;
  const int at = ::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const process::Descriptor closed(at);
  KeptOutput kept(at, "x.out", false);
  std::uint64_t lost = 0;
  kept.add(Stream::out, "one ");
  kept.add(Stream::err, "two ");
  CHECK_FALSE(kept.in_file());
  CHECK(heard(kept, lost) == std::array<std::string, 2>{"one ", "two "});
  const std::string much(100'000, 'x');
  kept.add(Stream::out, much);
  kept.add(Stream::err, "end");
  CHECK(kept.in_file());
  CHECK((heard(kept, lost) == std::array<std::string, 2>{"one " + much, "two end"}));
  CHECK(lost == 0);
  auto again = KeptOutput::open(at, "x.out", kept.summary());
  REQUIRE(again.has_value());
  CHECK((heard(*again, lost) == std::array<std::string, 2>{"one " + much, "two end"}));
  struct stat status{};
  REQUIRE(::stat((folder / "x.out").c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
}

TEST_CASE("output: of a confidential program a little is kept, in memory") {
  const TempFolder folder;
  const process::Descriptor at(::open(folder.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  KeptOutput kept(at.get(), "x.out", true);
  for (int i = 0; i < 30; ++i) kept.add(Stream::out, std::string(65536, 'x'));
  kept.add(Stream::err, "word");
  std::uint64_t lost = 0;
  const auto all = heard(kept, lost);
  CHECK(all[0].size() == KeptOutput::most_in_memory);
  CHECK(all[1] == "word");
  CHECK(all[0].size() + lost == 30 * 65536);
  CHECK_FALSE(folder.has("x.out"));
  CHECK(kept.summary().log.empty());
  CHECK(kept.summary().lost == std::array<std::uint64_t, 2>{30 * 65536, 4});
}

TEST_CASE("folder: of two that claim a name one gets it") {
  const TempFolder temp;
  auto folder = Folder::open(temp / "a/b/c");
  REQUIRE(folder.has_value());
  CHECK(folder->claim(key).absent());
  CHECK(folder->make_claim(key, {"owner", "socket", "name"}) == 0);
  CHECK(folder->make_claim(key, {"other", "socket", "name"}) == EEXIST);
  CHECK(folder->claim(key).record->owner == "owner");
  folder->forget(key);
  CHECK(folder->claim(key).absent());
}

TEST_CASE("folder: a claim by a link is a claim as any other") {
  const TempFolder temp;
  auto folder = Folder::open(temp / "s");
  REQUIRE(folder.has_value());
  const std::string other(64, 'b');
  CHECK(folder->link_claim(key, "1-2.claims", {"owner", "socket", {}}) == 0);
  CHECK(folder->link_claim(key, "1-2.claims", {"owner", "socket", {}}) == EEXIST);
  CHECK(folder->make_claim(key, {}) == EEXIST);
  CHECK(folder->claim(key).record->owner == "owner");
  CHECK(folder->make_claim(other, {}) == 0);
  CHECK(folder->link_claim(other, "1-2.claims", {"owner", "socket", {}}) == EEXIST);
  CHECK(folder->claim(other).record->owner.empty());
  folder->remove("1-2.claims"); // the claims stay, and the next one begins anew
  CHECK(folder->claim(key).record->socket == "socket");
  folder->forget(key);
  CHECK(folder->link_claim(key, "1-2.claims", {"owner", "socket", {}}) == 0);
}

TEST_CASE("folder: one that others may write into, or that is no folder, is refused") {
  const TempFolder temp;
  std::filesystem::create_directory(temp.path() / "open");
  REQUIRE(::chmod((temp / "open").c_str(), 0777) == 0);
  CHECK(Folder::open(temp / "open").error().message.find("others may write") != std::string::npos);
  temp.write("file", "");
  CHECK(Folder::open(temp / "file").error().code == errc::io_error);
}

TEST_CASE("folder: the record of an end has all of it") {
  const TempFolder temp;
  auto folder = Folder::open(temp / "s");
  REQUIRE(folder.has_value());
  const std::string result = "result";
  EndRecord record{{std::nullopt, signaled(9), true, 4000, {result.begin(), result.end()}}, false, {}};
  record.output.lost = {5, 6};
  CHECK(folder->write_end(key, record) == 0);
  const auto read = folder->end(key);
  REQUIRE(read.record.has_value());
  CHECK(read.record->end.exit == signaled(9));
  CHECK(view(read.record->end.result) == "result");
  CHECK(read.record->end.result_size == 4000);
  CHECK(read.record->output.lost == std::array<std::uint64_t, 2>{5, 6});
  record.confidential = true;
  CHECK(folder->write_end(key, record) == 0);
  CHECK(folder->end(key).record->end.result.empty());
  record.end.failure = Error{errc::exec_failed, "no such program", {}};
  CHECK(folder->write_end(key, record) == 0);
  CHECK(folder->end(key).record->end.failure->message == "no such program");
}
