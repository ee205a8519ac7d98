// The subcommands. Each prints what it has to say and returns the process's exit code.
#pragma once

#include "exit_code.hpp"
#include "options.hpp"

namespace runbook::cli {

[[nodiscard]] ExitCode run(const RunOptions& options);
[[nodiscard]] ExitCode plan(const PlanOptions& options);
[[nodiscard]] ExitCode lint(const LintOptions& options);
[[nodiscard]] ExitCode show(const ShowOptions& options);
[[nodiscard]] ExitCode format(const FormatOptions& options);
[[nodiscard]] ExitCode handlers(const HandlersOptions& options);
[[nodiscard]] ExitCode runs(const RunsOptions& options);
[[nodiscard]] ExitCode report(const ReportOptions& options);
[[nodiscard]] ExitCode resume(const ResumeOptions& options);
[[nodiscard]] ExitCode answer(const AnswerOptions& options);
[[nodiscard]] ExitCode resolve(const ResolveOptions& options);
[[nodiscard]] ExitCode cancel(const CancelOptions& options);
[[nodiscard]] ExitCode verify(const VerifyOptions& options);
[[nodiscard]] ExitCode export_run(const ExportOptions& options);

} // namespace runbook::cli
