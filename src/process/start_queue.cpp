#include "process/start_queue.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>

namespace runbook::process {

namespace {

class QueuedActivity final : public ProcessActivity {
public:
  QueuedActivity(boost::asio::io_context& io, std::shared_ptr<QueuedStart> start) : io_(io), start_(std::move(start)) {}
  ~QueuedActivity() override { start_->abandon(); }
  QueuedActivity(const QueuedActivity&) = delete;
  QueuedActivity& operator=(const QueuedActivity&) = delete;

  void stop() override {
    boost::asio::dispatch(io_, [start = start_] { start->stop(); });
  }
  [[nodiscard]] pid_t pid() const override { return start_->process() ? start_->process()->pid() : -1; }
  void hold_output(bool held) override { start_->hold_output(held); }
  void kill() override { start_->process() ? start_->process()->kill() : start_->stop(); }

private:
  boost::asio::io_context& io_;
  std::shared_ptr<QueuedStart> start_;
};

Error stopped_before_start(const ProcessSpec& spec) {
  return {errc::cancelled, "stopped before '" + spec.program + "' was started", {}};
}

} // namespace

void QueuedStart::began(std::shared_ptr<RunningProcess> process) {
  process_ = std::move(process);
  process_->hold_output(held_);
  process_->report_to(std::exchange(events_, {}));
}

void QueuedStart::fail(Error error) {
  const ProcessEvents events = std::exchange(events_, {});
  events.on_failed(std::move(error));
}

void QueuedStart::stop() {
  if (process_) return process_->stop();
  if (stopped_ || !is_linked()) return;
  stopped_ = true;
  queue_.put_first(*this);
}

void QueuedStart::hold_output(bool held) {
  held_ = held;
  if (process_) process_->hold_output(held);
}

void QueuedStart::abandon() {
  if (process_) return process_->abandon();
  unlink();
  const ProcessEvents forgotten = std::exchange(events_, {});
}

std::unique_ptr<Activity> StartQueue::add(const ProcessSpec& spec, ProcessEvents events) {
  auto start = std::make_shared<QueuedStart>(*this, spec, std::move(events));
  starts_.push_back(*start);
  return std::make_unique<QueuedActivity>(io_, std::move(start));
}

void StartQueue::retry() {
  if (retrying_ || starts_.empty()) return;
  retrying_ = true;
  boost::asio::post(io_, [self = std::weak_ptr<StartQueue*>(self_)] {
    if (const auto queue = self.lock()) (*queue)->launch_all();
  });
}

void StartQueue::put_first(QueuedStart& start) {
  start.unlink();
  starts_.push_front(start);
  retry();
}

void StartQueue::launch_all() {
  retrying_ = false;
  while (!starts_.empty()) {
    const auto start = starts_.front().shared_from_this();
    const Result<bool> launched = start->stopped() ? stopped_before_start(start->spec()) : launch_(*start);
    if (launched.has_value() && !*launched) return;
    start->unlink();
    if (launched.has_value()) continue;
    retry(); // those behind it have their turn even if the callback destroys this
    return start->fail(launched.error());
  }
}

void StartQueue::clear() {
  while (!starts_.empty()) {
    const auto start = starts_.front().shared_from_this();
    start->abandon();
  }
}

} // namespace runbook::process
