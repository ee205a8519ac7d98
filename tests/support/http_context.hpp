// One attempt at an `http` action, without an engine.
#pragma once

#include "handlers/builtin.hpp"
#include "support/http_loop.hpp"

#include <runbook/handler.hpp>
#include <runbook/system.hpp>
#include <runbook/testing.hpp>

#include <stdexcept>
#include <stop_token>

namespace http_test {

using runbook::Action;
using runbook::Outcome;
using runbook::OutcomeStatus;
using runbook::Values;

/// A world that has nothing but an HTTP client.
struct HttpWorld final : runbook::Clock, runbook::ProcessRunner, runbook::WorkerPool {
  explicit HttpWorld(runbook::HttpClient& http) : system{*this, *this, http, *this, timers, files, users} {}

  [[nodiscard]] std::chrono::system_clock::time_point now() const override { throw std::logic_error("no clock"); }
  [[nodiscard]] Result<std::unique_ptr<Activity>> start(const runbook::ProcessSpec&, runbook::ProcessEvents) override {
    throw std::logic_error("no processes");
  }
  void post(std::function<void()>) override { throw std::logic_error("no threads"); }

  runbook::testing::FakeTimers timers;
  runbook::testing::FakeFiles files;
  runbook::testing::FakeUsers users{runbook::User{}};
  runbook::System system;
};

class HttpContext final : public runbook::StepContext {
public:
  HttpContext(runbook::HttpClient& http, Action action, Values values)
      : world_(http), action_(std::move(action)), values_(std::move(values)) {}

  [[nodiscard]] const std::string& run() const override { return run_; }
  [[nodiscard]] const std::string& step() const override { return step_; }
  [[nodiscard]] std::uint32_t attempt() const override { return 1; }
  [[nodiscard]] std::string idempotency_key() const override { return "run/step/0/forward"; }
  [[nodiscard]] const Action& action() const override { return action_; }
  [[nodiscard]] const Values& params() const override { return action_.params; }
  [[nodiscard]] const Values& values() const override { return values_; }
  [[nodiscard]] std::vector<std::string> environment() const override { return {}; }
  [[nodiscard]] const std::string& directory() const override { return start_directory; }
  [[nodiscard]] std::optional<std::chrono::milliseconds> timeout() const override { return action_.timeout; }
  [[nodiscard]] std::stop_token stop_token() override { return stop.get_token(); }
  void output(runbook::Stream stream, std::string_view bytes) override {
    (stream == runbook::Stream::out ? printed : logged) += bytes;
  }
  [[nodiscard]] runbook::System& system() override { return world_.system; }

  std::string printed;
  std::string logged; ///< on the error stream
  std::string start_directory;
  std::stop_source stop;

private:
  std::string run_ = "run";
  std::string step_ = "step";
  HttpWorld world_;
  Action action_;
  Values values_;
};

struct Attempted {
  Outcome outcome;
  std::string printed;
  std::string logged;
};

/// Runs one `http` action with these values.
inline Attempted attempt(Loop& loop, Action action, Values values = {}, const std::string& directory = {}) {
  HttpContext context{*loop.client, std::move(action), std::move(values)};
  context.start_directory = directory;
  std::optional<Outcome> outcome;
  runbook::make_http_handler()->start(context,
                                      runbook::Completion{[&](Outcome&& ended) { outcome = std::move(ended); }});
  loop.run();
  REQUIRE(outcome.has_value());
  return {std::move(*outcome), std::move(context.printed), std::move(context.logged)};
}

inline Action http_action(Values params) {
  Action action;
  action.handler = "http";
  action.params = std::move(params);
  return action;
}

} // namespace http_test
