// `verify` and `export`: whether a run is as it was recorded.
#include "commands.hpp"
#include "output.hpp"
#include "shown_text.hpp"
#include "stored_run.hpp"

#include <runbook/audit.hpp>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iostream>

#include <unistd.h>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

ExitCode refuse(const std::string& words) {
  complain(words);
  return ExitCode::refused;
}

std::string count(std::uint64_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

ExitCode tell(const Result<Audit>& audit) {
  if (!audit) return refuse(to_string(audit.error()));
  if (!audit->passed()) {
    std::string text;
    for (const AuditFinding& finding : audit->findings) text += shown_line(finding.message) + "\n";
    text += fmt::format("{}  {}\n", shown_line(audit->run), count(audit->findings.size(), "finding"));
    print(text);
    return ExitCode::output_lost;
  }
  const std::string text = fmt::format("{}  as it was recorded: {}, {}\nhead  {}\n", shown_line(audit->run),
                                       count(audit->events, "event"), count(audit->outputs, "output"), audit->head);
  return print(text) ? ExitCode::succeeded : ExitCode::output_lost;
}

ExitCode verify_file(const VerifyOptions& options) {
  if (options.file == "-") return tell(verify_export(std::cin, options.head));
  errno = 0;
  std::ifstream file(options.file, std::ios::binary);
  if (!file) return refuse(fmt::format("{}: {}", shown_line(options.file), std::strerror(errno)));
  const auto audit = verify_export(file, options.head);
  if (!audit) return refuse(fmt::format("{}: {}", shown_line(options.file), audit.error().message));
  return tell(audit);
}

ExitCode export_into(RunStore& store, const std::string& run, const std::string& path) {
  errno = 0;
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  const auto written =
      file ? export_run(store, run, [&](std::string_view line) { return bool(file << line); }) : Result<void>();
  if (!written) return refuse(to_string(written.error()));
  if (file) file.close();
  if (file) return ExitCode::succeeded;
  complain(fmt::format("{} cannot be written: {}", shown_line(path), std::strerror(errno)));
  return ExitCode::output_lost;
}

} // namespace

ExitCode verify(const VerifyOptions& options) {
  if (!options.file.empty()) return verify_file(options);
  const auto store = open_to_read(options.store);
  if (!store) return ExitCode::refused;
  const auto run = find_run(*store, options.run);
  if (!run) return ExitCode::refused;
  return tell(verify(*store, *run, options.head));
}

ExitCode export_run(const ExportOptions& options) {
  const auto store = open_to_read(options.store);
  if (!store) return ExitCode::refused;
  const auto run = find_run(*store, options.run);
  if (!run) return ExitCode::refused;
  if (!options.output.empty()) return export_into(*store, *run, options.output);
  bool is_written = true;
  const auto exported =
      export_run(*store, *run, [&](std::string_view line) { return is_written = write_all(STDOUT_FILENO, line); });
  if (!exported) return refuse(to_string(exported.error()));
  return is_written ? ExitCode::succeeded : ExitCode::output_lost;
}

} // namespace runbook::cli
