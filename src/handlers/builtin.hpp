// The built-in handlers' factories.
#pragma once

#include <runbook/handler.hpp>

#include <memory>

namespace runbook {

[[nodiscard]] std::shared_ptr<const Handler> make_shell_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_http_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_confirm_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_wait_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_assert_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_set_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_file_handler();
[[nodiscard]] std::shared_ptr<const Handler> make_runbook_handler();

} // namespace runbook
