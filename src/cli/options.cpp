#include "options.hpp"

#include "help.hpp"

#include <cstdlib>
#include <optional>
#include <sstream>
#include <vector>

#include <CLI/CLI.hpp>
#include <map>

#include <fmt/format.h>

namespace runbook::cli {

namespace {

// The words as CLI11 collects them; what needs a second look before it is an option of a subcommand.
struct Words {
  std::vector<std::string> inputs;
  std::vector<std::string> secrets;
  std::string rollback = "auto";
  std::string on_rollback_failure = "continue";
  std::string format = "md";
  std::string lint_format = "text";
  std::int64_t timeout_ms = 0;
};

// Thrown for what CLI11 cannot check itself.
struct Refused {
  std::string message;
};

Values read_inputs(const std::vector<std::string>& words) {
  Values inputs;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Refused{fmt::format("-i '{}' is no input: write -i name=value", word)};
    }
    const std::string name = word.substr(0, equals);
    if (inputs.contains(name)) throw Refused{fmt::format("input '{}' is given twice: keep one -i {}=…", name, name)};
    inputs[name] = word.substr(equals + 1);
  }
  return inputs;
}

// What stands where a source should may be the secret itself: it is not repeated.
SecretOrigins read_secrets(const std::vector<std::string>& words) {
  SecretOrigins secrets;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw Refused{"--secret takes a name and where the secret comes from: write --secret name=env:NAME"};
    }
    const std::string name = word.substr(0, equals);
    const auto origin = parse_secret_origin(std::string_view(word).substr(equals + 1));
    if (!origin) {
      throw Refused{fmt::format("--secret {}=… does not say where the secret comes from: write env:NAME, file:PATH or "
                                "command:COMMAND, never the secret itself, which others would see",
                                name)};
    }
    if (!secrets.emplace(name, *origin).second) {
      throw Refused{fmt::format("secret '{}' is given twice: keep one --secret {}=…", name, name)};
    }
  }
  return secrets;
}

RollbackMode rollback_mode(const std::string& word) {
  if (word == "ask") return RollbackMode::ask;
  return word == "never" ? RollbackMode::never : RollbackMode::automatic;
}

OnRollbackFailure on_rollback_failure(const std::string& word) {
  if (word == "ask") return OnRollbackFailure::ask;
  return word == "stop" ? OnRollbackFailure::stop : OnRollbackFailure::proceed;
}

ReportFormat report_format(const std::string& word) {
  if (word == "json") return ReportFormat::json;
  return word == "text" ? ReportFormat::text : ReportFormat::markdown;
}

void complete(RunOptions& options, const Words& words) {
  options.inputs = read_inputs(words.inputs);
  options.secrets = read_secrets(words.secrets);
  options.rollback = rollback_mode(words.rollback);
  options.on_rollback_failure = on_rollback_failure(words.on_rollback_failure);
  options.timeout = std::chrono::milliseconds(words.timeout_ms);
}
void complete(PlanOptions& options, const Words& words) {
  options.inputs = read_inputs(words.inputs);
  options.secrets = read_secrets(words.secrets);
}
void complete(LintOptions& options, const Words& words) {
  if (words.lint_format == "json") options.format = LintFormat::json;
  if (words.lint_format == "sarif") options.format = LintFormat::sarif;
}
void complete(ReportOptions& options, const Words& words) {
  options.format = report_format(words.format);
}
void complete(VerifyOptions& options, const Words&) {
  if (options.run.empty() == options.file.empty()) throw Refused{"give either a run, or a file with --file"};
}
template <class Options>
void complete(Options&, const Words&) {}

// The grammar, filled in while CLI11 parses.
class CommandLine {
public:
  CommandLine() : app_{help::purpose, "runbook"} {
    app_.require_subcommand(1);
    app_.set_version_flag("--version", "runbook " RUNBOOK_VERSION);
    app_.set_help_flag("-h,--help", "Print this help and exit");
    app_.get_formatter()->column_width(34);
    app_.get_formatter()->label("REQUIRED", "");
    app_.footer(help::footer);
    add_run();
    add_plan();
    add_lint();
    add_show();
    add_format();
    add_handlers();
    add_runs();
    add_report();
    add_resume();
    add_answer();
    add_resolve();
    add_cancel();
    add_verify();
    add_export();
  }

  Request parse(int argc, const char* const* argv) {
    try {
      app_.parse(argc, argv);
      for (const auto& [command, finish] : finish_) {
        if (command->parsed()) return finish();
      }
    } catch (const CLI::Success& answer) {
      return answered(answer);
    } catch (const CLI::ParseError& error) {
      return refused(explained(error));
    } catch (const Refused& reason) {
      return refused(reason.message);
    }
    return refused("nothing to do");
  }

private:
  template <class Options>
  CLI::App* add(const char* name, const char* purpose, const char* example, Options& options) {
    CLI::App* command = app_.add_subcommand(name, purpose);
    command->footer(example);
    finish_.emplace_back(command, [this, &options] {
      complete(options, words_);
      return Request{std::move(options)};
    });
    return command;
  }

  static void add_file(CLI::App* command, std::string& file) {
    command
        ->add_option("FILE", file,
                     "The document: Markdown; the JSON form if it ends in .json, the YAML form if in .yaml or .yml")
        ->required()
        ->type_name("");
  }

  void add_inputs(CLI::App* command) {
    command->add_option("-i,--input", words_.inputs, "A value for an input of the document; once for each")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE")
        ->option_text("NAME=VALUE");
    command
        ->add_option("--secret", words_.secrets,
                     "Where a secret comes from: env:NAME, file:PATH or command:COMMAND; once for each")
        ->allow_extra_args(false)
        ->type_name("NAME=SOURCE")
        ->option_text("NAME=SOURCE");
  }

  static void add_store(CLI::App* command, std::string& store, const char* purpose) {
    command->add_option("--store", store, purpose)->envname("RUNBOOK_STORE")->type_name("FILE")->option_text("FILE");
  }

  static void add_json(CLI::App* command, bool& json, const char* purpose) {
    command->add_flag("--json", json, purpose);
  }

  static void add_choice(CLI::App* command, const char* name, std::string& word, const char* purpose,
                         std::vector<std::string> words, const char* shown) {
    command->add_option(name, word, purpose)
        ->check(CLI::IsMember(std::move(words)))
        ->type_name("WORD")
        ->option_text(shown);
  }

  static void add_selection(CLI::App* command, Selection& selection) {
    command->add_option("--from", selection.from, "Leave out the steps in front of this one (its id)")
        ->type_name("STEP")
        ->option_text("STEP");
    command->add_option("--only", selection.only, "Leave out all steps and verifications but this one; may be repeated")
        ->type_name("STEP")
        ->option_text("STEP")
        ->excludes("--from")
        ->allow_extra_args(false);
    command->add_option("--skip", selection.skip, "Leave this one out; may be repeated")
        ->type_name("STEP")
        ->option_text("STEP")
        ->allow_extra_args(false);
  }

  void add_run() {
    CLI::App* command = add("run", "Run a document", help::run_example, run_);
    add_file(command, run_.file);
    add_inputs(command);
    add_selection(command, run_.selection);
    add_store(command, run_.store,
              "Keep the journal in this file or at this postgresql:// URI (else: $RUNBOOK_STORE, else in memory)");
    command
        ->add_option("--continue", run_.continued,
                     "Go on from a run of the same document that failed: leave out what it did")
        ->type_name("RUN")
        ->option_text("RUN")
        ->excludes("--from")
        ->excludes("--only")
        ->excludes("--skip");
    command->add_flag("--yes", run_.yes,
                      "Answer yes to every question, recorded as such; giving up a rollback is never answered so");
    add_choice(command, "--rollback", words_.rollback, "Undo what was done when the run fails (default: auto)",
               {"auto", "ask", "never"}, "auto|ask|never");
    add_choice(command, "--on-rollback-failure", words_.on_rollback_failure,
               "When an undo fails: go on with the others? (default: continue)", {"continue", "stop", "ask"},
               "continue|stop|ask");
    command
        ->add_option("--parallel", run_.parallel, "How many steps run at once that do not need each other (default: 4)")
        ->check(CLI::Range(1, 1000))
        ->type_name("N")
        ->option_text("N");
    command->add_option("--timeout", words_.timeout_ms, "Stop the run after this time (90s, 30m, 2h), as a cancel does")
        ->transform(CLI::AsNumberWithUnit(
            std::map<std::string, std::int64_t>{{"ms", 1}, {"s", 1000}, {"m", 60'000}, {"h", 3'600'000}},
            CLI::AsNumberWithUnit::Options(CLI::AsNumberWithUnit::CASE_SENSITIVE |
                                           CLI::AsNumberWithUnit::UNIT_REQUIRED)))
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{366} * 24 * 3'600'000))
        ->type_name("TIME")
        ->option_text("TIME");
    add_json(command, run_.json, "Print one event per line as JSON, and nothing else, on standard output");
    add_actor(command, run_.actor, "Who runs it; recorded (default: user@host)");
    command->add_option("--directory", run_.directory, "Where the steps' programs start (default: here)")
        ->type_name("DIR")
        ->option_text("DIR");
    command->add_flag("--no-color", run_.no_color, "No colours (also: environment NO_COLOR)");
  }

  void add_plan() {
    CLI::App* command = add("plan", "Show what a run would do; nothing is run", help::plan_example, plan_);
    add_file(command, plan_.file);
    add_inputs(command);
    add_selection(command, plan_.selection);
    add_json(command, plan_.json, "Print the plan as JSON");
  }

  void add_lint() {
    CLI::App* command = add("lint", "Check documents and print every finding", help::lint_example, lint_);
    command->add_option("PATH", lint_.paths, "Documents, or folders in which every *.md is looked at")
        ->required()
        ->type_name("");
    add_choice(command, "--format", words_.lint_format, "Lines, one JSON object per line, or SARIF (default: text)",
               {"text", "json", "sarif"}, "text|json|sarif");
    command->add_flag("--fix", lint_.fix, "Repair in the files what is mechanical, and print what is left");
    command->add_flag("--strict", lint_.strict, "Warnings make the exit code 2 too");
  }

  void add_show() {
    CLI::App* command = add("show", "Show a document as it is understood", help::show_example, show_);
    add_file(command, show_.file);
    CLI::Option_group* forms = command->add_option_group("");
    forms->require_option(0, 1);
    const auto add_form = [&](const char* name, ShownForm form, const char* purpose) {
      forms->add_flag_callback(name, [this, form] { show_.form = form; }, purpose);
    };
    add_form("--json", ShownForm::json, "Print the JSON form of the document");
    add_form("--yaml", ShownForm::yaml, "Print the YAML form of the document");
    add_form("--markdown", ShownForm::markdown, "Print it as a Markdown document");
  }

  void add_format() {
    CLI::App* command = add("fmt", "Lay documents out in the canonical way", help::format_example, format_);
    command->add_option("FILE", format_.files, "The documents; - reads standard input and writes standard output")
        ->required()
        ->type_name("");
    command->add_flag("--check", format_.check, "Change nothing; name the files that would change");
  }

  void add_handlers() {
    CLI::App* command = add("handlers", "List what the steps of a document can do", help::handlers_example, handlers_);
    add_json(command, handlers_.json, "Print one handler per line as JSON");
  }

  void add_runs() {
    CLI::App* command = add("runs", "List the runs of a store, newest first", help::runs_example, runs_);
    add_store(command, runs_.store, "The store (else: $RUNBOOK_STORE)");
    add_json(command, runs_.json, "Print one run per line as JSON");
  }

  void add_report() {
    CLI::App* command = add("report", "Print the report of a run", help::report_example, report_);
    add_stored_run(command, report_.run);
    add_store(command, report_.store, "The store (else: $RUNBOOK_STORE)");
    add_choice(command, "--format", words_.format, "Markdown, JSON or plain text (default: md)", {"md", "json", "text"},
               "md|json|text");
  }

  static void add_stored_run(CLI::App* command, std::string& run) {
    command->add_option("RUN", run, "The run's id, the beginning of it, or 'latest'")->required()->type_name("");
  }

  static void add_actor(CLI::App* command, std::string& actor, const char* purpose) {
    command->add_option("--actor", actor, purpose)->type_name("NAME")->option_text("NAME");
  }

  void add_resume() {
    CLI::App* command = add("resume", "Go on with a run that was left", help::resume_example, resume_);
    add_stored_run(command, resume_.run);
    add_store(command, resume_.store, "The store (else: $RUNBOOK_STORE)");
    command->add_flag("--yes", resume_.yes, "As for run");
    command->add_flag("--take-over", resume_.take_over,
                      "Also if its owner is on another host, where it must not run any more");
    add_json(command, resume_.json, "Print one event per line as JSON, and nothing else, on standard output");
    add_actor(command, resume_.actor, "Who answers and stops it; recorded (default: user@host)");
    command->add_flag("--no-color", resume_.no_color, "No colours (also: environment NO_COLOR)");
  }

  void add_answer() {
    CLI::App* command = add("answer", "Answer a question of a run from elsewhere", help::answer_example, answer_);
    add_stored_run(command, answer_.run);
    command->add_option("QUESTION", answer_.question, "What it is about: the step's id, as 'report' shows it")
        ->required()
        ->type_name("");
    command->add_option("ANSWER", answer_.answer, "yes or no; or the text or the choice that is asked for")
        ->type_name("");
    command->add_flag("--decline", answer_.decline, "No answer to a question for a text or a choice: its step fails")
        ->excludes("ANSWER");
    add_store(command, answer_.store, "The store (else: $RUNBOOK_STORE)");
    command->add_option("--note", answer_.note, "Words that are recorded with the answer")
        ->type_name("TEXT")
        ->option_text("TEXT");
    add_actor(command, answer_.actor, "Who answers; recorded (default: user@host)");
  }

  void add_resolve() {
    CLI::App* command = add("resolve", "Say how a step went that is in doubt", help::resolve_example, resolve_);
    add_stored_run(command, resolve_.run);
    command->add_option("STEP", resolve_.action, "The step that is in doubt, as 'runs' shows it")
        ->required()
        ->type_name("");
    command->add_option("DECISION", resolve_.decision, "done; not-done: it is done again; or failed")
        ->required()
        ->check(CLI::IsMember({"done", "not-done", "failed"}))
        ->type_name("");
    add_store(command, resolve_.store, "The store (else: $RUNBOOK_STORE)");
    command->add_option("--note", resolve_.note, "How that is known; recorded")->type_name("TEXT")->option_text("TEXT");
    add_actor(command, resolve_.actor, "Who says so; recorded (default: user@host)");
  }

  void add_cancel() {
    CLI::App* command =
        add("cancel", "Stop a run from elsewhere; it is rolled back as it says", help::cancel_example, cancel_);
    add_stored_run(command, cancel_.run);
    add_store(command, cancel_.store, "The store (else: $RUNBOOK_STORE)");
    add_actor(command, cancel_.actor, "Who stops it; recorded (default: user@host)");
  }

  void add_verify() {
    CLI::App* command = add("verify", "Check whether a run is as it was recorded", help::verify_example, verify_);
    command->add_option("RUN", verify_.run, "The run's id, the beginning of it, or 'latest'")->type_name("");
    command->add_option("--file", verify_.file, "Check what 'export' wrote into this file ('-': standard input)")
        ->type_name("FILE")
        ->option_text("FILE");
    command->add_option("--head", verify_.head, "The head that was kept: it must be in the journal")
        ->type_name("HEAD")
        ->option_text("HEAD");
    add_store(command, verify_.store, "The store (else: $RUNBOOK_STORE)");
  }

  void add_export() {
    CLI::App* command = add("export", "Write a run as lines of JSON that can be checked without the store",
                            help::export_example, export_);
    add_stored_run(command, export_.run);
    command->add_option("-o,--output", export_.output, "Write them into this file (else: standard output)")
        ->type_name("FILE")
        ->option_text("FILE");
    add_store(command, export_.store, "The store (else: $RUNBOOK_STORE)");
  }

  // Help and version.
  Request answered(const CLI::Success& answer) {
    std::ostringstream out;
    app_.exit(answer, out, out);
    return Answered{std::move(out).str(), {}, ExitCode::succeeded};
  }

  // CLI11 misses a subcommand before it looks at the word that stands in its place.
  [[nodiscard]] std::string explained(const CLI::ParseError& error) const {
    const std::vector<std::string> strange = app_.remaining();
    if (!app_.get_subcommands().empty() || strange.empty()) return error.what();
    return fmt::format("there is no command '{}'", strange.front());
  }

  [[nodiscard]] Request refused(const std::string& message) const {
    std::string command = "runbook";
    for (const CLI::App* parsed : app_.get_subcommands()) command += " " + parsed->get_name();
    return Answered{{}, fmt::format("{}: {}\nTry '{} --help'.\n", command, message, command), ExitCode::refused};
  }

  CLI::App app_;
  std::vector<std::pair<CLI::App*, std::function<Request()>>> finish_;
  Words words_;
  RunOptions run_;
  PlanOptions plan_;
  LintOptions lint_;
  ShowOptions show_;
  FormatOptions format_;
  HandlersOptions handlers_;
  RunsOptions runs_;
  ReportOptions report_;
  ResumeOptions resume_;
  AnswerOptions answer_;
  ResolveOptions resolve_;
  CancelOptions cancel_;
  VerifyOptions verify_;
  ExportOptions export_;
};

} // namespace

Request parse_command_line(int argc, const char* const* argv) {
  return CommandLine().parse(argc, argv);
}

} // namespace runbook::cli
