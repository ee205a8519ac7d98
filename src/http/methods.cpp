#include "http/methods.hpp"

namespace runbook::http {

bool reads_only(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "TRACE";
}

bool is_idempotent(std::string_view method) noexcept {
  return reads_only(method) || method == "PUT" || method == "DELETE";
}

} // namespace runbook::http
