// Ending what a stopped program has left behind outside of its session: asked with SIGTERM, then killed, round by
// round, until nothing is left or the time is over.
//
// Ownership: kept alive by its timer. Thread-safety: belongs to the thread of the event loop.
#pragma once

#include "supervisor/below.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace runbook::supervisor {

class Hunt : public std::enable_shared_from_this<Hunt> {
public:
  struct Target {
    std::string key;
    std::vector<Known> known;        ///< what was seen of it
    std::chrono::milliseconds grace; ///< between SIGTERM and SIGKILL
    std::chrono::milliseconds settle;
  };

  Hunt(boost::asio::io_context& io, Target target, std::function<std::vector<pid_t>()> other_leaders)
      : timer_(io), target_(std::move(target)), other_leaders_(std::move(other_leaders)) {}
  /// Calls `done` in the end; at once, if nothing is left.
  void begin(std::function<void()> done);

private:
  void round();

  boost::asio::steady_timer timer_;
  Target target_;
  std::function<std::vector<pid_t>()> other_leaders_;
  std::function<void()> done_;
  std::vector<Known> asked_;
  std::chrono::steady_clock::time_point kill_at_;
  std::chrono::steady_clock::time_point give_up_at_;
  std::chrono::milliseconds pause_{2};
};

} // namespace runbook::supervisor
