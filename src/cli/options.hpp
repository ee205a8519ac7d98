// The command line: what was asked for, as plain values.
//
// Parsing touches nothing but the words and the environment: no file, no store, no handler. `--help` is as fast as
// that.
#pragma once

#include "exit_code.hpp"

#include <runbook/event.hpp>
#include <runbook/plan.hpp>
#include <runbook/secret.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace runbook::cli {

struct RunOptions {
  std::string file;
  Values inputs;
  SecretOrigins secrets;
  Selection selection;
  std::string store;     ///< empty: memory
  std::string continued; ///< the earlier run to go on from; empty: none
  std::string actor;     ///< empty: the user at this host
  std::string directory;
  std::uint32_t parallel = 4;
  std::chrono::milliseconds timeout{0}; ///< 0: none
  RollbackMode rollback = RollbackMode::automatic;
  OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
  bool yes = false;
  bool json = false;
  bool no_color = false;
};

struct PlanOptions {
  std::string file;
  Values inputs;
  Selection selection;
  SecretOrigins secrets;
  bool json = false;
};

enum class LintFormat : unsigned char { text, json, sarif };

struct LintOptions {
  std::vector<std::string> paths; ///< documents, and folders with documents
  LintFormat format = LintFormat::text;
  bool fix = false;
  bool strict = false;
};

enum class ShownForm : unsigned char { overview, json, yaml, markdown };

struct ShowOptions {
  std::string file;
  ShownForm form = ShownForm::overview;
};

struct FormatOptions {
  std::vector<std::string> files; ///< `-` is standard input
  bool check = false;
};

struct HandlersOptions {
  bool json = false;
};

struct RunsOptions {
  std::string store;
  bool json = false;
};

/// A run of a store is taken up again.
struct ResumeOptions {
  std::string run;
  std::string store;
  std::string actor;
  bool yes = false;
  bool take_over = false;
  bool json = false;
  bool no_color = false;
};

/// A question of a run is answered, or the run is cancelled, from another process.
struct AnswerOptions {
  std::string run;
  std::string question; ///< its token
  std::string answer;
  bool decline = false;
  std::string note;
  std::string actor;
  std::string store;
};

/// Somebody says how an action went that is in doubt.
struct ResolveOptions {
  std::string run;
  std::string action; ///< its path
  std::string decision;
  std::string note;
  std::string actor;
  std::string store;
};

struct CancelOptions {
  std::string run;
  std::string actor;
  std::string store;
};

enum class ReportFormat : unsigned char { markdown, json, text };

struct ReportOptions {
  std::string run;
  std::string store;
  ReportFormat format = ReportFormat::markdown;
};

/// Whether a run is as it was recorded: in a store, or in a file that `export` wrote.
struct VerifyOptions {
  std::string run;
  std::string file; ///< instead of a run
  std::string head; ///< empty: none was kept
  std::string store;
};

struct ExportOptions {
  std::string run;
  std::string output; ///< empty: standard output
  std::string store;
};

/// The command line has been answered already: help, the version, or what is wrong with it.
struct Answered {
  std::string out;
  std::string err;
  ExitCode code = ExitCode::succeeded;
};

using Request = std::variant<RunOptions, PlanOptions, LintOptions, ShowOptions, FormatOptions, HandlersOptions,
                             RunsOptions, ReportOptions, ResumeOptions, AnswerOptions, ResolveOptions, CancelOptions,
                             VerifyOptions, ExportOptions, Answered>;

[[nodiscard]] Request parse_command_line(int argc, const char* const* argv);

} // namespace runbook::cli
