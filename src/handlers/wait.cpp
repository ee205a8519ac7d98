// The wait handler: a timer of the engine's, and no thread.
#include "block_languages.hpp"
#include "handlers/builtin.hpp"
#include "handlers/invalid_parameter.hpp"
#include "markdown/duration.hpp"
#include "printable.hpp"

#include <runbook/system.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::string_view times = "write 500ms, 90s, 5m or 1h30m; at most 366 days";

std::optional<std::chrono::milliseconds> duration_of(const Values& params) {
  const Value* duration = params.if_contains("duration");
  if (duration == nullptr || !duration->is_string()) return std::nullopt;
  return markdown::parse_duration(std::string_view(duration->get_string()));
}

/// One attempt: held by the timer's callback, and gone with it.
class WaitAttempt : public std::enable_shared_from_this<WaitAttempt> {
public:
  WaitAttempt(StepContext& context, Completion done, std::chrono::milliseconds time)
      : context_(context), done_(std::move(done)), time_(time) {}

  void start() {
    if (context_.stop_token().stop_requested()) return end(false);
    const std::scoped_lock lock(mutex_);
    timer_ = context_.system().timers.start(time_, [self = shared_from_this()](bool over) { self->end(over); });
    stop_.emplace(context_.stop_token(), [this] { timer_->stop(); });
  }

private:
  void end(bool over) {
    {
      const std::scoped_lock lock(mutex_);
      stop_.reset();
    }
    if (over) return done_(Outcome{OutcomeStatus::ok, Value{{"waited_ms", time_.count()}}, {}});
    done_(Outcome{OutcomeStatus::cancelled, nullptr, "stopped before the time was over"});
  }

  StepContext& context_;
  Completion done_;
  std::chrono::milliseconds time_;
  std::recursive_mutex mutex_; // the end may come on another thread, or out of a stop, before the start is done
  std::unique_ptr<Activity> timer_;
  std::optional<std::stop_callback<std::function<void()>>> stop_; // destroyed before the timer that it stops
};

class WaitHandler final : public Handler {
public:
  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override {
    std::vector<Diagnostic> found = Handler::check(action);
    const Value* duration = action.params.if_contains("duration");
    if (duration == nullptr || duration_of(action.params)) return found;
    const std::string text = to_text(*duration);
    if (duration->is_string() && text.find("{{") != std::string::npos) return found; // known when the run is there
    found.push_back(invalid_parameter(action, fmt::format("the duration '{}' is no time", printable_excerpt(text, 100)),
                                      std::string(times)));
    return found;
  }

  void start(StepContext& context, Completion done) const override {
    const auto time = duration_of(context.params());
    if (!time) {
      return done(Error{errc::invalid_input,
                        fmt::format("the duration '{}' is no time; {}",
                                    printable_excerpt(to_text(context.param("duration")), 100), times),
                        {}});
    }
    std::make_shared<WaitAttempt>(context, std::move(done), *time)->start();
  }

private:
  HandlerInfo info_{
      .name = "wait",
      .description = "Lets time pass.",
      .effect = Effect::pure,
      .params = {{.name = "duration", .required = true, .description = "How long: 90s, 5m, 1h30m.", .exposed = true}},
      .languages = {std::string(find_block_language("wait")->name)},
      .dry_run = "Shows the time and does not wait."};
};

} // namespace

std::shared_ptr<const Handler> make_wait_handler() {
  return std::make_shared<WaitHandler>();
}

} // namespace runbook
