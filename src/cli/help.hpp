// The words of `--help` that are not about a single option.
#pragma once

namespace runbook::cli::help {

inline constexpr const char* purpose = "Checks, runs and undoes runbooks: Markdown documents that people can read.";

inline constexpr const char* footer = R"(Example:
  runbook lint deploy.md
  runbook plan deploy.md -i version=1.4.2
  runbook run deploy.md -i version=1.4.2 --store runs.db
  runbook report latest --store runs.db

Exit codes:
   0  succeeded
   1  the output could not be written, or the command itself failed
   2  bad usage, bad document or no such run: nothing ran
  10  rolled_back: the run did not succeed, everything is undone
  11  partially_rolled_back: something could not be undone; the report names it
  12  failed: nothing to undo, or it was not to be undone
  13  cancelled: stopped on request, and not undone
  14  parked: waits for a person who could not be asked, or for its store)";

inline constexpr const char* run_example = R"(Examples:
  runbook run deploy.md -i version=1.4.2 --store runs.db
  runbook run deploy.md -i version=1.4.2 --yes --json > events.jsonl
  runbook run deploy.md --secret token=env:DEPLOY_TOKEN

A secret without a source is asked for on the terminal, and what is typed is not shown.
Ctrl-C stops the running step and rolls back; a second one asks whether to give the
rollback up; a third one gives it up. SIGTERM and SIGHUP do the same.

A question is put on the terminal that is both standard input and standard error.
Without one, and without --yes, a step for a person parks the run.

Exit codes: 0 succeeded, 2 nothing ran, 10 rolled_back, 11 partially_rolled_back,
12 failed, 13 cancelled, 14 parked.)";

inline constexpr const char* plan_example = R"(Example:
  runbook plan deploy.md -i version=1.4.2)";

inline constexpr const char* lint_example = R"(Examples:
  runbook lint deploy.md
  runbook lint docs/runbooks --format sarif > runbooks.sarif
  runbook lint deploy.md --fix

A comment in the document leaves findings out, with a reason:
  <!-- runbook-lint-ignore destructive-without-undo: the cache fills itself again -->

Exit codes: 0 no errors (there may be warnings), 2 errors.)";

inline constexpr const char* show_example = R"(Examples:
  runbook show deploy.md
  runbook show deploy.md --json > deploy.json
  runbook show deploy.json --markdown > deploy.md)";

inline constexpr const char* format_example = R"(Examples:
  runbook fmt deploy.md drain.md
  runbook fmt --check runbooks/*.md

A file is replaced only if its layout changes, and then it is named. What is in blocks
of code, prose, tables and comments stays as it is.

Exit codes: 0 done, or nothing would change; 1 a file could not be written;
2 a file could not be laid out, or would change with --check.)";

inline constexpr const char* handlers_example = R"(Example:
  runbook handlers --json)";

inline constexpr const char* runs_example = R"(Example:
  runbook runs --store runs.db)";

inline constexpr const char* report_example = R"(Examples:
  runbook report latest --store runs.db
  runbook report 20240501T0312 --store runs.db --format json)";

inline constexpr const char* resume_example = R"(Examples:
  runbook resume latest --store runs.db
  runbook resume 20240501T0312 --store runs.db --yes

A run that is parked, or whose owner is gone, goes on where its journal ends, from the
document and the inputs that the store has. What was shown before is shown again first.
A run is refused if its owner lives. Of a step that was under way when the owner ended
nobody knows whether it was done: unless the document says what that means, it is asked
for: 'done', 'not-done' (then it is done again) or 'failed'.)";

inline constexpr const char* answer_example = R"(Examples:
  runbook answer latest approve yes --store runs.db
  runbook answer 20240501T0312 ticket OPS-1412 --store runs.db

The first valid answer counts. One for a run that is parked waits in the store until
'runbook resume' goes on with the run.)";

inline constexpr const char* resolve_example = R"(Example:
  runbook resolve latest drain-the-node done --note "kubectl says so" --store runs.db

A step is in doubt if the run's owner ended while it was under way and nobody can
tell how it went. 'runbook runs' names such steps.)";

inline constexpr const char* cancel_example = R"(Example:
  runbook cancel latest --store runs.db)";

inline constexpr const char* verify_example = R"(Examples:
  runbook verify latest --store runs.db
  runbook verify 20240501T0312 --store runs.db --head 5f2c…
  runbook verify --file run.jsonl

What is changed, missing or moved in the run's journal is named. The head that is printed
stands for all of it: kept elsewhere and given with --head, it tells whether all that was
there then is still there.

Exit codes: 0 all is as it was recorded, 1 something is not, 2 it could not be checked.)";

inline constexpr const char* export_example = R"(Example:
  runbook export latest --store runs.db -o run.jsonl

One line of JSON for the document, one for each event with its output, and one for the
head. 'runbook verify --file' checks it; the journal's documentation describes it.)";

} // namespace runbook::cli::help
