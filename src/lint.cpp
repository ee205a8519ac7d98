#include <runbook/lint.hpp>

#include "by_place.hpp"
#include "lint/fixers.hpp"
#include "lint/plan_findings.hpp"
#include "lint/rules.hpp"
#include "lint/sound_fixes.hpp"
#include "lint/suppressions.hpp"
#include "markdown/text.hpp"
#include "sort_stably.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

namespace runbook {

namespace {

using namespace linting;

constexpr std::array rules{check_destructive_commands,
                           check_verification,
                           check_variables,
                           check_inputs,
                           check_links,
                           check_secrets,
                           check_numbering,
                           check_ids,
                           check_labels};

bool is_markdown(const std::string& path) {
  const std::string name = markdown::lower(path);
  return !name.ends_with(".json") && !name.ends_with(".yaml") && !name.ends_with(".yml");
}

/// Whether something is to be done, or was meant to be: a command stands in a section whose items are things to do.
bool is_runbook(const Subject& subject, const Parsed& parsed) {
  if (subject.source == nullptr || !subject.steps.empty()) return true;
  return std::ranges::any_of(parsed.diagnostics, [](const Diagnostic& d) {
    return d.code == "block-outside-item" || d.code == "nested-step";
  });
}

void append(std::vector<Diagnostic>& all, std::vector<Diagnostic> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

/// What can be found by looking at the source's comments, and what they take out of the other findings.
void settle(const Subject& subject, const ParseOptions& how, LintReport& report) {
  if (subject.source == nullptr) return;
  Findings findings(subject.options.path);
  Suppressions suppressions(*subject.source, findings);
  report.suppressed = suppressions.take(report.diagnostics);
  suppressions.report_unused(findings);
  append(report.diagnostics, findings.take());
  sort_by_place(report.diagnostics);
  const Fixers fixers(subject);
  for (const Diagnostic& diagnostic : report.diagnostics) {
    if (auto fix = fixers.fix_for(diagnostic)) report.fixes.push_back(std::move(*fix));
  }
  report.fixes = sound_fixes(subject.text, std::move(report.fixes), how);
}

LintReport lint_parsed(Parsed parsed, const ParseOptions& how, const HandlerRegistry& handlers,
                       const LintOptions& options) {
  LintReport report;
  report.parsed = std::move(parsed);
  const Runbook& book = report.parsed.runbook;
  const auto source = is_markdown(options.path) ? Source::read(book.source, how) : nullptr;
  Subject subject{book.source, book, handlers, options, source.get(), placed_steps(book), {}};
  subject.scripts = read_scripts(subject.steps, subject.source);
  report.is_runbook = is_runbook(subject, report.parsed);
  report.diagnostics = report.parsed.diagnostics;
  append(report.diagnostics, plan_findings(report.parsed, handlers));
  Findings findings(options.path);
  for (const auto& rule : rules) rule(subject, findings);
  append(report.diagnostics, findings.take());
  sort_by_place(report.diagnostics);
  settle(subject, how, report);
  return report;
}

/// The runbooks that this one's steps run. What is wrong with them is found where they are looked at themselves.
void load_others(Parsed& parsed, const ParseOptions& how) {
  if (!parsed.ok()) return;
  const auto loaded = load_runbooks(parsed.runbook, file_reader(how));
  if (loaded) return;
  for (const Diagnostic& diagnostic : loaded.error().diagnostics) {
    if (diagnostic.path == parsed.runbook.path) parsed.diagnostics.push_back(diagnostic);
  }
}

ParseOptions parse_options(const HandlerRegistry& handlers, const LintOptions& options) {
  return {options.path, handlers.languages()};
}

} // namespace

LintReport lint(std::string_view text, const HandlerRegistry& handlers, const LintOptions& options) {
  const ParseOptions how = parse_options(handlers, options);
  return lint_parsed(parse(text, how), how, handlers, options);
}

Result<LintReport> lint_file(const std::string& path, const HandlerRegistry& handlers, LintOptions options) {
  options.path = path;
  const ParseOptions how = parse_options(handlers, options);
  Result<Parsed> parsed = parse_file(path, how);
  if (!parsed) return parsed.error();
  load_others(*parsed, how);
  return lint_parsed(std::move(*parsed), how, handlers, options);
}

std::string apply_fixes(std::string_view text, std::vector<Fix> fixes) {
  sort_stably(fixes, &Fix::begin);
  std::string out;
  std::size_t at = 0;
  const Fix* last = nullptr;
  for (const Fix& fix : fixes) {
    const bool inserts_again = last != nullptr && last->begin == fix.begin;
    if (fix.begin < at || fix.end < fix.begin || fix.end > text.size() || inserts_again) continue;
    out.append(text, at, fix.begin - at).append(fix.replacement);
    at = fix.end;
    last = &fix;
  }
  return out.append(text.substr(at));
}

} // namespace runbook
