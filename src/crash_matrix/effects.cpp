// Handlers whose effects are noted, and in the middle of which a life may end.
#include "crash_matrix/life.hpp"

#include <cstdint>
#include <utility>

#include <fmt/format.h>

namespace runbook::testing {

namespace {

// "unpack/0/forward"
std::string name_of(const StepContext& context) {
  const std::string key = context.idempotency_key();
  return key.substr(context.run().size() + 1);
}

std::size_t count_lines(const std::string& file, const std::string& mark, const std::string& action) {
  const std::string text = crash::read_file(file);
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    if (end == std::string::npos) break;
    const std::string_view line = std::string_view(text).substr(at, end - at);
    if (line.starts_with(mark) && line.ends_with(" " + action)) ++count;
    at = end + 1;
  }
  return count;
}

/// Stands in for a handler. Lines of the log: "START attempt action".
class NotedHandler final : public Handler {
public:
  NotedHandler(std::shared_ptr<const Handler> handler, std::shared_ptr<CrashLife::State> life)
      : handler_(std::move(handler)), life_(std::move(life)) {}

  [[nodiscard]] const HandlerInfo& info() const override { return handler_->info(); }
  [[nodiscard]] std::vector<Diagnostic> check(const Action& action) const override { return handler_->check(action); }
  [[nodiscard]] Effect effect(const Action& action) const override { return handler_->effect(action); }
  [[nodiscard]] std::optional<Action> undo(const Action& action) const override { return handler_->undo(action); }
  [[nodiscard]] std::vector<std::string> expressions(const Action& action) const override {
    return handler_->expressions(action);
  }
  [[nodiscard]] std::vector<std::string> captures(const Action& action) const override {
    return handler_->captures(action);
  }

  void start(StepContext& context, Completion done) const override {
    if (context.takes_up()) return handler_->start(context, std::move(done));
    const std::string what = fmt::format("{} {}", name_of(context), context.attempt());
    const std::string line = fmt::format("{} {}", context.attempt(), name_of(context));
    life_->points.pass("before effect " + what);
    crash::add_line(life_->effects_file(), "START " + line);
    const auto shared = std::make_shared<Completion>(std::move(done));
    const auto ended = [life = life_, what, line, shared](Outcome&& outcome) {
      crash::add_line(life->effects_file(), "END " + line);
      life->points.pass("after effect " + what);
      (*shared)(std::move(outcome));
    };
    handler_->start(context, Completion(ended)); // the context may be gone from here on
    if (!handler_->info().quick) life_->points.pass("started effect " + what);
  }

private:
  std::shared_ptr<const Handler> handler_;
  std::shared_ptr<CrashLife::State> life_;
};

} // namespace

const std::string& CrashLife::folder() const noexcept {
  return state_->folder;
}

const std::string& CrashLife::run() const noexcept {
  return state_->run;
}

void CrashLife::visible(const StepContext& context) const {
  state_->points.pass(fmt::format("in effect {} {}", name_of(context), context.attempt()));
}

std::size_t CrashLife::begun(const std::string& action) const {
  return count_lines(state_->effects_file(), "START ", action);
}

std::size_t CrashLife::ended(const std::string& action) const {
  return count_lines(state_->effects_file(), "END ", action);
}

HandlerRegistry crash::with_points(const HandlerRegistry& handlers, const std::shared_ptr<CrashLife::State>& life) {
  HandlerRegistry noted = handlers;
  for (const std::string& name : handlers.names()) {
    noted.replace(std::make_shared<NotedHandler>(handlers.find(name), life));
  }
  return noted;
}

std::string crash::effect_name(const Plan& plan, const ActionRef& at) {
  const std::string part = at.part == 0 ? std::string() : fmt::format(".{}", at.part + 1);
  return fmt::format("{}/{}/{}{}", plan.steps()[at.step].id, at.iteration, to_string(at.kind), part);
}

} // namespace runbook::testing
