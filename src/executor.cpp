#include <runbook/executor.hpp>

#include "executor/run.hpp"

#include <future>

namespace runbook {

void Observer::on_output(const RunHeader&, const ActionRef&, Stream, std::string_view) {}

std::shared_ptr<Observer> make_observer(std::function<void(const RunHeader&, const Event&)> on_event) {
  class FunctionObserver final : public Observer {
  public:
    explicit FunctionObserver(std::function<void(const RunHeader&, const Event&)> function)
        : function_(std::move(function)) {}
    void on_event(const RunHeader& run, const Event& event) override { function_(run, event); }

  private:
    std::function<void(const RunHeader&, const Event&)> function_;
  };
  return std::make_shared<FunctionObserver>(std::move(on_event));
}

struct RunHandle::Impl {
  std::shared_ptr<Run> run;
};

struct Executor::Impl {
  std::shared_ptr<Engine> engine;
};

Executor::Executor(HandlerRegistry handlers, ExecutorOptions options)
    : impl_(std::make_unique<Impl>(std::make_shared<Engine>(std::move(handlers), std::move(options)))) {
  impl_->engine->start_thread();
}

Executor::~Executor() {
  impl_->engine->shut_down();
}

RunHandle Executor::start(const Plan& plan, StartOptions options) {
  auto run = Run::make(impl_->engine, plan, std::move(options)).value();
  run->record_beginning().value();
  impl_->engine->adopt(run);
  return RunHandle(std::make_shared<RunHandle::Impl>(std::move(run)));
}

RunHandle Executor::resume(const std::string& run, ResumeOptions options) {
  auto taken = Run::resume(impl_->engine, run, std::move(options)).value();
  impl_->engine->adopt(taken);
  return RunHandle(std::make_shared<RunHandle::Impl>(std::move(taken)));
}

RunResult Executor::run(const Plan& plan, StartOptions options) {
  return start(plan, std::move(options)).wait();
}

void Executor::cancel_all(const std::string& who) {
  impl_->engine->cancel_all(who);
}

const std::shared_ptr<RunStore>& Executor::store() const noexcept {
  return impl_->engine->options().store;
}

const std::string& RunHandle::id() const {
  return impl_->run->id();
}

RunStatus RunHandle::status() const {
  return impl_->run->status();
}

namespace {

void refuse_on_engine_thread(Run& run) {
  if (!run.engine().on_engine_thread()) return;
  throw Exception(Error{errc::invalid_argument, "wait() on the engine's thread would wait for itself", {}});
}

} // namespace

RunResult RunHandle::wait() const {
  refuse_on_engine_thread(*impl_->run);
  return *impl_->run->wait(std::nullopt);
}

std::optional<RunResult> RunHandle::wait_for(std::chrono::milliseconds time) const {
  refuse_on_engine_thread(*impl_->run);
  return impl_->run->wait(time);
}

void RunHandle::cancel(std::string who) const {
  impl_->run->cancel(who);
}

Result<void> RunHandle::answer(const std::string& token, Answer answer) const {
  Run& run = *impl_->run;
  const auto give = [&] { return run.answer(token, answer, Run::Answerer::somebody_else); };
  if (run.engine().on_engine_thread()) return give();
  std::promise<Result<void>> promise;
  const bool posted = run.engine().try_post([&] { promise.set_value(give()); });
  if (!posted) return Error{errc::not_found, "run " + run.id() + " has ended: its executor is gone", {}};
  return promise.get_future().get();
}

} // namespace runbook
