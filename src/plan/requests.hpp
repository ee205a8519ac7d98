// What the built-in `http` handler will send, as far as it is decided before the run.
#pragma once

#include <runbook/plan.hpp>
#include <runbook/system.hpp>

#include <optional>
#include <string_view>

namespace runbook {

/// Whether actions of this handler are requests. The built-in handler fills its templates in itself, each escaped for
/// its place; one that an embedder put in its place and that gets them filled in is like any other handler.
[[nodiscard]] bool sends_requests(const HandlerInfo& info) noexcept;

/// One of the requests of such an action (`http::requests_in`), or why its values cannot be part of one. Nothing if it
/// depends on a value that only the run brings. The action must have no flaws
/// (`http::request_flaws`).
[[nodiscard]] std::optional<Result<HttpRequest>> request_of(const Action& action, const Values& request,
                                                            const Values& inputs);

} // namespace runbook
