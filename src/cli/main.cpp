#include "commands.hpp"
#include "options.hpp"
#include "output.hpp"

#include <runbook/error.hpp>

#include <exception>

#include <fcntl.h>
#include <unistd.h>

namespace {

using namespace runbook;
using namespace runbook::cli;

// Without its standard descriptors the process would get those numbers for the files that it opens, and print into
// them.
void complete_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) < 0) static_cast<void>(::open("/dev/null", O_RDWR));
  }
}

struct Dispatch {
  ExitCode operator()(const RunOptions& options) const { return run(options); }
  ExitCode operator()(const PlanOptions& options) const { return plan(options); }
  ExitCode operator()(const LintOptions& options) const { return lint(options); }
  ExitCode operator()(const ShowOptions& options) const { return show(options); }
  ExitCode operator()(const FormatOptions& options) const { return format(options); }
  ExitCode operator()(const HandlersOptions& options) const { return handlers(options); }
  ExitCode operator()(const RunsOptions& options) const { return runs(options); }
  ExitCode operator()(const ReportOptions& options) const { return report(options); }
  ExitCode operator()(const cli::ResumeOptions& options) const { return resume(options); }
  ExitCode operator()(const AnswerOptions& options) const { return answer(options); }
  ExitCode operator()(const ResolveOptions& options) const { return resolve(options); }
  ExitCode operator()(const CancelOptions& options) const { return cancel(options); }
  ExitCode operator()(const VerifyOptions& options) const { return verify(options); }
  ExitCode operator()(const ExportOptions& options) const { return cli::export_run(options); }
  ExitCode operator()(const Answered& answered) const {
    print_error(answered.err);
    return print(answered.out) ? answered.code : ExitCode::output_lost;
  }
};

} // namespace

int main(int argc, char** argv) {
  complete_standard_descriptors();
  try {
    return static_cast<int>(std::visit(Dispatch{}, parse_command_line(argc, argv)));
  } catch (const Exception& error) {
    // What the library refuses is refused before anything runs.
    complain(error.what());
    return static_cast<int>(ExitCode::refused);
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return static_cast<int>(ExitCode::output_lost);
}
