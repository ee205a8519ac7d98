// What supervisors write, in which order, and what they do where the disk takes nothing.
#include "support/supervisors.hpp"

#include <doctest/doctest.h>

#include <sys/stat.h>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

/// Supervisors whose disk can be watched and filled up.
struct Disk {
  Disk() {
    folder.write("program", "#!/bin/sh\nexport LD_PRELOAD='" RUNBOOK_DISK_FAULTS "' RUNBOOK_TEST_DISK_LOG='" + log +
                                "' RUNBOOK_TEST_DISK_FULL='" + full +
                                "'\nexec '" RUNBOOK_SUPERVISOR_PROGRAM "' \"$@\"\n");
    REQUIRE(::chmod((folder / "program").c_str(), 0755) == 0);
    std::ofstream(log).flush();
  }
  [[nodiscard]] ProcessLoop::Make runner() const { return supervised(at, 60s, folder / "program"); }
  [[nodiscard]] std::string ends() const {
    std::string all;
    for (const std::string& file : files_ending(at, ".end")) all += file;
    return all;
  }

  TempFolder folder;
  std::string at = folder / "supervisor";
  std::string log = folder / "log";
  std::string full = folder / "full";
};

} // namespace

TEST_CASE("disk: an end that the engine has soon is never written") {
  Disk disk;
  ProcessLoop loop(disk.runner());
  for (int i = 0; i < 20; ++i) {
    const std::string name = std::to_string(i);
    CHECK(*loop.run(named(name, sh("exit 0"))).exit == exited(0));
    loop.runner().forget(name);
  }
  CHECK(becomes_true([&] { return files_ending(disk.at, ".claim").empty(); }));
  loop.destroy_runner();
  CHECK(disk.folder.read("log").find("fsync") == std::string::npos);
}

TEST_CASE("disk: the output is synced before the record of the end, and that before it has its name") {
  Disk disk;
  ProcessLoop loop(disk.runner());
  CHECK(*loop.run(named("a", sh("head -c 300000 /dev/zero"))).exit == exited(0));
  REQUIRE(becomes_true([&] { return !disk.ends().empty(); }));
  loop.destroy_runner();
  const std::string log = disk.folder.read("log");
  CHECK(log == "write claim\nfsync out\nwrite end\nfsync end\nrename end\nfsync folder\n");
}

TEST_CASE("disk: on a full disk nothing is launched that nobody could claim") {
  Disk disk;
  ProcessLoop loop(disk.runner());
  disk.folder.write("full", "");
  Captured captured;
  const auto activity = loop.start(named("a", sh("echo x > '" + (disk.folder / "ran") + "'")), captured);
  REQUIRE(loop.until([&] { return over(captured); }));
  REQUIRE(captured.failure.has_value());
  CHECK(captured.failure->code == errc::exec_failed);
  CHECK(captured.failure->message.find("No space left on device") != std::string::npos);
  CHECK_FALSE(disk.folder.has("ran"));
}

TEST_CASE("disk: a disk that fills up loses neither the output of a program nor its end to an engine that is there") {
  Disk disk;
  ProcessLoop loop(disk.runner());
  Captured captured;
  const auto activity = loop.start(named("a", sh("echo begin; while ! [ -e '" + disk.full +
                                                 "' ]; do sleep 0.01; done; head -c 300000 /dev/zero; exit 3")),
                                   captured);
  REQUIRE(loop.until([&] { return captured.out == "begin\n"; }));
  disk.folder.write("full", "");
  REQUIRE(loop.until([&] { return over(captured); }));
  CHECK(captured.out.size() == 300006);
  CHECK(*captured.exit == exited(3));
  CHECK(disk.ends().empty());
  // It is tried again for as long as nobody has it.
  std::filesystem::remove(disk.full);
  CHECK(becomes_true([&] { return !disk.ends().empty(); }));
}
