// t01: run a document. Usage: t01_run_a_document FILE [name=value]...
//
// Text becomes a Runbook, a Runbook with inputs becomes a Plan, an Executor runs the plan, the journal becomes a
// report.
#include <runbook/runbook.hpp>

#include <iostream>
#include <string_view>

namespace rb = runbook;

int main(int argc, char** argv) try {
  if (argc < 2) {
    std::cerr << "usage: t01_run_a_document FILE [name=value]...\n";
    return 2;
  }
  rb::Values inputs;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) {
      std::cerr << "an input is written name=value: " << word << '\n';
      return 2;
    }
    inputs[word.substr(0, equals)] = word.substr(equals + 1);
  }

  const rb::HandlerRegistry handlers = rb::builtin_handlers();
  const rb::Runbook book = rb::load(argv[1]).value();
  const rb::Plan plan = rb::make_plan(book, handlers, inputs).value();
  std::cout << rb::to_text(plan) << '\n'; // what will happen

  rb::Executor executor{handlers};
  const rb::RunResult result = executor.run(plan, {.actor = "t01"});
  std::cout << rb::to_markdown(rb::make_report(result.events)); // what happened
  return result.status == rb::RunStatus::succeeded ? 0 : 1;
} catch (const rb::Exception& e) {
  std::cerr << e.what() << '\n'; // every problem with its line and column
  return 2;
}
