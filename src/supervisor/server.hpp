// The supervisor: starts programs for the engine that has started it, and serves engines that come later. It ends when
// nothing runs and nobody wants anything of it any more.
//
// Ownership: owns its event loop and all of its parts. Thread-safety: one thread.
#pragma once

#include "process/descriptor.hpp"
#include "process/runner.hpp"
#include "supervisor/engine_link.hpp"
#include "supervisor/folder.hpp"
#include "supervisor/messages.hpp"
#include "supervisor/program.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace runbook::supervisor {

class Server {
public:
  Server(Folder folder, std::chrono::milliseconds idle);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  /// `engine` is the connection to the engine that has started this process. Returns when there is nothing more to do.
  void run(process::Descriptor engine);

private:
  void open_socket();
  void await_engines();
  void accept_engines();
  void add(process::Descriptor socket);
  [[nodiscard]] bool hear(const std::shared_ptr<EngineLink>& link, const Frame& frame);
  [[nodiscard]] bool greet(EngineLink& link, const Frame& frame);
  [[nodiscard]] bool start(const std::shared_ptr<EngineLink>& link, std::string_view fields);
  [[nodiscard]] bool attach(const std::shared_ptr<EngineLink>& link, std::string_view fields);
  [[nodiscard]] bool forget(std::string_view fields);
  void refuse(EngineLink& link, std::uint64_t id, Error error);
  void leave(const std::shared_ptr<EngineLink>& link);
  /// The program that the link calls so; null if there is none.
  [[nodiscard]] Program* find(const EngineLink& link, std::uint64_t id);
  [[nodiscard]] std::vector<pid_t> leaders() const;
  void await_stop();
  void await_kill();
  void reap_by_and_by();
  /// Ends this process when nothing is left to do, or begins to wait for that.
  void look_around();
  void wait_idly();
  void say_staying();

  boost::asio::io_context io_{1};
  Folder folder_;
  std::chrono::milliseconds idle_;
  std::string owner_;
  std::string claims_;
  std::string socket_name_; // empty: no engine can come later
  boost::asio::posix::stream_descriptor listener_{io_};
  std::unique_ptr<ProcessRunner> runner_;
  Program::Surroundings around_;
  std::unordered_map<std::string, std::shared_ptr<Program>> programs_; // by key
  std::unordered_map<const EngineLink*, std::unordered_map<std::uint64_t, std::weak_ptr<Program>>> numbers_;
  std::list<std::shared_ptr<EngineLink>> links_;
  std::list<std::shared_ptr<EngineLink>> leaving_; // they say nothing more, and may listen
  boost::asio::steady_timer idle_timer_{io_};
  boost::asio::steady_timer reap_timer_{io_};
  boost::asio::steady_timer accept_timer_{io_};
  boost::asio::signal_set stop_signal_{io_};
  boost::asio::signal_set kill_signal_{io_};
  bool asked_to_end_ = false;
  bool waits_ = false; // for the end of `idle_`
};

} // namespace runbook::supervisor
