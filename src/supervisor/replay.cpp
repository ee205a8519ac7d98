#include "supervisor/replay.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace runbook::supervisor {

namespace {

/// Before others have their turn on the event loop.
constexpr int pieces_at_a_time = 16;

class Replay : public std::enable_shared_from_this<Replay> {
public:
  Replay(boost::asio::io_context& io, KeptOutput output, End end, ProcessEvents events)
      : io_(io), output_(std::move(output)), end_(std::move(end)), events_(std::move(events)) {}

  void go_on() {
    boost::asio::post(io_, [self = shared_from_this()] { self->report(); });
  }
  void abandon() {
    abandoned_ = true;
    if (!reporting_) const ProcessEvents forgotten = std::exchange(events_, {});
  }

private:
  void report() {
    reporting_ = true;
    for (int i = 0; i < pieces_at_a_time && !abandoned_; ++i) {
      const auto piece = output_.next(heard_);
      if (!piece) return finish();
      if (piece->lost > 0 && events_.on_lost) events_.on_lost(piece->stream, piece->lost);
      if (!piece->bytes.empty() && events_.on_output) events_.on_output(piece->stream, piece->bytes);
    }
    reporting_ = false;
    if (!abandoned_) return go_on();
    const ProcessEvents forgotten = std::exchange(events_, {});
  }

  void finish() {
    const ProcessEvents events = std::exchange(events_, {});
    if (end_.has_result && events.on_result) events.on_result(view(end_.result), end_.result_size);
    if (!abandoned_ && events.on_exit) events.on_exit(end_.exit);
  }

  boost::asio::io_context& io_;
  KeptOutput output_;
  KeptOutput::Position heard_;
  End end_;
  ProcessEvents events_;
  bool abandoned_ = false;
  bool reporting_ = false; // a callback is on the stack
};

/// There is nothing left to be stopped.
class ReplayActivity final : public Activity {
public:
  explicit ReplayActivity(std::shared_ptr<Replay> replay) : replay_(std::move(replay)) {}
  ~ReplayActivity() override { replay_->abandon(); }
  ReplayActivity(const ReplayActivity&) = delete;
  ReplayActivity& operator=(const ReplayActivity&) = delete;
  void stop() override {}

private:
  std::shared_ptr<Replay> replay_;
};

/// Where the file is not what the record says, all of it counts as lost.
KeptOutput open_output(const Folder& folder, const std::string& key, KeptOutput::Summary summary) {
  const std::string file = key + ".out";
  KeptOutput::Summary lost{0, {summary.lost[0] + summary.in_file, summary.lost[1]}, {}};
  auto kept = KeptOutput::open(folder.descriptor(), file, std::move(summary));
  if (!kept) kept = KeptOutput::open(folder.descriptor(), file, std::move(lost));
  return std::move(*kept);
}

} // namespace

Result<std::unique_ptr<Activity>> replay(boost::asio::io_context& io, const Folder& folder, const std::string& key,
                                         EndRecord record, ProcessEvents events) {
  if (record.end.failure) return std::move(*record.end.failure);
  auto replay = std::make_shared<Replay>(io, open_output(folder, key, std::move(record.output)), std::move(record.end),
                                         std::move(events));
  replay->go_on();
  return std::make_unique<ReplayActivity>(std::move(replay));
}

} // namespace runbook::supervisor
