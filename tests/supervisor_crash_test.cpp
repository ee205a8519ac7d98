// Engines that are killed, and others that take up what they have started.
#include "support/self.hpp"
#include "support/supervisors.hpp"

#include <doctest/doctest.h>

#include <csignal>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

TEST_CASE("supervisor: an engine" * doctest::skip()) {
  const std::string folder = given("FOLDER");
  ProcessLoop loop(supervised(folder + "/s", std::chrono::milliseconds(std::stoi(given("IDLE")))));
  Captured first;
  Captured second;
  ProcessSpec spec = named("first", sh(given("FIRST")));
  spec.confidential = given("CONFIDENTIAL") == "yes";
  if (spec.confidential) spec.environment.push_back("TOKEN=sesame-opens");
  const auto activity = loop.start(spec, first);
  REQUIRE(loop.until([&] { return first.out.find("begin\n") != std::string::npos; }));
  say("running");
  std::unique_ptr<Activity> late;
  while (true) {
    if (!late && std::filesystem::exists(folder + "/second")) {
      late = loop.start(named("second", sh(given("SECOND"))), second);
      say("sent");
    }
    if (first.exit) {
      say("ended");
      std::this_thread::sleep_for(std::chrono::hours(1)); // to be killed; it never says that it has the end
    }
    static_cast<void>(loop.until([] { return false; }, 5ms));
  }
}

namespace {

struct Crash {
  Crash() = default;
  Crash(const Crash&) = delete;
  Crash& operator=(const Crash&) = delete;

  TempFolder folder;
  std::string at = folder / "s";
  std::string log = folder / "log";
  std::string first = "echo begin; echo first >> '" + log + "'; while ! [ -e '" + (folder / "go") + "' ] && [ -d '" +
                      folder.path().string() + "' ]; do sleep 0.01; done; echo end; exit 7";
  std::string second = "echo second >> '" + log + "'";
  std::string confidential = "no";
  int idle = 60'000;

  /// What is left ends: the first program, then its supervisor.
  ~Crash() {
    folder.write("go", "");
    for (const std::string& socket : files_ending(at, ".socket")) {
      ::kill(std::stoi(std::filesystem::path(socket).filename().string()), SIGTERM);
    }
  }

  [[nodiscard]] std::unique_ptr<OtherProcess> engine() const {
    auto engine = std::make_unique<OtherProcess>("supervisor: an engine",
                                                 std::map<std::string, std::string>{{"FOLDER", folder.path().string()},
                                                                                    {"IDLE", std::to_string(idle)},
                                                                                    {"CONFIDENTIAL", confidential},
                                                                                    {"FIRST", first},
                                                                                    {"SECOND", second}});
    std::string line = engine->line();
    while (line != "running" && !line.empty()) line = engine->line(); // doctest's own
    REQUIRE(line == "running");
    return engine;
  }
  /// Until a record of the first program's end is on disk.
  [[nodiscard]] bool recorded() const {
    return becomes_true([&] { return files_ending(at, ".end").size() == 1; });
  }
};

/// Takes a name up and reports all of it.
Captured taken_up(const std::string& folder, const std::string& name) {
  ProcessLoop loop(supervised(folder));
  Captured captured;
  const auto activity = loop.start(taking_up(name), captured);
  REQUIRE(loop.until([&] { return over(captured); }));
  loop.runner().forget(name);
  return captured;
}

Error refusal(const std::string& folder, const std::string& name) {
  ProcessLoop loop(supervised(folder));
  const auto activity = loop.runner().start(taking_up(name), {});
  REQUIRE_FALSE(activity.has_value());
  return activity.error();
}

} // namespace

TEST_CASE("crash: what runs when its engine is killed goes on and is taken up from its beginning to its end") {
  Crash crash;
  crash.engine()->kill();
  ProcessLoop loop(supervised(crash.at));
  Captured captured;
  const auto activity = loop.start(taking_up("first"), captured);
  CHECK(captured.out.empty()); // nothing before the start has returned
  REQUIRE(loop.until([&] { return captured.out == "begin\n"; }));
  crash.folder.write("go", "");
  REQUIRE(loop.until([&] { return over(captured); }));
  CHECK(captured.out == "begin\nend\n");
  CHECK(*captured.exit == exited(7));
  CHECK(crash.folder.read("log") == "first\n");
  loop.runner().forget("first");
  CHECK(becomes_true([&] { return files_ending(crash.at, ".claim").empty(); }));
  CHECK(files_ending(crash.at, ".end").empty());
}

TEST_CASE("crash: what was taken up can be stopped") {
  Crash crash;
  crash.engine()->kill();
  ProcessLoop loop(supervised(crash.at));
  Captured captured;
  const auto activity = loop.start(taking_up("first"), captured);
  activity->stop();
  REQUIRE(loop.until([&] { return over(captured); }));
  CHECK(*captured.exit == signaled(SIGTERM));
}

TEST_CASE("crash: a program that ends after its engine is taken up from the disk, with its supervisor and without") {
  for (const bool killed : {false, true}) {
    CAPTURE(killed);
    Crash crash;
    crash.first = "echo begin; head -c 300000 /dev/zero | tr '\\0' x; " + crash.first;
    auto engine = crash.engine();
    const int supervisor = supervisor_in(crash.at);
    engine->kill();
    crash.folder.write("go", "");
    REQUIRE(crash.recorded());
    if (killed) {
      ::kill(supervisor, SIGKILL);
      REQUIRE(becomes_true([&] { return !lives(supervisor); }));
    }
    const Captured captured = taken_up(crash.at, "first");
    CHECK((captured.out == "begin\n" + std::string(300000, 'x') + "begin\nend\n"));
    CHECK(*captured.exit == exited(7));
    CHECK(crash.folder.read("log") == "first\n");
    CHECK(files_ending(crash.at, ".end").empty()); // forgotten
    if (!killed) ::kill(supervisor, SIGTERM);
  }
}

TEST_CASE("crash: an engine that is killed after the end has left a record of it") {
  Crash crash;
  crash.folder.write("go", "");
  auto engine = crash.engine();
  REQUIRE(engine->line() == "ended");
  CHECK(crash.recorded()); // although the engine lives: it has not said that it has the end
  engine->kill();
  const Captured captured = taken_up(crash.at, "first");
  CHECK(captured.out == "begin\nend\n");
  CHECK(*captured.exit == exited(7));
}

TEST_CASE("crash: a start that nobody has read yet is given up, and never launched later") {
  Crash crash;
  crash.idle = 0;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  {
    const Suspended suspended(supervisor);
    crash.folder.write("second", "");
    REQUIRE(engine->line() == "sent");
    engine->kill();
    CHECK(refusal(crash.at, "second").code == errc::not_found);
  }
  CHECK(refusal(crash.at, "second").code == errc::not_found); // for good
  crash.folder.write("go", "");
  CHECK(becomes_true([&] { return !lives(supervisor); })); // it has read all, and is idle
  CHECK(crash.folder.read("log") == "first\n");
}

TEST_CASE("crash: a start that was read before its engine was killed is launched once") {
  Crash crash;
  auto engine = crash.engine();
  crash.folder.write("second", "");
  REQUIRE(engine->line() == "sent");
  engine->kill();
  const Captured captured = [&] {
    ProcessLoop loop(supervised(crash.at));
    Captured result;
    // Which of the two comes first is not known; but there are only these two.
    auto activity = loop.runner().start(taking_up("second"), result.events());
    if (!activity) {
      CHECK(activity.error().code == errc::not_found);
    } else {
      REQUIRE(loop.until([&] { return over(result); }));
    }
    return result;
  }();
  crash.folder.write("go", "");
  REQUIRE(crash.recorded());
  const std::string log = crash.folder.read("log");
  const bool both = log == "first\nsecond\n" || log == "second\nfirst\n"; // the two run beside each other
  CHECK((captured.exit ? both : log == "first\n"));
}

TEST_CASE("crash: what was running when its supervisor was killed too is in doubt") {
  Crash crash;
  crash.first = "echo $$ > '" + (crash.folder / "pid") + "'; " + crash.first;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  engine->kill();
  ::kill(supervisor, SIGKILL);
  REQUIRE(becomes_true([&] { return !lives(supervisor); }));
  const Error error = refusal(crash.at, "first");
  CHECK(error.code == errc::in_doubt);
  CHECK(error.message.find("has ended") != std::string::npos);
  crash.folder.write("go", "");
  CHECK(becomes_true([&] { return !lives(std::stoi(crash.folder.read("pid"))); }));
}

TEST_CASE("crash: a supervisor that lives and does not answer leaves it in doubt, and the program goes on") {
  Crash crash;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  engine->kill();
  {
    const Suspended suspended(supervisor);
    const auto before = std::chrono::steady_clock::now();
    const Error error = refusal(crash.at, "first");
    CHECK(error.code == errc::in_doubt);
    CHECK(error.message.find("does not answer") != std::string::npos);
    CHECK(std::chrono::steady_clock::now() - before < 10s);
  }
  crash.folder.write("go", "");
  const Captured captured = taken_up(crash.at, "first");
  CHECK(captured.out == "begin\nend\n");
  CHECK(*captured.exit == exited(7));
}

TEST_CASE("crash: a claim that makes no sense is in doubt, never a guess") {
  for (const char* text : {"", "x", "runbook claim 1\nand so on, and so on"}) {
    Crash crash;
    auto engine = crash.engine();
    const int supervisor = supervisor_in(crash.at);
    engine->kill();
    const auto claims = files_ending(crash.at, ".claim");
    REQUIRE(claims.size() == 1);
    std::ofstream(claims.front(), std::ios::trunc) << text;
    CHECK(refusal(crash.at, "first").code == errc::in_doubt);
    crash.folder.write("go", "");
    REQUIRE(crash.recorded());
    CHECK(*taken_up(crash.at, "first").exit == exited(7)); // the end needs no claim
    ::kill(supervisor, SIGTERM);
  }
}

TEST_CASE("crash: a record that is cut off or changed is in doubt") {
  Crash crash;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  engine->kill();
  crash.folder.write("go", "");
  REQUIRE(crash.recorded());
  ::kill(supervisor, SIGKILL);
  REQUIRE(becomes_true([&] { return !lives(supervisor); }));
  const std::string file = files_ending(crash.at, ".end").front();
  std::ifstream in(file, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(in), {}};
  for (std::size_t i = 0; i < whole.size(); i += 7) {
    std::string changed = whole;
    changed[i] = static_cast<char>(changed[i] + 1);
    std::ofstream(file, std::ios::trunc | std::ios::binary) << changed;
    CHECK(refusal(crash.at, "first").code == errc::in_doubt);
    std::ofstream(file, std::ios::trunc | std::ios::binary) << whole.substr(0, i);
    CHECK(refusal(crash.at, "first").code == errc::in_doubt);
  }
  std::ofstream(file, std::ios::trunc | std::ios::binary) << whole;
  CHECK(*taken_up(crash.at, "first").exit == exited(7));
}

TEST_CASE("crash: nothing of a confidential program is on disk, and its supervisor has it in memory") {
  Crash crash;
  crash.confidential = "yes";
  crash.first = "echo begin; echo \"$TOKEN\"; i=0; while [ $i -lt 3000 ]; do echo \"$TOKEN and more words\"; "
                "i=$((i + 1)); done; exit 7";
  auto engine = crash.engine();
  REQUIRE(engine->line() == "ended");
  engine->kill();
  REQUIRE(crash.recorded());
  const std::string files = everything_in(crash.at);
  CHECK(files.find("sesame") == std::string::npos);
  CHECK(files.find("TOKEN") == std::string::npos);
  CHECK(files.find("PATH=") == std::string::npos);
  const Captured captured = taken_up(crash.at, "first");
  CHECK(captured.out.size() == 6 + 13 + 3000 * 28);
  CHECK(captured.out.substr(6, 12) == "sesame-opens");
  CHECK(*captured.exit == exited(7));
}

TEST_CASE("crash: of a confidential program whose supervisor is gone the end is known, and that the rest is lost") {
  Crash crash;
  crash.confidential = "yes";
  crash.first = "echo begin; exit 7";
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  REQUIRE(engine->line() == "ended");
  engine->kill();
  REQUIRE(crash.recorded());
  ::kill(supervisor, SIGKILL);
  REQUIRE(becomes_true([&] { return !lives(supervisor); }));
  ProcessLoop loop(supervised(crash.at));
  Captured captured;
  std::uint64_t lost = 0;
  ProcessEvents events = captured.events();
  events.on_lost = [&](Stream, std::uint64_t size) { lost += size; };
  const auto activity = loop.runner().start(taking_up("first"), std::move(events));
  REQUIRE(activity.has_value());
  REQUIRE(loop.until([&] { return over(captured); }));
  CHECK(captured.out.empty());
  CHECK(lost == 6);
  CHECK(*captured.exit == exited(7));
}

TEST_CASE("crash: a supervisor without an engine ends when it is idle, and leaves the records") {
  Crash crash;
  crash.idle = 100;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  engine->kill();
  crash.folder.write("go", "");
  CHECK(becomes_true([&] { return !lives(supervisor); }));
  CHECK(files_ending(crash.at, ".socket").empty());
  CHECK(taken_up(crash.at, "first").out == "begin\nend\n");
}

TEST_CASE("crash: a supervisor whose folder was removed ends with what it runs") {
  Crash crash;
  auto engine = crash.engine();
  const int supervisor = supervisor_in(crash.at);
  engine->kill();
  std::filesystem::remove_all(crash.at);
  CHECK(lives(supervisor));
  crash.folder.write("go", "");
  CHECK(becomes_true([&] { return !lives(supervisor); }));
}

TEST_CASE("crash: very much that was said is counted where it is not kept") {
  Crash crash;
  crash.first = "echo begin; head -c 100000000 /dev/zero; " + crash.first;
  auto engine = crash.engine();
  engine->kill();
  crash.folder.write("go", "");
  ProcessLoop loop(supervised(crash.at));
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;
  std::optional<ProcessExit> exit;
  REQUIRE(crash.recorded());
  const auto activity = loop.runner().start(taking_up("first"),
                                            {.on_output = [&](Stream, std::string_view text) { bytes += text.size(); },
                                             .on_exit = [&](ProcessExit how) { exit = how; },
                                             .on_lost = [&](Stream, std::uint64_t size) { lost += size; }});
  REQUIRE(activity.has_value());
  REQUIRE(loop.until([&] { return exit.has_value(); }, 60s));
  CHECK(bytes == std::uint64_t{64} * 1024 * 1024);
  CHECK(bytes + lost == 100'000'000 + 16);
  CHECK(*exit == exited(7));
}
