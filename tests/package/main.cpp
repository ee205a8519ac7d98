// Every part of the installed library that needs a dependency of its own is used once: the document's parser, the
// store, the digests, a real process, and an exception that crosses the library's border.
#include <runbook/runbook.hpp>

#include <cstdio>
#include <iostream>
#include <string>

namespace rb = runbook;

namespace {

constexpr std::string_view document = R"(# Greet

## Inputs

- `name` (string, required): Who is greeted

## Steps

1. Greet
   ```bash
   test "$name" = Ada
   ```
)";

void require(bool condition, const char* what) {
  if (!condition) throw std::runtime_error(what);
}

void exceptions_cross_the_border() {
  try {
    (void)rb::load("no-such-file.md").value();
  } catch (const rb::Exception& e) {
    require(e.error().code == rb::errc::io_error, "the wrong error for a missing file");
    return;
  }
  require(false, "a missing file is no error");
}

void a_run_of_document_and_lambda(const std::string& database) {
  std::remove(database.c_str());
  rb::HandlerRegistry handlers = rb::builtin_handlers();
  int calls = 0;
  handlers.add({.name = "count"}, [&calls](rb::StepContext&) -> rb::Result<rb::Value> { return rb::Value(++calls); });

  rb::Parsed parsed = rb::parse(document, {.path = "greet.md"});
  require(parsed.ok(), "the document is refused");
  parsed.runbook.step("count").use("count");
  const rb::Plan plan = rb::make_plan(parsed.runbook, handlers, {{"name", "Ada"}}).value();
  require(plan.digest().size() == 64, "the plan has no digest");

  rb::Executor executor{handlers, {.store = rb::open_sqlite(database).value()}};
  const rb::RunResult result = executor.run(plan, {.actor = "consumer"});
  std::cout << rb::to_text(rb::make_report(result.events));
  require(result.status == rb::RunStatus::succeeded, "the run did not succeed");
  require(calls == 1, "the lambda did not run exactly once");
}

} // namespace

int main(int argc, char** argv) try {
  require(argc == 2, "usage: consumer DATABASE");
  exceptions_cross_the_border();
  a_run_of_document_and_lambda(argv[1]);
  return 0;
} catch (const std::exception& e) {
  std::cerr << e.what() << '\n';
  return 1;
}
