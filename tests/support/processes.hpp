// Real processes for tests: a loop that runs them, and what the system says about them.
#pragma once

#include "process/runner.hpp"
#include "support/process_lines.hpp"

#include <boost/asio/io_context.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>
#include <vector>

namespace runbook::testing {

inline const std::string standard_path = "PATH=/usr/local/bin:/usr/bin:/bin";

/// A script for `sh`.
inline ProcessSpec sh(std::string script) {
  return {.program = "sh", .arguments = {"-c", std::move(script)}, .environment = {standard_path}};
}

inline ProcessExit exited(int code) {
  return {ProcessExit::Kind::exited, code};
}
inline ProcessExit signaled(int number) {
  return {ProcessExit::Kind::signaled, number};
}

/// What can be launched with in this build: sanitizers do not follow a child onto a stack of its own.
inline std::vector<LauncherKind> launcher_kinds() {
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
  return {LauncherKind::automatic};
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return {LauncherKind::automatic};
#else
  return {LauncherKind::automatic, LauncherKind::clone3, LauncherKind::clone, LauncherKind::posix_spawn};
#endif
}

/// What a process reported.
struct Captured {
  std::string out{};
  std::string err{};
  std::optional<ProcessExit> exit{};
  int exits = 0;
  std::optional<Error> failure{};

  ProcessEvents events() {
    return {[this](Stream stream, std::string_view bytes) { (stream == Stream::out ? out : err) += bytes; },
            [this](ProcessExit how) {
              exit = how;
              ++exits;
            },
            [this](Error why) { failure = std::move(why); }};
  }
};

using MakeRunner = std::function<std::unique_ptr<ProcessRunner>(boost::asio::io_context&)>;

/// Set: what loops use where a test asks for the usual runner.
inline MakeRunner usual_runner;

class ProcessLoop {
public:
  using Make = MakeRunner;

  explicit ProcessLoop(LauncherKind kind = LauncherKind::automatic)
      : runner_(usual_runner ? usual_runner(io_) : make_process_runner(io_, kind)) {}
  explicit ProcessLoop(const Make& make) : runner_(make(io_)) {}

  [[nodiscard]] ProcessRunner& runner() { return *runner_; }
  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  void destroy_runner() { runner_.reset(); }

  /// Runs the loop until the condition holds. False if that takes too long.
  [[nodiscard]] bool until(const std::function<bool()>& condition,
                           std::chrono::milliseconds at_most = std::chrono::seconds(20)) {
    const auto deadline = std::chrono::steady_clock::now() + at_most;
    while (!condition()) {
      if (std::chrono::steady_clock::now() >= deadline) return false;
      io_.restart();
      io_.run_one_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  [[nodiscard]] std::unique_ptr<Activity> start(const ProcessSpec& spec, Captured& captured) {
    auto activity = runner_->start(spec, captured.events());
    REQUIRE_MESSAGE(activity.has_value(), activity.error().message);
    return std::move(*activity);
  }

  /// From start to end.
  [[nodiscard]] Captured run(const ProcessSpec& spec) {
    Captured captured;
    const auto activity = start(spec, captured);
    REQUIRE(until([&] { return captured.exit.has_value(); }));
    CHECK(captured.exits == 1);
    return captured;
  }

private:
  boost::asio::io_context io_{1};
  std::unique_ptr<ProcessRunner> runner_;
};

/// Members of a process group that are not zombies.
inline int living_members(int group) {
  int count = 0;
  for (const ProcessLine& line : all_processes())
    count += line.group == group && line.state != 'Z' && line.state != 'X';
  return count;
}

/// Children of this process, zombies among them, but for a supervisor that lives.
inline int children() {
  int count = 0;
  for (const ProcessLine& line : all_processes()) {
    std::string name;
    if (line.parent != ::getpid()) continue;
    std::getline(std::ifstream("/proc/" + std::to_string(line.pid) + "/comm"), name);
    count += line.state == 'Z' || !name.starts_with("runbook-superv");
  }
  return count;
}

inline int open_descriptors() {
  int count = -1; // the one that reads the folder
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) ++count;
  return count;
}

} // namespace runbook::testing
