#include "system/timers.hpp"

#include <boost/asio/steady_timer.hpp>

#include <utility>

namespace runbook {

namespace {

struct Waiting {
  explicit Waiting(boost::asio::io_context& io) : timer(io) {}
  boost::asio::steady_timer timer;
  bool silent = false; // nobody is there any more to be told
};

class Timer final : public Activity {
public:
  explicit Timer(std::shared_ptr<Waiting> waiting) : waiting_(std::move(waiting)) {}
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() override {
    waiting_->silent = true;
    waiting_->timer.cancel();
  }
  void stop() override { waiting_->timer.cancel(); }

private:
  std::shared_ptr<Waiting> waiting_;
};

class LoopTimers final : public Timers {
public:
  explicit LoopTimers(boost::asio::io_context& io) : io_(io) {}

  std::unique_ptr<Activity> start(std::chrono::milliseconds time, std::function<void(bool over)> done) override {
    const auto waiting = std::make_shared<Waiting>(io_);
    waiting->timer.expires_after(time);
    waiting->timer.async_wait([waiting, done = std::move(done)](const auto& error) {
      if (!waiting->silent) done(!error);
    });
    return std::make_unique<Timer>(waiting);
  }

private:
  boost::asio::io_context& io_;
};

} // namespace

std::shared_ptr<Timers> make_timers(boost::asio::io_context& io) {
  return std::make_shared<LoopTimers>(io);
}

} // namespace runbook
