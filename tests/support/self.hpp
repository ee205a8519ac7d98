// Starting the test program again as another process, to be killed or to compete. The other process runs one case that
// is marked `doctest::skip()`, so that it never runs by itself.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace runbook::testing {

class OtherProcess {
public:
  /// Runs the case with these environment variables besides this process's own.
  OtherProcess(const std::string& test_case, const std::map<std::string, std::string>& environment) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe2 failed");
    output_ = ends[0];
    std::vector<std::string> words;
    for (char** word = environ; *word != nullptr; ++word) words.emplace_back(*word);
    for (const auto& [name, value] : environment) words.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (std::string& word : words) variables.push_back(word.data());
    variables.push_back(nullptr);
    std::string program = "/proc/self/exe";
    std::string filter = "--test-case=" + test_case;
    std::string quiet = "--minimal";
    std::string no_skip = "--no-skip";
    char* arguments[] = {program.data(), filter.data(), quiet.data(), no_skip.data(), nullptr};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    const int code = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, variables.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    if (code != 0) throw std::runtime_error("posix_spawn failed");
  }
  OtherProcess(const OtherProcess&) = delete;
  OtherProcess& operator=(const OtherProcess&) = delete;
  ~OtherProcess() {
    if (pid_ > 0) kill();
    ::close(output_);
  }

  /// The next line that it prints; empty at the end.
  std::string line() {
    std::string text;
    char byte = 0;
    while (::read(output_, &byte, 1) == 1 && byte != '\n') text += byte;
    return text;
  }
  void signal(int number) const { ::kill(pid_, number); }
  void kill() {
    signal(SIGKILL);
    wait();
  }
  /// Waits for its end and gives its exit code, or minus the signal's number.
  int wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

private:
  pid_t pid_ = -1;
  int output_ = -1;
};

/// In the other process: one of the variables that it was given.
inline std::string given(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

/// In the other process: prints a line at once.
inline void say(const std::string& text) {
  const std::string line = text + "\n";
  if (::write(1, line.data(), line.size()) < 0) std::_Exit(1);
}

} // namespace runbook::testing
