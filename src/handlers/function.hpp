// A function as a handler.
#pragma once

#include <runbook/handler.hpp>

#include <memory>

namespace runbook {

/// Throws `Exception` (`errc::invalid_argument`) if there is no function to call.
[[nodiscard]] std::shared_ptr<const Handler> make_function_handler(HandlerInfo info, HandlerFunction function);

/// Has the work done by a thread that may block. The context lives until `done` has been called with the result.
void start_on_worker(StepContext& context, Completion done, HandlerFunction work);

} // namespace runbook
