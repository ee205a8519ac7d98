// Programs that a supervisor starts: what is told of them, what it costs, and how the supervisor itself ends.
#include "process/descriptor.hpp"
#include "supervisor/find_supervisor.hpp"
#include "supervisor/folder.hpp"
#include "supervisor/messages.hpp"
#include "supervisor/take_up.hpp"
#include "support/supervisors.hpp"

#include <doctest/doctest.h>

#include <sys/socket.h>
#include <sys/stat.h>

#include <cstdlib>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

struct Supervised {
  explicit Supervised(std::chrono::milliseconds idle = 60s) : loop(supervised(at, idle)) {}
  TempFolder folder;
  std::string at = folder / "supervisor";
  ProcessLoop loop;
};

std::uint64_t resident_kib(int pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/status");
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("VmHWM:")) return std::stoull(line.substr(6));
  }
  return 0;
}

/// What is said to a raw connection to the supervisor until it closes, or for the time.
std::string answer_to(const supervisor::Folder& folder, const std::string& socket, std::string_view bytes) {
  const process::Descriptor connection = supervisor::connect_to(folder, socket);
  REQUIRE(connection);
  CHECK(::send(connection.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()));
  std::string answer;
  CHECK(becomes_true([&] {
    char buffer[4096];
    const ssize_t got = ::recv(connection.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got > 0) answer.append(buffer, static_cast<std::size_t>(got));
    return got == 0 || (got < 0 && errno == ECONNRESET);
  }));
  return answer;
}

} // namespace

TEST_CASE("supervisor: a program's output and end arrive, and its parent is the supervisor") {
  Supervised s;
  const Captured captured = s.loop.run(named("a", sh("echo out; echo err >&2; echo $PPID; exit 7")));
  const int pid = supervisor_in(s.at);
  CHECK(captured.out == "out\n" + std::to_string(pid) + "\n");
  CHECK(captured.err == "err\n");
  CHECK(*captured.exit == exited(7));
  CHECK(pid != ::getpid());
}

TEST_CASE("supervisor: a program without a name runs in this process and needs no supervisor") {
  Supervised s;
  CHECK(s.loop.run(sh("echo $PPID")).out == std::to_string(::getpid()) + "\n");
  CHECK_FALSE(std::filesystem::exists(s.at));
}

TEST_CASE("supervisor: its folder is its owner's alone, and what is forgotten leaves nothing in it") {
  Supervised s;
  static_cast<void>(s.loop.run(named("a", sh("head -c 300000 /dev/zero; exit 3"))));
  struct stat status{};
  REQUIRE(::stat(s.at.c_str(), &status) == 0);
  CHECK((status.st_mode & 07777) == 0700);
  CHECK(files_ending(s.at, ".claim").size() == 1);
  s.loop.runner().forget("a");
  CHECK(becomes_true([&] { return files_ending(s.at, ".claim").empty(); }));
  CHECK(files_ending(s.at, ".out").empty());
  CHECK(files_ending(s.at, ".end").empty());
}

TEST_CASE("supervisor: it ends with its engine's runner, and leaves no zombie") {
  const TempFolder folder;
  int pid = 0;
  {
    ProcessLoop loop(supervised(folder / "s"));
    static_cast<void>(loop.run(named("a", sh("exit 0"))));
    loop.runner().forget("a");
    pid = supervisor_in(folder / "s");
  }
  CHECK_FALSE(lives(pid));
  CHECK(children() == 0);
  CHECK(files_ending(folder / "s", ".socket").empty());
}

TEST_CASE("supervisor: what runs when the runner ends is killed and recorded as that") {
  const TempFolder folder;
  int program = 0;
  {
    ProcessLoop loop(supervised(folder / "s"));
    Captured captured;
    const auto activity = loop.start(named("a", sh("trap '' TERM; echo $$; while :; do sleep 0.01; done")), captured);
    REQUIRE(loop.until([&] { return !captured.out.empty(); }));
    program = std::stoi(captured.out);
    loop.destroy_runner();
    CHECK(captured.exits == 0);
  }
  CHECK(becomes_true([&] { return !lives(program); }));
  CHECK(children() == 0);
  ProcessLoop later(supervised(folder / "s"));
  Captured captured;
  const auto activity = later.start(taking_up("a"), captured);
  REQUIRE(later.until([&] { return over(captured); }));
  CHECK(*captured.exit == signaled(SIGKILL));
}

TEST_CASE("supervisor: what cannot be executed is told later, or at once where nobody could be told later") {
  Supervised s;
  Captured captured;
  const auto activity = s.loop.start(named("a", {.program = "/no/such"}), captured);
  REQUIRE(s.loop.until([&] { return captured.failure.has_value(); }));
  CHECK(captured.failure->code == errc::exec_failed);
  CHECK(captured.failure->message.starts_with("cannot start '/no/such'"));
  CHECK_FALSE(captured.exit.has_value());
  const auto at_once = s.loop.runner().start(named("b", {.program = "/no/such"}), {});
  REQUIRE_FALSE(at_once.has_value());
  CHECK(at_once.error().code == errc::exec_failed);
}

TEST_CASE("supervisor: no name is started twice") {
  Supervised s;
  const std::string script = "echo x >> '" + (s.folder / "log") + "'";
  static_cast<void>(s.loop.run(named("a", sh(script))));
  Captured captured;
  const auto again = s.loop.start(named("a", sh(script)), captured);
  REQUIRE(s.loop.until([&] { return captured.failure.has_value(); }));
  CHECK(captured.failure->code == errc::in_doubt);
  CHECK(captured.failure->message.find("'a'") != std::string::npos);
  CHECK(s.folder.read("log") == "x\n");
}

TEST_CASE("supervisor: a program that is not there fails the start with its path") {
  const TempFolder folder;
  ProcessLoop loop(supervised(folder / "s", 60s, "/no/such/supervisor"));
  const auto activity = loop.runner().start(named("a", sh("exit 0")), {});
  REQUIRE_FALSE(activity.has_value());
  CHECK(activity.error().code == errc::exec_failed);
  CHECK(activity.error().message == "cannot start the supervisor '/no/such/supervisor': No such file or directory");
}

TEST_CASE("supervisor: one that ends before it starts anything has started nothing") {
  const TempFolder folder;
  ProcessLoop loop(supervised(folder / "s", 60s, "/bin/true"));
  Captured captured;
  const auto activity = loop.start(named("a", sh("exit 0")), captured);
  REQUIRE(loop.until([&] { return captured.failure.has_value(); }));
  CHECK(captured.failure->code == errc::exec_failed);
  CHECK(captured.failure->message.find("/bin/true") != std::string::npos);
}

TEST_CASE("supervisor: killed while programs run it leaves them in doubt, and the next start has another") {
  Supervised s;
  Captured captured;
  const auto activity = s.loop.start(named("a", sh("echo $$; exec sleep 1000")), captured);
  REQUIRE(s.loop.until([&] { return !captured.out.empty(); }));
  const int former = supervisor_in(s.at);
  ::kill(former, SIGKILL);
  REQUIRE(s.loop.until([&] { return captured.failure.has_value(); }));
  CHECK(captured.failure->code == errc::in_doubt);
  CHECK(s.loop.until([] { return children() == 0; }));
  CHECK(::kill(std::stoi(captured.out), SIGKILL) == 0); // nobody looked after it any more
  CHECK(*s.loop.run(named("b", sh("exit 4"))).exit == exited(4));
}

TEST_CASE("supervisor: many programs at once are told apart") {
  Supervised s;
  std::vector<Captured> all(64);
  std::vector<std::unique_ptr<Activity>> activities;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::string number = std::to_string(i);
    activities.push_back(s.loop.start(
        named(number, sh("echo " + number + "; sleep 0.02; echo " + number + "; exit " + number)), all[i]));
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    REQUIRE(s.loop.until([&] { return over(all[i]); }));
    const std::string number = std::to_string(i);
    CHECK(all[i].out == number + "\n" + number + "\n");
    CHECK(*all[i].exit == exited(static_cast<int>(i)));
  }
}

TEST_CASE("supervisor: 200 MiB of output stream through it in little memory") {
  Supervised s;
  std::uint64_t bytes = 0;
  std::optional<ProcessExit> exit;
  const auto activity = s.loop.runner().start(
      named("a", sh("head -c 209715200 /dev/zero")),
      {[&](Stream, std::string_view text) { bytes += text.size(); }, [&](ProcessExit how) { exit = how; }});
  REQUIRE(activity.has_value());
  REQUIRE(s.loop.until([&] { return exit.has_value(); }, 120s));
  CHECK(bytes == 209715200);
  const std::uint64_t peak = resident_kib(supervisor_in(s.at));
  MESSAGE("the supervisor's peak: " << peak << " KiB");
  CHECK(peak > 0);
  CHECK(peak < 64 * 1024); // sanitizers have their own
}

TEST_CASE("supervisor: an engine that does not read holds its own program back and no other") {
  const TempFolder folder;
  ProcessLoop deaf(supervised(folder / "s"));
  Captured chatter;
  const auto chatting = deaf.start(named("chatter", sh("echo $$; exec yes")), chatter);
  REQUIRE(deaf.until([&] { return !chatter.out.empty(); }));
  const int program = std::stoi(chatter.out);
  const auto quiet_file = folder / "quiet";
  Captured quiet;
  const auto second = deaf.start(named("quiet", sh("echo done > '" + quiet_file + "'")), quiet);
  // This loop does not turn now. The other program runs to its end, and the first one comes to wait in a write.
  CHECK(becomes_true([&] { return folder.has("quiet"); }));
  CHECK(becomes_true([&] {
    std::ifstream file("/proc/" + std::to_string(program) + "/wchan");
    std::string where;
    file >> where;
    return where.find("pipe") != std::string::npos || state_of(program) == 'S';
  }));
  CHECK(resident_kib(supervisor_in(folder / "s")) < 64 * 1024);
  chatting->stop();
  CHECK(deaf.until([&] { return over(chatter) && over(quiet); }));
  CHECK(*chatter.exit == signaled(SIGTERM));
}

TEST_CASE("supervisor: what makes no sense closes the connection and nothing else") {
  Supervised s;
  Captured captured;
  const auto activity = s.loop.start(named("a", sh("echo x; read line; exec sleep 1000")), captured);
  REQUIRE(s.loop.until([&] { return !captured.out.empty(); }));
  auto folder = supervisor::Folder::open(s.at);
  REQUIRE(folder.has_value());
  const std::string socket = std::filesystem::path(files_ending(s.at, ".socket").front()).filename();
  using supervisor::Bytes;
  using supervisor::Type;
  Bytes hello;
  supervisor::write_hello(hello);
  const std::string greeting(supervisor::view(hello));
  const auto after_hello = [&](const std::function<void(Bytes&)>& write) {
    Bytes bytes = hello;
    write(bytes);
    return std::string(supervisor::view(bytes));
  };
  for (const std::string& bytes :
       {std::string("GET / HTTP/1.1\r\n\r\n"), std::string(4, '\0'), std::string(4, '\xff'),
        std::string("\1\0\0\0\1", 5), greeting + std::string(4, '\0'), greeting + std::string("\1\0\0\0\xee", 5),
        after_hello([](Bytes& to) { supervisor::FrameWriter(to, 2).u64(1).text("../../etc/passwd"); }),
        after_hello([](Bytes& to) { supervisor::FrameWriter(to, 3).u32(1); }),
        after_hello([](Bytes& to) { supervisor::write_key(to, Type::attach, 1, "../x"); }),
        after_hello([](Bytes& to) { supervisor::FrameWriter(to, 2).u64(1).u32(0xffffffff); })}) {
    CAPTURE(bytes);
    CHECK(answer_to(*folder, socket, bytes) == greeting);
  }
  CHECK(lives(supervisor_in(s.at)));
  activity->stop();
  CHECK(s.loop.until([&] { return captured.exit.has_value(); }));
}

TEST_CASE("supervisor: an engine of another version is refused") {
  Supervised s;
  static_cast<void>(s.loop.run(named("a", sh("exit 0"))));
  auto folder = supervisor::Folder::open(s.at);
  REQUIRE(folder.has_value());
  const std::string socket = std::filesystem::path(files_ending(s.at, ".socket").front()).filename();
  supervisor::Bytes bytes;
  supervisor::FrameWriter(bytes, 1).text("runbook-supervisor").u32(supervisor::protocol_version + 1);
  supervisor::write_start(bytes, 1, std::string(64, 'a'), sh("echo x > '" + (s.folder / "never") + "'"), "/", true,
                          false);
  static_cast<void>(answer_to(*folder, socket, supervisor::view(bytes)));
  CHECK_FALSE(s.folder.has("never"));
  CHECK(files_ending(s.at, ".claim").size() == 1);
}

TEST_CASE("supervisor: one of another version is not used, and its path and both versions are named") {
  const TempFolder folder;
  supervisor::Bytes bytes;
  supervisor::FrameWriter(bytes, 1).text("runbook-supervisor").u32(77);
  folder.write("hello", supervisor::view(bytes));
  folder.write("other", "#!/bin/sh\ncat '" + (folder / "hello") + "' >&0; sleep 1000 <&0 & wait\n");
  REQUIRE(::chmod((folder / "other").c_str(), 0755) == 0);
  ProcessLoop loop(supervised(folder / "s", 60s, folder / "other"));
  Captured captured;
  const auto activity = loop.start(named("a", sh("exit 0")), captured);
  REQUIRE(loop.until([&] { return captured.failure.has_value(); }));
  CHECK(captured.failure->code == errc::exec_failed);
  CHECK(captured.failure->message ==
        "the supervisor '" + (folder / "other") + "' speaks version 77 of its protocol, and this library version 1");
  for (const ProcessLine& line : all_processes()) {
    if (line.parent == ::getpid()) ::kill(-line.pid, SIGKILL); // the stand-in, which leads a session of its own
  }
}

TEST_CASE("supervisor: it is found by the option, by the environment and beside this program") {
  CHECK(find_supervisor(RUNBOOK_SUPERVISOR_PROGRAM).value() == RUNBOOK_SUPERVISOR_PROGRAM);
  CHECK(find_supervisor("/no/such").error().message.find("/no/such") != std::string::npos);
  ::setenv("RUNBOOK_SUPERVISOR", RUNBOOK_SUPERVISOR_PROGRAM, 1);
  CHECK(find_supervisor({}).value() == RUNBOOK_SUPERVISOR_PROGRAM);
  ::setenv("RUNBOOK_SUPERVISOR", "/no/such", 1);
  CHECK(find_supervisor({}).error().message.find("RUNBOOK_SUPERVISOR") != std::string::npos);
  ::unsetenv("RUNBOOK_SUPERVISOR");
  const auto found = find_supervisor({});
  REQUIRE(found.has_value());
  CHECK(found->ends_with("/runbook-supervisor"));
}

TEST_CASE("supervisor: a folder with a very long path does as well") {
  const TempFolder folder;
  std::string path = folder.path().string();
  for (int i = 0; i < 12; ++i) path += "/" + std::string(40, 'x');
  ProcessLoop loop(supervised(path));
  CHECK(*loop.run(named("a", sh("exit 5"))).exit == exited(5));
  CHECK(files_ending(path, ".socket").size() == 1);
}
