// The fakes of the outside world.
#include <runbook/testing.hpp>

#include <algorithm>
#include <condition_variable>

#include <fmt/format.h>

namespace runbook::testing {

struct FakeTimers::State {
  struct Timer {
    std::uint64_t id;
    std::chrono::milliseconds due;
    std::function<void(bool)> done;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::chrono::milliseconds now{0};
  std::uint64_t last = 0;
  std::vector<Timer> waiting;

  /// The timer, which is under way no more; nothing if it has ended.
  std::function<void(bool)> take(std::uint64_t id) {
    const std::scoped_lock lock(mutex);
    const auto found = std::ranges::find(waiting, id, &Timer::id);
    if (found == waiting.end()) return nullptr;
    auto done = std::move(found->done);
    waiting.erase(found);
    return done;
  }

  /// The first of those whose time is over.
  std::function<void(bool)> take_due() {
    const std::scoped_lock lock(mutex);
    const auto next = std::ranges::min_element(waiting, {}, &Timer::due);
    if (next == waiting.end() || next->due > now) return nullptr;
    auto done = std::move(next->done);
    waiting.erase(next);
    return done;
  }
};

FakeTimers::FakeTimers() : state_(std::make_shared<State>()) {}

bool FakeTimers::await(std::size_t count) {
  std::unique_lock lock(state_->mutex);
  return state_->changed.wait_for(lock, std::chrono::seconds(30), [&] { return state_->waiting.size() >= count; });
}

void FakeTimers::advance(std::chrono::milliseconds time) {
  {
    const std::scoped_lock lock(state_->mutex);
    state_->now += time;
  }
  while (const auto done = state_->take_due()) done(true);
}

std::unique_ptr<Activity> FakeTimers::start(std::chrono::milliseconds time, std::function<void(bool over)> done) {
  class Timer final : public Activity {
  public:
    Timer(std::shared_ptr<State> state, std::uint64_t id) : state_(std::move(state)), id_(id) {}
    ~Timer() override { static_cast<void>(state_->take(id_)); }
    void stop() override {
      if (const auto done = state_->take(id_)) done(false);
    }

  private:
    std::shared_ptr<State> state_;
    std::uint64_t id_;
  };
  const std::scoped_lock lock(state_->mutex);
  state_->waiting.push_back({++state_->last, state_->now + time, std::move(done)});
  state_->changed.notify_all();
  return std::make_unique<Timer>(state_, state_->last);
}

void FakeFiles::put(const std::string& path, std::string text, std::uint32_t mode) {
  const std::scoped_lock lock(mutex_);
  files_[path] = {std::move(text), mode};
}

std::optional<FakeFiles::Entry> FakeFiles::get(const std::string& path) const {
  const std::scoped_lock lock(mutex_);
  const auto found = files_.find(path);
  return found == files_.end() ? std::nullopt : std::optional(found->second);
}

void FakeFiles::fail(std::string message) {
  const std::scoped_lock lock(mutex_);
  failure_ = std::move(message);
}

Result<bool> FakeFiles::replace(const FileChange& change) {
  const std::scoped_lock lock(mutex_);
  if (!failure_.empty()) return Error{errc::io_error, failure_, {}};
  const auto found = files_.find(change.path);
  const std::optional<Entry> before = found == files_.end() ? std::nullopt : std::optional(found->second);
  const Entry after{change.text, change.mode.value_or(before ? before->mode : Entry{}.mode)};
  if (before && before->text == after.text && before->mode == after.mode) return false;
  if (!change.backup.empty()) kept_.try_emplace(change.backup, before);
  files_[change.path] = after;
  return true;
}

Result<bool> FakeFiles::restore(const std::string& path, const std::string& backup) {
  const std::scoped_lock lock(mutex_);
  if (!failure_.empty()) return Error{errc::io_error, failure_, {}};
  const auto kept = kept_.extract(backup);
  if (kept.empty()) return false;
  if (kept.mapped()) {
    files_[path] = *kept.mapped();
  } else {
    files_.erase(path);
  }
  return true;
}

Result<User> FakeUsers::find(const std::string& name) {
  if (name == own_.name) return own_;
  const auto found = std::ranges::find(others_, name, &User::name);
  if (found != others_.end()) return *found;
  return Error{errc::not_found, fmt::format("there is no user '{}' on this machine", name), {}};
}

} // namespace runbook::testing
