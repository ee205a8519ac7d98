// Systems that refuse what the fastest launcher needs: filters of system calls as in containers, older kernels.
#include "support/processes.hpp"
#include "support/seccomp.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <fcntl.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// What every launcher promises, whatever it has to do without.
struct Seen {
  Captured surroundings{};
  Captured failing{};
  std::string missing{};
  std::string no_directory{};
  int children = 0;
};

Seen look(int inherited) {
  Seen seen;
  ProcessLoop loop;
  const auto run = [&loop](const ProcessSpec& spec, Captured& captured) {
    const auto activity = loop.runner().start(spec, captured.events());
    if (!activity) captured.err = activity.error().message;
    if (activity && !loop.until([&] { return captured.exit.has_value(); })) captured.err += "no end";
  };
  std::vector<int> open;
  for (int i = 0; i < inherited; ++i) open.push_back(::open("/dev/null", O_RDONLY));
  run({.program = "sh",
       .arguments = {"-c", "for f in /proc/$$/fd/*; do [ -e $f ] && printf '%s ' ${f##*/}; done; pwd; cut -d' ' -f6 "
                           "/proc/$$/stat | grep -qx $$ && echo leads"},
       .environment = {standard_path},
       .directory = "/usr"},
      seen.surroundings);
  run(sh("echo x; echo y >&2; exit 3"), seen.failing);
  const auto error = [&loop](const ProcessSpec& spec) {
    const auto activity = loop.runner().start(spec, {});
    return activity ? std::string("it started") : activity.error().message;
  };
  seen.missing = error({.program = "no-such-program", .environment = {standard_path}});
  ProcessSpec elsewhere = sh("exit 0");
  elsewhere.directory = "/no/such";
  seen.no_directory = error(elsewhere);
  for (const int number : open) ::close(number);
  seen.children = children();
  return seen;
}

// Not on the thread that looks: there a failed check could not even be reported.
void check_all_as_promised(const Seen& seen) {
  CHECK(seen.surroundings.out == "0 1 2 /usr\nleads\n");
  CHECK(seen.surroundings.err.empty());
  CHECK(seen.failing.out == "x\n");
  CHECK(seen.failing.err == "y\n");
  REQUIRE(seen.failing.exit.has_value());
  CHECK(*seen.failing.exit == exited(3));
  CHECK(seen.missing ==
        "cannot start 'no-such-program': no file of this name in PATH (" + standard_path.substr(5) + ")");
  CHECK(seen.no_directory == "cannot start 'sh': cannot enter the directory '/no/such': No such file or directory");
  CHECK(seen.children == 0);
}

void check_under(const std::vector<Refusal>& refusals) {
  for (const int inherited : {0, 300}) {
    CAPTURE(inherited);
    Seen seen;
    with_refusals(refusals, [&] { seen = look(inherited); });
    check_all_as_promised(seen);
  }
}

} // namespace

TEST_CASE("refusal: programs run where clone3 does not exist") {
  check_under({{SYS_clone3, ENOSYS}});
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#if !defined(__has_feature)
#define __has_feature(feature) 0
#endif
#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
// The C library's posix_spawn, which sanitizers need, does not go on after this answer.
TEST_CASE("refusal: programs run where clone3 is not permitted") {
  check_under({{SYS_clone3, EPERM}});
}
#endif
#endif

TEST_CASE("refusal: programs run where close_range does not exist") {
  check_under({{SYS_close_range, ENOSYS}});
}

TEST_CASE("refusal: programs run where neither clone3 nor close_range is permitted") {
  check_under({{SYS_clone3, ENOSYS}, {SYS_close_range, EPERM}});
}

TEST_CASE("refusal: programs run where the pipes cannot be opened anew") {
  check_under({{SYS_openat, EACCES, 2, O_WRONLY}});
}

TEST_CASE("refusal: groups are signalled where that is not possible through a pidfd") {
  constexpr std::uint32_t process_group = 4;
  ProcessExit stopped;
  ProcessExit killed;
  Captured left;
  int living = -1;
  with_refusals({{SYS_pidfd_send_signal, EINVAL, 3, process_group}}, [&] {
    ProcessLoop loop;
    const auto end = [&loop](const char* script, bool stop) {
      Captured captured;
      ProcessSpec spec = sh(script);
      spec.grace = std::chrono::milliseconds(100);
      const auto activity = loop.runner().start(spec, captured.events());
      static_cast<void>(loop.until([&] { return !captured.out.empty(); }));
      if (activity && stop) (*activity)->stop();
      static_cast<void>(loop.until([&] { return captured.exit.has_value(); }));
      return captured;
    };
    stopped = end("echo x; sleep 1000; echo never", true).exit.value_or(ProcessExit{});
    killed = end("trap '' TERM; echo x; while :; do sleep 0.01; done", true).exit.value_or(ProcessExit{});
    left = end("echo $$; sleep 1000 & exit 1", false);
    const int group = std::stoi(left.out);
    static_cast<void>(loop.until([&] { return living_members(group) == 0; }));
    living = living_members(group);
  });
  CHECK(stopped == signaled(SIGTERM));
  CHECK(killed == signaled(SIGKILL));
  CHECK(left.exit == exited(1));
  CHECK(living == 0);
  CHECK(children() == 0);
}

TEST_CASE("refusal: at the limit of processes a start fails in words") {
  std::string message;
  int descriptors = 0;
  with_refusals({{SYS_clone3, EAGAIN}, {SYS_clone, EAGAIN}, {SYS_vfork, EAGAIN}}, [&] {
    ProcessLoop loop;
    static_cast<void>(loop.runner().start(sh("exit 0"), {})); // opens what stays open
    descriptors = open_descriptors();
    const auto activity = loop.runner().start(sh("exit 0"), {});
    if (!activity) message = activity.error().message;
    descriptors -= open_descriptors();
  });
  CHECK(message == "cannot start 'sh': the limit of processes is reached (ulimit -u, or the pids limit of the control "
                   "group)");
  CHECK(descriptors == 0);
  CHECK(children() == 0);
}
