// Starting a supervisor, and taking its zombie away.
#pragma once

#include "process/launcher.hpp"

#include <runbook/error.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace runbook::supervisor {

struct LaunchedSupervisor {
  process::Descriptor connection{};
  process::Descriptor pidfd{};
};

/// Fails with `errc::exec_failed`. The program gets a session of its own and no descriptor but the connection, and of
/// this process's environment only what the dynamic loader and sanitizers need.
[[nodiscard]] Result<LaunchedSupervisor> launch_supervisor(const std::string& program, const std::string& folder,
                                                           std::chrono::milliseconds idle);

/// Waits for a supervisor's end, by its pidfd. Kept alive by its wait.
class SupervisorEnd : public std::enable_shared_from_this<SupervisorEnd> {
public:
  SupervisorEnd(boost::asio::io_context& io, process::Descriptor pidfd) : pidfd_(io, pidfd.release()) {}
  void watch();
  /// Waits here, but no longer than that.
  void await(std::chrono::milliseconds at_most);

private:
  boost::asio::posix::stream_descriptor pidfd_;
};

} // namespace runbook::supervisor
