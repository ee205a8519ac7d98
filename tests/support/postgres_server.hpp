// A PostgreSQL server for tests: a real one, in a folder of its own, reached through a Unix socket only, and gone with
// the object. It can be killed and started again.
//
// PostgreSQL refuses to run as root: then it runs as the user `postgres`.
#pragma once

#include "support/process_lines.hpp"
#include "support/temp_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

extern char** environ;

namespace runbook::testing {

/// The folder of the newest server programs: Debian's, or those in the path.
inline std::string postgres_programs() {
  std::string newest;
  int version = 0;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", none)) {
    const int found = std::atoi(entry.path().filename().c_str());
    if (found <= version || !std::filesystem::exists(entry.path() / "bin/postgres")) continue;
    version = found;
    newest = (entry.path() / "bin").string() + "/";
  }
  return newest;
}

class PostgresServer {
public:
  /// `settings`: of the server, as in "fsync=off".
  explicit PostgresServer(std::vector<std::string> settings = {}) : settings_(std::move(settings)) {
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    const int status =
        wait_for(spawn({programs_ + "initdb", "--pgdata=" + data(), "--auth=trust", "--username=postgres",
                        "--encoding=UTF8", "--no-locale", "--no-instructions", "--no-sync"},
                       "initdb.log"));
    if (status != 0) throw std::runtime_error("initdb failed: " + folder_.read("initdb.log"));
    start();
  }
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;
  ~PostgresServer() { end(SIGQUIT); }

  /// The folder of its socket.
  [[nodiscard]] std::string folder() const { return folder_.path().string(); }
  [[nodiscard]] static std::string socket_in(const std::string& folder) { return folder + "/.s.PGSQL.5432"; }
  [[nodiscard]] std::string connection() const { return connection_through(folder()); }
  [[nodiscard]] static std::string connection_through(const std::string& folder) {
    return "host=" + folder + " user=postgres dbname=postgres";
  }
  [[nodiscard]] std::string log() const { return folder_.read("server.log"); }

  void start() {
    std::filesystem::remove(data() + "/postmaster.pid"); // of one that was killed
    std::vector<std::string> command{programs_ + "postgres", "-D", data(), "-k", folder(), "-c", "listen_addresses="};
    for (const std::string& setting : settings_) command.insert(command.end(), {"-c", setting});
    pid_ = spawn(command, "server.log");
    while (!is_ready()) {
      if (::waitpid(pid_, nullptr, WNOHANG) == pid_) throw std::runtime_error("the server ended: " + log());
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  /// With all its processes at once, as if the host had lost its power; what the system has cached stays.
  void kill() {
    std::vector<int> family{pid_};
    for (const ProcessLine& line : all_processes()) {
      if (line.parent == pid_) family.push_back(line.pid);
    }
    for (const int pid : family) ::kill(pid, SIGKILL);
    wait_for(std::exchange(pid_, -1));
    const auto lives = [&](const ProcessLine& line) {
      return std::find(family.begin(), family.end(), line.pid) != family.end() && line.state != 'Z' &&
             line.state != 'X';
    };
    for (auto all = all_processes(); std::any_of(all.begin(), all.end(), lives); all = all_processes()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }
  /// As its administrator stops it: it throws its clients out.
  void stop() { end(SIGINT); }
  /// All its processes stand still, or go on.
  void freeze(bool still) const {
    for (const ProcessLine& line : all_processes()) {
      if (line.parent == pid_ || line.pid == pid_) ::kill(line.pid, still ? SIGSTOP : SIGCONT);
    }
  }

  /// What `psql` prints for a statement, without its last line end.
  [[nodiscard]] std::string psql(const std::string& sql) const {
    const std::string name = "psql-" + std::to_string(++statements_) + ".log";
    const int status = wait_for(
        spawn({"psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-h", folder(), "-U", "postgres", "-d", "postgres", "-c", sql},
              name));
    std::string text = folder_.read(name);
    while (!text.empty() && text.back() == '\n') text.pop_back();
    if (status != 0) throw std::runtime_error("psql failed: " + text);
    return text;
  }

private:
  [[nodiscard]] std::string data() const { return folder_ / "data"; }

  [[nodiscard]] bool is_ready() const {
    return folder_.read("data/postmaster.pid").find("\nready") != std::string::npos;
  }

  /// As a user who is not root, with its output in this file; it dies with this process.
  [[nodiscard]] pid_t spawn(std::vector<std::string> command, const std::string& log) const {
    std::vector<std::string> words{"setpriv", "--pdeathsig", "KILL"};
    if (::getuid() == 0) words.insert(words.end(), {"--reuid=postgres", "--regid=postgres", "--clear-groups"});
    words.insert(words.end(), command.begin(), command.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string file = folder_ / log;
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, file.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    pid_t pid = -1;
    const int code = ::posix_spawnp(&pid, "setpriv", &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (code != 0) throw std::runtime_error("cannot start setpriv");
    return pid;
  }
  static int wait_for(pid_t pid) {
    int status = -1;
    ::waitpid(pid, &status, 0);
    return status;
  }
  void end(int signal) {
    if (pid_ <= 0) return;
    freeze(false);
    ::kill(pid_, signal);
    wait_for(std::exchange(pid_, -1));
  }

  TempFolder folder_;
  std::string programs_ = postgres_programs();
  std::vector<std::string> settings_;
  pid_t pid_ = -1;
  mutable std::atomic<int> statements_{0};
};

} // namespace runbook::testing
