#include "handlers/builtin.hpp"

#include <runbook/handlers.hpp>

namespace runbook {

HandlerRegistry builtin_handlers() {
  HandlerRegistry registry;
  registry.add(make_shell_handler());
  registry.add(make_http_handler());
  registry.add(make_confirm_handler());
  registry.add(make_wait_handler());
  registry.add(make_assert_handler());
  registry.add(make_set_handler());
  registry.add(make_file_handler());
  registry.add(make_runbook_handler());
  return registry;
}

} // namespace runbook
