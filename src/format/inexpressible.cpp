#include "format/inexpressible.hpp"

#include "printable.hpp"

#include <fmt/format.h>

namespace runbook::format {

namespace {

constexpr std::size_t most = 100; // that are told

} // namespace

void Inexpressible::add(const std::string& pointer, std::string_view message, std::string_view hint) {
  if (all_.size() == most) return;
  all_.push_back({Severity::error,
                  "not-in-markdown",
                  printable(fmt::format("{}: {}", pointer, message)),
                  std::string(hint),
                  {},
                  {},
                  {}});
}

} // namespace runbook::format
