// The real process runner, on an Asio event loop.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>

namespace runbook {

/// Runs processes. Callbacks come on the thread that runs `io`. The runner must not outlive it.
[[nodiscard]] std::unique_ptr<ProcessRunner> make_process_runner(boost::asio::io_context& io);

} // namespace runbook
