// Reading documents for the commands: every finding goes to standard error.
#pragma once

#include <runbook/error.hpp>
#include <runbook/handler.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

#include <optional>
#include <string>

namespace runbook::cli {

/// Prints why a document cannot be used.
void print_failure(const std::string& path, const Error& error);

/// A document without errors; errors and warnings are printed.
[[nodiscard]] std::optional<Parsed> read_document(const std::string& path, const HandlerRegistry& handlers);

/// The plan of a document without errors; errors and warnings are printed.
[[nodiscard]] std::optional<Plan> plan_document(const std::string& path, const HandlerRegistry& handlers,
                                                const Values& inputs, const SecretOrigins& secrets,
                                                const Selection& selection);

} // namespace runbook::cli
