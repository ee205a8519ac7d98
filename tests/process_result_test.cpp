// What a program leaves in the file that it is given for its result.
#include "support/processes.hpp"
#include "support/temp_folder.hpp"
#include "support/veiled.hpp"

#include <sys/prctl.h>

#include <cstdint>
#include <string>
#include <string_view>

using namespace runbook;
using namespace runbook::testing;

namespace {

struct Left {
  Captured captured;
  std::string bytes{};
  std::uint64_t size = 0;
  int results = 0;
  bool after_exit = false;

  ProcessEvents events() {
    ProcessEvents made = captured.events();
    made.on_result = [this](std::string_view said, std::uint64_t all) {
      bytes = said;
      size = all;
      ++results;
      after_exit = captured.exit.has_value();
    };
    return made;
  }
};

ProcessSpec leaving(std::string script) {
  ProcessSpec spec = sh(std::move(script));
  spec.result_variable = "RESULT";
  return spec;
}

void run(ProcessLoop& loop, const ProcessSpec& spec, Left& left) {
  const auto process = loop.runner().start(spec, left.events());
  REQUIRE(process.has_value());
  REQUIRE(loop.until([&] { return left.captured.exit.has_value(); }));
}

} // namespace

TEST_CASE("process result: what a program writes into its result comes before its end and is no output") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    Left left;
    run(loop, leaving("echo out; printf 'a\\0b' >\"$RESULT\"; exit 3"), left);
    CHECK(left.captured.exit == exited(3));
    CHECK(left.captured.out == "out\n");
    CHECK(left.bytes == std::string("a\0b", 3));
    CHECK(left.size == 3);
    CHECK(left.results == 1);
    CHECK_FALSE(left.after_exit);
  }
}

TEST_CASE("process result: of a large one the first bytes come and its size") {
  ProcessLoop loop;
  Left left;
  ProcessSpec spec = leaving("head -c 1000000 /dev/zero >\"$RESULT\"");
  spec.max_result = 1000;
  run(loop, spec, left);
  CHECK(left.bytes == std::string(1000, '\0'));
  CHECK(left.size == 1'000'000);
}

TEST_CASE("process result: a program that leaves nothing has an empty result and one that was not asked has none") {
  ProcessLoop loop;
  Left nothing;
  run(loop, leaving("true"), nothing);
  CHECK(nothing.results == 1);
  CHECK(nothing.size == 0);
  Left not_asked;
  run(loop, sh("echo \"${RESULT-none}\""), not_asked);
  CHECK(not_asked.results == 0);
  CHECK(not_asked.captured.out == "none\n");
}

TEST_CASE("process result: programs inherit no descriptor for it") {
  ProcessLoop loop;
  Left left;
  run(loop, leaving("for fd in /proc/self/fd/*; do readlink \"$fd\"; done; true"), left);
  CHECK(left.captured.out.find("memfd") == std::string::npos);
}

TEST_CASE("process result: a host whose descriptors nobody may see uses a file that is gone afterwards") {
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  {
    ProcessLoop loop;
    Left left;
    run(loop, leaving("echo \"$RESULT\"; stat -c %a \"$RESULT\"; echo left >\"$RESULT\""), left);
    CHECK(left.bytes == "left\n");
    const std::string path = left.captured.out.substr(0, left.captured.out.find('\n'));
    CHECK(path.starts_with("/tmp/runbook-result-"));
    CHECK(left.captured.out.ends_with("\n600\n"));
    CHECK_FALSE(std::filesystem::exists(path));
  }
  ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

TEST_CASE("process: what a confidential program says is not left in memory") {
  const TempFolder folder;
  make_random_key(folder / "key");
  const Veiled veiled(folder / "key");
  for (const bool confidential : {true, false}) {
    CAPTURE(confidential);
    ProcessLoop loop;
    ProcessSpec spec = sh("cat '" + folder / "key" + "'");
    spec.confidential = confidential;
    std::size_t size = 0;
    bool ended = false;
    const auto activity = loop.runner().start(
        spec, {[&](Stream, std::string_view bytes) { size += bytes.size(); }, [&](ProcessExit) { ended = true; }});
    REQUIRE(activity.has_value());
    REQUIRE(loop.until([&] { return ended; }));
    CHECK(size == veiled.size());
    CHECK((veiled.in_memory() == 0) == confidential); // else there is nothing that would have to be overwritten
  }
}
