// A process runner whose programs outlive this process: a supervisor of their own starts them, and what they say and
// how they end can be taken up by who comes later.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace runbook {

struct SupervisorOptions {
  std::string program;                   ///< of the supervisor; see `find_supervisor`
  std::string folder;                    ///< shared by all that may take up from each other; made when it is needed
  std::chrono::milliseconds idle{60000}; ///< how long a supervisor waits for who takes up what it has
};

/// Runs processes as `make_process_runner` does, with the same rules for threads. A supervisor is started with the
/// first program that has a name; programs without one run in this process. Where the runner ends, it ends what runs;
/// where this process is killed, programs with a name go on.
///
/// Beside what `ProcessRunner::start` says: a program that cannot be executed is reported by `on_failed`, if that is
/// set; without it `start` waits for the supervisor's word. If the supervisor is killed, `on_failed` says
/// `errc::in_doubt`, also after output, or `on_exit` that the end is unknown. The program finds the variable
/// RUNBOOK_STARTED_BY in its environment, by which its descendants are known: a stop reaches them wherever they went.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_supervised_runner(boost::asio::io_context& io,
                                                                    SupervisorOptions options);

} // namespace runbook
