// Supervisors for tests: a loop whose programs they look after, and what can be seen of them from outside.
#pragma once

#include "supervisor/supervised_runner.hpp"
#include "support/processes.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <signal.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

namespace runbook::testing {

inline ProcessLoop::Make supervised(std::string folder, std::chrono::milliseconds idle = std::chrono::seconds(60),
                                    std::string program = RUNBOOK_SUPERVISOR_PROGRAM) {
  return [options = SupervisorOptions{std::move(program), std::move(folder), idle}](boost::asio::io_context& io) {
    return make_supervised_runner(io, options);
  };
}

inline ProcessSpec named(std::string name, ProcessSpec spec) {
  spec.name = std::move(name);
  return spec;
}
inline ProcessSpec taking_up(std::string name) {
  ProcessSpec spec = named(std::move(name), sh("exit 99"));
  spec.take_up = true;
  return spec;
}

/// Waits for something that no event tells of.
inline bool becomes_true(const std::function<bool()>& condition,
                         std::chrono::milliseconds at_most = std::chrono::seconds(20)) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

/// The files of a folder whose names end so.
inline std::vector<std::string> files_ending(const std::string& folder, std::string_view ending) {
  std::vector<std::string> found;
  if (!std::filesystem::exists(folder)) return found;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().ends_with(ending)) found.push_back(entry.path().string());
  }
  return found;
}

/// The number of the only supervisor that listens in the folder.
inline int supervisor_in(const std::string& folder) {
  const auto sockets = files_ending(folder, ".socket");
  REQUIRE(sockets.size() == 1);
  return std::stoi(std::filesystem::path(sockets.front()).filename().string());
}

inline bool lives(int pid) {
  for (const ProcessLine& line : all_processes()) {
    if (line.pid == pid) return line.state != 'Z' && line.state != 'X';
  }
  return false;
}
inline char state_of(int pid) {
  for (const ProcessLine& line : all_processes()) {
    if (line.pid == pid) return line.state;
  }
  return '?';
}

/// A supervisor that does not go on, until the object goes.
class Suspended {
public:
  explicit Suspended(int pid) : pid_(pid) {
    ::kill(pid_, SIGSTOP);
    REQUIRE(becomes_true([&] { return state_of(pid_) == 'T'; }));
  }
  ~Suspended() { ::kill(pid_, SIGCONT); }
  Suspended(const Suspended&) = delete;
  Suspended& operator=(const Suspended&) = delete;

private:
  int pid_;
};

/// All that the files of a folder hold.
inline std::string everything_in(const std::string& folder) {
  std::string all;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path(), std::ios::binary);
    all.append(std::istreambuf_iterator<char>(file), {});
  }
  return all;
}

inline bool over(const Captured& captured) {
  return captured.exit.has_value() || captured.failure.has_value();
}

} // namespace runbook::testing
