#include "supervisor/remote_program.hpp"

#include "supervisor/connection.hpp"

#include <boost/asio/dispatch.hpp>

namespace runbook::supervisor {

namespace {

class RemoteActivity final : public Activity {
public:
  RemoteActivity(boost::asio::io_context& io, std::shared_ptr<RemoteProgram> program)
      : io_(io), program_(std::move(program)) {}
  ~RemoteActivity() override { program_->drop(); }
  RemoteActivity(const RemoteActivity&) = delete;
  RemoteActivity& operator=(const RemoteActivity&) = delete;

  void stop() override {
    boost::asio::dispatch(io_, [program = program_] { program->stop(); });
  }

private:
  boost::asio::io_context& io_;
  std::shared_ptr<RemoteProgram> program_;
};

} // namespace

std::unique_ptr<Activity> RemoteProgram::activity(boost::asio::io_context& io, std::shared_ptr<RemoteProgram> program) {
  return std::make_unique<RemoteActivity>(io, std::move(program));
}

void RemoteProgram::belongs_to(const std::shared_ptr<Connection>& connection, std::uint64_t id) {
  connection_ = connection;
  id_ = id;
}

template <class Call>
void RemoteProgram::report(Call call) {
  if (over_) return;
  const auto self = shared_from_this();
  reporting_ = true;
  call();
  reporting_ = false;
  if (over_) const ProcessEvents forgotten = std::exchange(events_, {});
}

void RemoteProgram::output(Stream stream, std::string_view bytes) {
  report([&] {
    if (events_.on_output) events_.on_output(stream, bytes);
  });
}

void RemoteProgram::lost(Stream stream, std::uint64_t size) {
  report([&] {
    if (events_.on_lost) events_.on_lost(stream, size);
  });
}

void RemoteProgram::ended(const End& end) {
  if (end.failure) return failed(*end.failure);
  if (over_) return;
  const auto self = shared_from_this();
  const ProcessEvents events = std::exchange(events_, {});
  if (end.has_result && events.on_result) events.on_result(view(end.result), end.result_size);
  const bool dropped = std::exchange(over_, true);
  if (!dropped && events.on_exit) events.on_exit(end.exit);
}

void RemoteProgram::failed(Error error) {
  if (std::exchange(over_, true)) return;
  const auto self = shared_from_this();
  const ProcessEvents events = std::exchange(events_, {});
  if (events.on_failed) return events.on_failed(std::move(error));
  if (events.on_exit) events.on_exit({}); // nobody asked to be told more exactly
}

void RemoteProgram::drop() {
  if (std::exchange(over_, true)) return;
  if (!reporting_) const ProcessEvents forgotten = std::exchange(events_, {});
  if (const auto connection = connection_.lock()) connection->drop(id_);
}

ProcessEvents RemoteProgram::take_events() {
  over_ = true;
  if (const auto connection = connection_.lock()) connection->release(id_);
  return std::exchange(events_, {});
}

void RemoteProgram::stop() {
  if (over_) return;
  if (const auto connection = connection_.lock()) connection->stop(id_);
}

} // namespace runbook::supervisor
