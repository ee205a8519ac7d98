// The program `runbook-supervisor`: starts programs for an engine and outlives it. Engines start it; its standard input
// is their connection.
//
//   runbook-supervisor FOLDER IDLE_MILLISECONDS
#include "process/descriptor.hpp"
#include "supervisor/folder.hpp"
#include "supervisor/server.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <exception>
#include <optional>
#include <string_view>
#include <utility>

namespace {

using runbook::process::Descriptor;
using namespace runbook::supervisor;

std::optional<std::chrono::milliseconds> time_of(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr std::int64_t longest = std::chrono::milliseconds(std::chrono::hours(24 * 365)).count();
  if (error != std::errc() || end != text.data() + text.size() || number < 0 || number > longest) return std::nullopt;
  return std::chrono::milliseconds(number);
}

/// The connection, out of the place where programs look for their input. None if there is no engine.
Descriptor take_engine() {
  struct stat status{};
  if (::fstat(STDIN_FILENO, &status) != 0 || !S_ISSOCK(status.st_mode)) return {};
  Descriptor engine(::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  const Descriptor null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null || ::dup2(null.get(), STDIN_FILENO) < 0) return {};
  return engine;
}

} // namespace

int main(int argc, char** argv) try {
  const auto idle = argc == 3 ? time_of(argv[2]) : std::nullopt;
  Descriptor engine = idle ? take_engine() : Descriptor();
  if (!engine) {
    std::fputs("runbook-supervisor looks after the programs of a runbook engine, which starts it by itself.\n", stderr);
    return 2;
  }
  // What ends the engine must not end this; SIGTERM ends it when nothing runs. A full disk is an error, no signal.
  for (const int signal : {SIGINT, SIGHUP, SIGQUIT, SIGPIPE, SIGXFSZ, SIGTTOU, SIGTSTP}) std::signal(signal, SIG_IGN);
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  if (::chdir("/") != 0) return 1;
  auto folder = Folder::open(argv[1]);
  if (!folder) {
    std::fprintf(stderr, "runbook-supervisor: %s\n", folder.error().message.c_str());
    return 1;
  }
  Server(std::move(*folder), *idle).run(std::move(engine));
  return 0;
} catch (const std::exception& e) {
  std::fprintf(stderr, "runbook-supervisor: %s\n", e.what());
  return 1;
}
