// A document as it is understood, as text.
#pragma once

#include <runbook/model.hpp>

#include <string>

namespace runbook::cli {

[[nodiscard]] std::string overview(const Runbook& runbook);

} // namespace runbook::cli
