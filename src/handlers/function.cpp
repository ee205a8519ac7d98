#include "handlers/function.hpp"

#include <runbook/system.hpp>

#include <exception>

#include <fmt/format.h>

namespace runbook {

namespace {

Error thrown(std::string_view what) {
  return {errc::handler_failed, fmt::format("the handler threw: {}", what), {}};
}

class FunctionHandler final : public Handler {
public:
  FunctionHandler(HandlerInfo info, HandlerFunction function)
      : info_(std::move(info)), function_(std::move(function)) {}

  [[nodiscard]] const HandlerInfo& info() const override { return info_; }

  void start(StepContext& context, Completion done) const override {
    if (info_.quick) {
      done(call(context));
    } else {
      start_on_worker(context, std::move(done), [this](StepContext& here) { return call(here); });
    }
  }

private:
  [[nodiscard]] Result<Value> call(StepContext& context) const {
    try {
      return function_(context);
    } catch (const Exception& e) {
      return e.error();
    } catch (const std::exception& e) {
      return thrown(e.what());
    } catch (...) {
      return thrown("something that is no std::exception");
    }
  }

  HandlerInfo info_;
  HandlerFunction function_;
};

} // namespace

void start_on_worker(StepContext& context, Completion done, HandlerFunction work) {
  // Shared because a std::function is copied; work that the pool drops reports a failure all the same.
  const auto shared = std::make_shared<Completion>(std::move(done));
  try {
    context.system().workers.post([&context, shared, work = std::move(work)] { (*shared)(work(context)); });
  } catch (const std::exception& e) {
    (*shared)(Error{errc::handler_failed, fmt::format("no worker thread took the work: {}", e.what()), {}});
  }
}

std::shared_ptr<const Handler> make_function_handler(HandlerInfo info, HandlerFunction function) {
  if (!function && !info.asks) {
    throw Exception(Error{errc::invalid_argument, fmt::format("handler '{}' has no function", info.name), {}});
  }
  return std::make_shared<FunctionHandler>(std::move(info), std::move(function));
}

} // namespace runbook
