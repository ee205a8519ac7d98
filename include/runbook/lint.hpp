// The linter: everything that can be said of a document without running it, and the mechanical repairs.
//
//   rb::LintReport report = rb::lint(text, rb::builtin_handlers(), {.path = "deploy.md"});
//   for (const rb::Diagnostic& d : report.diagnostics) std::cout << to_string(d) << '\n';
//   std::string better = rb::apply_fixes(text, report.fixes);
//
// A report holds what reading the document found, what planning it found, and what only the linter looks for. Each
// finding has a stable code; `lint_rules` lists all of them, docs/lint.md explains each.
//
// A comment in the document suppresses findings, and has to say why:
//
//   <!-- runbook-lint-ignore destructive-without-undo: the cache fills itself again -->
//
// Ownership: plain values. Thread-safety: the functions keep no state and may be called from any number of threads.
#pragma once

#include <runbook/handler.hpp>
#include <runbook/parse.hpp>

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// What a code stands for.
struct LintRule {
  std::string_view code;    ///< stable: never given to anything else
  Severity severity;        ///< the gravest with which it is found
  std::string_view summary; ///< one sentence without a full stop
  bool fixable = false;     ///< whether some of its findings come with a `Fix`
};

/// All codes that reading, planning and linting a document can give, in alphabetical order.
[[nodiscard]] RUNBOOK_EXPORT std::span<const LintRule> lint_rules() noexcept;

/// The rule of this code; null if there is none.
[[nodiscard]] RUNBOOK_EXPORT const LintRule* find_lint_rule(std::string_view code) noexcept;

/// The files that a document's links lead to. Paths are as the document's own path and the link give them.
class RUNBOOK_EXPORT LinkedFiles {
public:
  LinkedFiles() = default;
  virtual ~LinkedFiles() = default;
  LinkedFiles(const LinkedFiles&) = delete;
  LinkedFiles& operator=(const LinkedFiles&) = delete;

  /// Whether there is a file or a folder of this name.
  [[nodiscard]] virtual bool exists(const std::string& path) const = 0;
  /// A regular file's text; none if it cannot be read or is larger than a document may be.
  [[nodiscard]] virtual std::optional<std::string> read(const std::string& path) const = 0;
};

/// The files of this machine.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<const LinkedFiles> disk_files();

/// How to lint.
struct LintOptions {
  std::string path{}; ///< as for `ParseOptions`; relative links are only checked where it is known
  std::shared_ptr<const LinkedFiles> files = disk_files(); ///< null: links to other files are not checked
};

/// A mechanical repair: the bytes from `begin` up to `end` of the document are replaced. No fix changes a script.
struct Fix {
  std::string code{}; ///< of the finding that it settles
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string replacement{};
  std::string description{}; ///< what it does: "put 'Expected:' above the block"
  SourceSpan span{};         ///< what it replaces; empty, where it only inserts

  friend bool operator==(const Fix&, const Fix&) = default;
};

/// A finding that the document itself says to leave out.
struct Suppressed {
  Diagnostic diagnostic{};
  std::string reason{}; ///< as the document gives it

  friend bool operator==(const Suppressed&, const Suppressed&) = default;
};

/// What linting a document found.
struct LintReport {
  Parsed parsed{};                       ///< the document, and what reading it alone found
  std::vector<Diagnostic> diagnostics{}; ///< all findings that are not suppressed, in order of place
  std::vector<Fix> fixes{};              ///< for some of them, in order of place
  std::vector<Suppressed> suppressed{};  ///< in order of place
  bool is_runbook = true;                ///< false: it has no items, and no command where items would be

  [[nodiscard]] bool ok() const noexcept { return !has_errors(diagnostics); }
};

/// Lints text in the form that `options.path` ends in (as `parse` does). Never throws on bad text.
[[nodiscard]] RUNBOOK_EXPORT LintReport lint(std::string_view text, const HandlerRegistry& handlers,
                                             const LintOptions& options = {});

/// Lints a file. `options.path` is not used. Fails only when the file cannot be read.
[[nodiscard]] RUNBOOK_EXPORT Result<LintReport> lint_file(const std::string& path, const HandlerRegistry& handlers,
                                                          LintOptions options = {});

/// The text with the fixes in it. Of fixes that touch the same bytes only the first is applied; lint the result again
/// for the others.
[[nodiscard]] RUNBOOK_EXPORT std::string apply_fixes(std::string_view text, std::vector<Fix> fixes);

/// A file that could not be linted, for `to_sarif`.
struct UnreadableFile {
  std::string path{};
  std::string message{};
};

/// The findings as a log in SARIF 2.1.0: rules, results with their regions (columns count code points), suppressions
/// with their reasons, fixes. Paths become relative URIs below `%SRCROOT%`, absolute ones `file:` URIs.
[[nodiscard]] RUNBOOK_EXPORT Value to_sarif(std::span<const LintReport> reports,
                                            std::span<const UnreadableFile> unreadable = {});

} // namespace runbook
