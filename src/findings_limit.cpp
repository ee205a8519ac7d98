#include "findings_limit.hpp"

#include <fmt/format.h>

namespace runbook {

bool FindingsLimit::admit(Severity severity) noexcept {
  if (!reached()) {
    ++kept_;
    return true;
  }
  ++untold_;
  untold_errors_ = untold_errors_ || severity == Severity::error;
  return false;
}

void FindingsLimit::tell(std::vector<Diagnostic>& kept, const std::string& path) const {
  if (untold_ == 0) return;
  Diagnostic rest;
  rest.severity = untold_errors_ ? Severity::error : Severity::note;
  rest.code = "limit";
  rest.message = fmt::format("{} more findings are not shown", untold_);
  rest.path = path;
  kept.push_back(std::move(rest));
}

} // namespace runbook
