// Real processes: what they are given, what they print, how they end, and what is said when they cannot start.
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <sys/stat.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// The error of a start that must fail, and proof that nothing is left of it.
std::string start_error(ProcessLoop& loop, const ProcessSpec& spec, errc code = errc::exec_failed) {
  static_cast<void>(loop.run(sh("exit 0"))); // what the runner opens for good is open now
  const int descriptors = open_descriptors();
  bool called = false;
  auto activity = loop.runner().start(
      spec, {[&](Stream, std::string_view) { called = true; }, [&](ProcessExit) { called = true; }});
  REQUIRE_FALSE(activity.has_value());
  CHECK(activity.error().code == code);
  loop.io().restart();
  loop.io().poll();
  CHECK_FALSE(called);
  CHECK(open_descriptors() == descriptors);
  CHECK(children() == 0);
  return activity.error().message;
}

void make_executable(const std::string& path) {
  REQUIRE(::chmod(path.c_str(), 0755) == 0);
}

} // namespace

TEST_CASE("process: every exit code arrives as it is") {
  for (const LauncherKind kind : launcher_kinds()) {
    CAPTURE(static_cast<int>(kind));
    ProcessLoop loop(kind);
    std::vector<Captured> all(256);
    std::vector<std::unique_ptr<Activity>> activities;
    for (int code = 0; code < 256; ++code) {
      activities.push_back(loop.start(sh("exit " + std::to_string(code)), all[static_cast<std::size_t>(code)]));
      if (code % 32 == 31) {
        REQUIRE(loop.until([&] { return all[static_cast<std::size_t>(code)].exit.has_value(); }));
      }
    }
    for (int code = 0; code < 256; ++code) {
      Captured& captured = all[static_cast<std::size_t>(code)];
      REQUIRE(loop.until([&] { return captured.exit.has_value(); }));
      CHECK(*captured.exit == exited(code));
      CHECK(captured.exits == 1);
    }
  }
}

TEST_CASE("process: an exit code is never taken for the signal of the same number") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    for (const int number : {SIGTERM, SIGKILL, SIGHUP, SIGSEGV, SIGPIPE}) {
      const std::string text = std::to_string(number);
      CHECK(*loop.run(sh("exit " + text)).exit == exited(number));
      CHECK(*loop.run(sh("ulimit -c 0; kill -" + text + " $$")).exit == signaled(number));
    }
  }
}

TEST_CASE("process: output arrives byte by byte as it was written") {
  const TempFolder folder;
  std::string bytes(10'000'000, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  folder.write("bytes", bytes);
  ProcessLoop loop;
  const Captured captured = loop.run(sh("cat '" + folder / "bytes" + "'; printf tail; printf wrong >&2"));
  CHECK(captured.out.size() == bytes.size() + 4);
  CHECK((captured.out == bytes + "tail")); // not printed when it fails
  CHECK(captured.err == "wrong");
  CHECK(*captured.exit == exited(0));
}

TEST_CASE("process: what is printed right before the end is not lost") {
  ProcessLoop loop;
  for (int i = 0; i < 50; ++i) {
    const Captured captured = loop.run(sh("head -c 65536 /dev/zero; head -c 65536 /dev/zero >&2; exit 7"));
    CHECK(captured.out.size() == 65536);
    CHECK(captured.err.size() == 65536);
    CHECK(*captured.exit == exited(7));
  }
}

TEST_CASE("process: one line without an end of 5 MB arrives whole") {
  ProcessLoop loop;
  const Captured captured = loop.run(sh("head -c 5000000 /dev/zero | tr '\\0' x"));
  CHECK((captured.out == std::string(5'000'000, 'x')));
}

TEST_CASE("process: a program that closes its output early runs on to its end") {
  ProcessLoop loop;
  const Captured captured = loop.run(sh("exec >&- 2>&-; sleep 0.05; exit 9"));
  CHECK(captured.out.empty());
  CHECK(*captured.exit == exited(9));
}

TEST_CASE("process: its input is at end of file and there is no terminal") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    const Captured captured = loop.run(sh("wc -c; readlink /proc/self/fd/0; : </dev/tty || echo none"));
    CHECK(captured.out.substr(0, 2) == "0\n");
    CHECK(captured.out.find("/dev/null\n") != std::string::npos);
    CHECK(*captured.exit == exited(2)); // dash ends when a redirection of `:` fails
  }
}

TEST_CASE("process: it leads a session and a group of its own") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    const Captured captured = loop.run(sh("echo $$; cut -d' ' -f5,6 /proc/$$/stat"));
    const std::string pid = captured.out.substr(0, captured.out.find('\n'));
    CHECK(captured.out == pid + "\n" + pid + " " + pid + "\n");
  }
}

TEST_CASE("process: it gets exactly the environment and the arguments that are given") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    ProcessSpec spec{
        .program = "env", .arguments = {"-0"}, .environment = {"B=2", standard_path, "A=x\ny=$(id)", "E="}};
    using namespace std::string_literals;
    CHECK(loop.run(spec).out == "B=2\0"s + standard_path + "\0A=x\ny=$(id)\0E=\0"s);
    spec = {.program = "/usr/bin/env", .arguments = {"-0"}};
    CHECK(loop.run(spec).out.empty());
    spec = {.program = "/usr/bin/printf", .arguments = {"[%s]", "", "a b", "$x", "\n", "--", "-rf", "\xff"}};
    CHECK(loop.run(spec).out == "[][a b][$x][\n][--][-rf][\xff]");
  }
}

TEST_CASE("process: it starts in its directory") {
  const TempFolder folder;
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    ProcessSpec spec = sh("pwd -P");
    spec.directory = folder.path().string();
    CHECK(loop.run(spec).out == std::filesystem::canonical(folder.path()).string() + "\n");
    spec.directory.clear();
    CHECK(loop.run(spec).out == std::filesystem::current_path().string() + "\n");
  }
}

TEST_CASE("process: a program is sought where the process would seek it") {
  const TempFolder folder;
  std::filesystem::create_directories(folder.path() / "bin" / "name"); // a directory is no program
  std::filesystem::create_directories(folder.path() / "later");
  for (const char* name : {"tool", "bin/other", "later/name"}) {
    folder.write(name, std::string("#!/bin/sh\necho ") + name + "\n");
    make_executable(folder / name);
  }
  folder.write("bin/tool", "not executable");
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    const auto run = [&](const char* program, const char* path) {
      return loop.run({.program = program, .environment = {path}, .directory = folder.path().string()}).out;
    };
    CHECK(run("./tool", "PATH=/bin") == "tool\n");
    CHECK(run("bin/other", "PATH=/bin") == "bin/other\n");
    CHECK(run("tool", "PATH=") == "tool\n");
    CHECK(run("tool", "PATH=/bin:") == "tool\n");
    CHECK(run("tool", "PATH=bin::/bin") == "tool\n");
    CHECK(run("other", "PATH=/nowhere:bin") == "bin/other\n");
    CHECK(run("name", "PATH=bin:/dev/null:later") == "later/name\n");
    CHECK(loop.run({.program = "echo", .arguments = {"no path"}}).out == "no path\n");
  }
}

TEST_CASE("process: a program that cannot be started says why and leaves nothing") {
  const TempFolder folder;
  folder.write("text", "echo never\n");
  folder.write("script", "#!/no/such/interpreter\n");
  folder.write("plain", "echo never\n");
  make_executable(folder / "script");
  make_executable(folder / "plain");
  const std::string at = folder.path().string();
  for (const LauncherKind kind : launcher_kinds()) {
    CAPTURE(static_cast<int>(kind));
    ProcessLoop loop(kind);
    const auto error = [&](const char* program, const std::string& directory = {}, const char* path = "PATH=/bin") {
      return start_error(loop, {.program = program, .environment = {path}, .directory = directory});
    };
    CHECK(error("no-such-program") == "cannot start 'no-such-program': no file of this name in PATH (/bin)");
    CHECK(error("/no/such") == "cannot start '/no/such': No such file or directory");
    CHECK(error("./text", at) ==
          "cannot start './text' in '" + at + "': Permission denied; it must be a file that may be executed");
    CHECK(error("text", at, "PATH=:/bin") ==
          "cannot start 'text' in '" + at + "': 'text': Permission denied; it must be a file that may be executed");
    CHECK(error("/bin/") == "cannot start '/bin/': Permission denied; it must be a file that may be executed");
    CHECK(error("./script", at) == "cannot start './script' in '" + at +
                                       "': the file is there, but the interpreter or loader that it names is not");
    CHECK(error("./plain", at) == "cannot start './plain' in '" + at +
                                      "': it is no program for this system; a script needs a first line that begins "
                                      "with '#!'");
    CHECK(error("sh", at + "/gone") ==
          "cannot start 'sh': cannot enter the directory '" + at + "/gone': No such file or directory");
    CHECK(error("/bin/sh", at + "/text") ==
          "cannot start '/bin/sh': cannot enter the directory '" + at + "/text': Not a directory");
    CHECK(error("no-such-program", at + "/gone") ==
          "cannot start 'no-such-program': cannot enter the directory '" + at + "/gone': No such file or directory");
  }
}

TEST_CASE("process: what is too long or cannot be said at all is refused") {
  for (const LauncherKind kind : launcher_kinds()) {
    ProcessLoop loop(kind);
    ProcessSpec spec = sh("exit 0");
    spec.arguments.push_back(std::string(200'000, 'x'));
    CHECK(start_error(loop, spec) ==
          "cannot start 'sh': argument 3 has 200000 bytes; the system takes at most 131071 in one");
    spec = sh("exit 0");
    spec.environment.push_back("big=" + std::string(200'000, 'x'));
    CHECK(start_error(loop, spec) == "cannot start 'sh': the environment variable 'big' has 200004 bytes; the system "
                                     "takes at most 131071 with its name");
    spec = sh(std::string("echo a\0b", 8));
    CHECK(start_error(loop, spec, errc::invalid_argument) == "cannot start 'sh': an argument holds a NUL byte");
    spec = sh("exit 0");
    spec.environment.emplace_back("A=\0", 3);
    CHECK(start_error(loop, spec, errc::invalid_argument) ==
          "cannot start 'sh': the environment variable 'A' holds a NUL byte");
    CHECK(start_error(loop, {}, errc::invalid_argument) == "no program is named");
  }
}

TEST_CASE("process: nothing is reported before the start has returned") {
  ProcessLoop loop;
  bool returned = false;
  int early = 0;
  bool ended = false;
  const auto activity = loop.runner().start(sh("echo x"), {[&](Stream, std::string_view) { early += !returned; },
                                                           [&](ProcessExit) {
                                                             early += !returned;
                                                             ended = true;
                                                           }});
  REQUIRE(activity.has_value());
  returned = true;
  CHECK(loop.until([&] { return ended; }));
  CHECK(early == 0);
}

TEST_CASE("process: what another host has started is not taken up here, and not started again") {
  ProcessLoop loop;
  ProcessSpec spec = sh("exit 0");
  spec.take_up = true;
  const auto activity = loop.runner().start(spec, {});
  REQUIRE_FALSE(activity.has_value());
  CHECK(activity.error().code == errc::in_doubt);
  CHECK(children() == 0);
}

TEST_CASE("process: events that nobody asked for are left out") {
  ProcessLoop loop;
  bool ended = false;
  const auto quiet = loop.runner().start(sh("echo x"), {{}, [&](ProcessExit) { ended = true; }});
  CHECK(loop.until([&] { return ended; }));
  const auto deaf = loop.runner().start(sh("echo x"), {});
  CHECK(loop.until([] { return children() == 0; }));
}
