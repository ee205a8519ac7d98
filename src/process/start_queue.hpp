// Starts that wait: the host has too few descriptors, processes or memory left, and programs that run will give some
// back.
//
// Ownership: a queued start belongs to its `Activity`; the queue lists it only while it waits. Thread-safety: belongs
// to the thread of the event loop.
#pragma once

#include "process/running_process.hpp"
#include "secret/wiping.hpp"

#include <runbook/system.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/intrusive/list.hpp>
#include <boost/intrusive/list_hook.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace runbook::process {

class StartQueue;

/// A start that waits, and the process that becomes of it.
class QueuedStart final
    : public std::enable_shared_from_this<QueuedStart>,
      public boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>> {
public:
  QueuedStart(StartQueue& queue, ProcessSpec spec, ProcessEvents events)
      : queue_(queue), spec_(std::move(spec)), events_(std::move(events)) {}
  /// What waited may have held secrets.
  ~QueuedStart() {
    for (std::string& variable : spec_.environment) wipe(variable);
  }
  QueuedStart(const QueuedStart&) = delete;
  QueuedStart& operator=(const QueuedStart&) = delete;

  [[nodiscard]] const ProcessSpec& spec() const noexcept { return spec_; }
  [[nodiscard]] bool stopped() const noexcept { return stopped_; }
  /// Null until it has been launched.
  [[nodiscard]] RunningProcess* process() const noexcept { return process_.get(); }

  void began(std::shared_ptr<RunningProcess> process);
  /// Tells it; that may destroy anything but this.
  void fail(Error error);
  /// It was never launched and will not be, or its process is stopped. The end is reported as always.
  void stop();
  void hold_output(bool held);
  /// It is never launched, or its process is killed. Reports nothing any more.
  void abandon();

private:
  StartQueue& queue_; // lives while this is listed
  ProcessSpec spec_;
  ProcessEvents events_;
  std::shared_ptr<RunningProcess> process_; // once it has been launched
  bool stopped_ = false;
  bool held_ = false;
};

class StartQueue {
public:
  /// Launches a start, which then has its process: true. False: it has to wait on.
  using Launch = std::function<Result<bool>(QueuedStart&)>;

  StartQueue(boost::asio::io_context& io, Launch launch) : io_(io), launch_(std::move(launch)) {}
  ~StartQueue() { clear(); }
  StartQueue(const StartQueue&) = delete;
  StartQueue& operator=(const StartQueue&) = delete;

  [[nodiscard]] bool empty() const noexcept { return starts_.empty(); }
  [[nodiscard]] std::unique_ptr<Activity> add(const ProcessSpec& spec, ProcessEvents events);
  /// Something was given back: launches what it is enough for, first come, first served, from the event loop.
  void retry();
  /// The start was stopped: it need not wait for its turn.
  void put_first(QueuedStart& start);
  /// None of them is launched, and nothing is reported.
  void clear();

private:
  void launch_all();

  boost::asio::io_context& io_;
  Launch launch_;
  boost::intrusive::list<QueuedStart, boost::intrusive::constant_time_size<false>> starts_;
  bool retrying_ = false;
  std::shared_ptr<StartQueue*> self_ = std::make_shared<StartQueue*>(this); // tells the event loop that this lives
};

} // namespace runbook::process
