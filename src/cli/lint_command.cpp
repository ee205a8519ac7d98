// `lint`: documents and folders of documents, on all processors.
#include "commands.hpp"
#include "document.hpp"
#include "lint_files.hpp"
#include "lint_output.hpp"
#include "output.hpp"

#include <runbook/handlers.hpp>
#include <runbook/lint.hpp>
#include <runbook/system.hpp>

#include <algorithm>
#include <atomic>
#include <optional>
#include <system_error>
#include <thread>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr int most_passes = 5; // of repairs: one may bring another finding to light

// What came of one document.
struct Linted {
  std::optional<LintReport> report;
  std::optional<Error> error;
  std::string complaint; // why it could not be repaired
  std::size_t fixed = 0;
};

std::size_t errors_of(const LintReport& report) {
  return static_cast<std::size_t>(std::ranges::count(report.diagnostics, Severity::error, &Diagnostic::severity));
}

// Repairs the file. A repair that would make it worse is not made.
void repair(const std::string& path, const HandlerRegistry& handlers, Linted& linted) {
  runbook::LintOptions how;
  how.path = path;
  LintReport report = *linted.report;
  std::string text = report.parsed.runbook.source;
  std::size_t fixed = 0;
  for (int pass = 0; pass < most_passes && !report.fixes.empty(); ++pass) {
    fixed += report.fixes.size();
    text = apply_fixes(text, std::move(report.fixes));
    report = runbook::lint(text, handlers, how);
  }
  if (fixed == 0) return;
  if (errors_of(report) > errors_of(*linted.report)) {
    linted.complaint = "is not repaired: the repairs would lead to new errors";
    return;
  }
  if (const auto replaced = system_files()->replace({.path = path, .text = text}); !replaced) {
    linted.complaint = "is not repaired: " + replaced.error().message;
    return;
  }
  linted.fixed = fixed;
  linted.report = std::move(report);
}

Linted lint_one(const LintFile& file, const HandlerRegistry& handlers, bool fix) {
  Linted linted;
  Result<LintReport> report = lint_file(file.path, handlers);
  if (!report) {
    linted.error = report.error();
    return linted;
  }
  linted.report = std::move(*report);
  const bool matters = file.named || linted.report->is_runbook;
  if (fix && matters && linted.report->parsed.runbook.source.size() < max_document_bytes) {
    repair(file.path, handlers, linted);
  }
  return linted;
}

std::vector<Linted> lint_all(const std::vector<LintFile>& files, const HandlerRegistry& handlers, bool fix) {
  std::vector<Linted> all(files.size());
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < files.size(); i = next++) {
      try {
        all[i] = lint_one(files[i], handlers, fix);
      } catch (const std::exception& error) {
        all[i] = {};
        all[i].error = Error{errc::unexpected, error.what(), {}};
      }
    }
  };
  const std::size_t count = std::min<std::size_t>(std::max(std::thread::hardware_concurrency(), 1U), files.size());
  std::vector<std::jthread> threads;
  try {
    for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  } catch (const std::system_error&) { // there are fewer threads to be had: those that run do the work
  }
  work();
  threads.clear();
  return all;
}

// Everything that is to be printed.
class Output {
public:
  explicit Output(const LintOptions& options) : options_(options) {}

  void add(const LintFile& file, Linted linted) {
    if (!linted.complaint.empty()) print_error(fmt::format("{}: error: {}\n", file.path, linted.complaint));
    failed_ = failed_ || !linted.complaint.empty();
    if (linted.error) {
      print_failure(file.path, *linted.error);
      return unreadable({file.path, linted.error->message});
    }
    LintReport& report = *linted.report;
    if (!file.named && !report.is_runbook) {
      ++tally_.no_runbooks;
      return;
    }
    tally_.paths.push_back(file.path);
    tally_.suppressed += report.suppressed.size();
    tally_.fixed += linted.fixed;
    tally_.findings.insert(tally_.findings.end(), report.diagnostics.begin(), report.diagnostics.end());
    reports_.push_back(std::move(report));
  }

  void unreadable(UnreadableFile file) {
    ++tally_.unreadable;
    unreadable_.push_back(std::move(file));
  }

  [[nodiscard]] std::string text() const {
    if (options_.format == LintFormat::sarif) return boost::json::serialize(to_sarif(reports_, unreadable_)) + "\n";
    if (options_.format == LintFormat::json) return as_json_lines(tally_.findings);
    const bool nothing = reports_.empty() && tally_.no_runbooks == 0;
    return nothing && tally_.unreadable > 0 ? std::string() : as_lines(tally_.findings) + summary(tally_);
  }

  [[nodiscard]] ExitCode exit_code() const {
    const bool refused = failed_ || tally_.unreadable > 0 || tally_.count(Severity::error) > 0 ||
                         (options_.strict && tally_.count(Severity::warning) > 0);
    return refused ? ExitCode::refused : ExitCode::succeeded;
  }

private:
  const LintOptions& options_;
  LintTally tally_;
  std::vector<LintReport> reports_;
  std::vector<UnreadableFile> unreadable_;
  bool failed_ = false;
};

} // namespace

ExitCode lint(const LintOptions& options) {
  LintFiles found = lint_files(options.paths);
  Output output(options);
  for (UnreadableFile& folder : found.unreadable) {
    print_error(fmt::format("{}: error: {}\n", folder.path, folder.message));
    output.unreadable(std::move(folder));
  }
  std::vector<Linted> all = lint_all(found.files, builtin_handlers(), options.fix);
  for (std::size_t i = 0; i < all.size(); ++i) output.add(found.files[i], std::move(all[i]));
  return print(output.text()) ? output.exit_code() : ExitCode::output_lost;
}

} // namespace runbook::cli
