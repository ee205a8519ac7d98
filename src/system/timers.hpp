// Timers on the engine's event loop.
#pragma once

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>

#include <memory>

namespace runbook {

/// The loop must outlive the timers. For one thread: the one that runs the loop.
[[nodiscard]] std::shared_ptr<Timers> make_timers(boost::asio::io_context& io);

} // namespace runbook
