// A function as a handler.
#pragma once

#include <runbook/handler.hpp>

#include <memory>

namespace runbook {

/// Throws `Exception` (`errc::invalid_argument`) if there is no function to call.
[[nodiscard]] std::shared_ptr<const Handler> make_function_handler(HandlerInfo info, HandlerFunction function);

} // namespace runbook
