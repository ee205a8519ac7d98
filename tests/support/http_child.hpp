// Servers for the HTTP tests, as child processes of the test that end with it.
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <system_error>
#include <vector>

extern char** environ;

namespace http_test {

inline void require(bool ok, const std::string& what) {
  if (!ok) throw std::system_error(errno, std::generic_category(), what);
}

/// A descriptor that is closed with its owner.
class Descriptor {
public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  [[nodiscard]] int get() const { return number_; }

private:
  int number_;
};

/// A folder that is removed with its owner.
class TempFolder {
public:
  TempFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "runbook-http-XXXXXX").string();
    require(::mkdtemp(name.data()) != nullptr, "mkdtemp");
    path_ = name;
    std::filesystem::permissions(path_, std::filesystem::perms{0755});
  }
  ~TempFolder() { std::filesystem::remove_all(path_); }
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;

  [[nodiscard]] std::string file(const std::string& name) const { return (path_ / name).string(); }
  std::string write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    std::ofstream{path_ / name, std::ios::binary} << text;
    return file(name);
  }

private:
  std::filesystem::path path_;
};

/// A child process. Its standard input and output are pipes to the test; it is killed with its owner.
class Child {
public:
  /// `passed`: a descriptor that it gets under the same number, or -1.
  Child(const std::vector<std::string>& command, const std::vector<std::string>& more_environment = {},
        int passed = -1) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    require(::pipe2(in.data(), O_CLOEXEC) == 0 && ::pipe2(out.data(), O_CLOEXEC) == 0, "pipe2");
    const Descriptor their_in{in[0]};
    const Descriptor their_out{out[1]};
    in_ = Descriptor{in[1]};
    out_ = Descriptor{out[0]};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, their_in.get(), 0);
    ::posix_spawn_file_actions_adddup2(&actions, their_out.get(), 1);
    if (passed >= 0) ::posix_spawn_file_actions_adddup2(&actions, passed, passed); // clears close-on-exec
    std::vector<char*> arguments = pointers(command);
    std::vector<char*> environment = pointers(more_environment);
    environment.pop_back();
    for (char** variable = environ; *variable != nullptr; ++variable) environment.push_back(*variable);
    environment.push_back(nullptr);
    errno = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    require(errno == 0, "cannot start " + command[0]);
  }
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  /// The next line that it prints.
  std::string read_line() {
    std::string line;
    char c = 0;
    while (::read(out_.get(), &c, 1) == 1 && c != '\n') line += c;
    return line;
  }
  /// Waits for its end.
  int exit_status() {
    int status = -1;
    require(::waitpid(pid_, &status, 0) == pid_, "waitpid");
    pid_ = 0;
    return status;
  }
  void send_signal(int number) const { ::kill(pid_, number); }

private:
  static std::vector<char*> pointers(const std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (const std::string& text : texts) result.push_back(const_cast<char*>(text.c_str()));
    result.push_back(nullptr);
    return result;
  }

  pid_t pid_ = 0;
  Descriptor in_;
  Descriptor out_;
};

/// Runs a program to its end and requires that it succeeds.
inline void run(const std::vector<std::string>& command) {
  Child child{command};
  const int status = child.exit_status();
  if (status != 0) throw std::runtime_error(command[0] + " " + command[1] + " failed: " + std::to_string(status));
}

} // namespace http_test
