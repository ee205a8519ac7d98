// Reads one document and prints what became of it as a line of JSON, also if it has errors: the actions and
// expectations with the lines in which they stand, and the findings. For checks that are no part of this program.
#include <runbook/parse.hpp>

#include <boost/json/serialize.hpp>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace runbook;

void add_action(boost::json::array& out, const Action& action) {
  Values entry{{"line", action.span.line}, {"handler", action.handler}, {"params", action.params}};
  if (action.expect) entry["expect"] = Values{{"line", action.expect->span.line}, {"text", action.expect->text}};
  out.emplace_back(std::move(entry));
}

void add_steps(boost::json::array& out, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    for (const auto* actions : {&step.actions, &step.checks, &step.undo, &step.probe}) {
      for (const Action& action : *actions) add_action(out, action);
    }
    add_steps(out, step.steps);
  }
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: read_document FILE\n", stderr);
    return 2;
  }
  const Result<Parsed> parsed = parse_file(argv[1]);
  if (parsed.has_error()) {
    std::fprintf(stderr, "%s\n", to_string(parsed.error()).c_str());
    return 2;
  }
  const Runbook& book = parsed->runbook;
  boost::json::array actions;
  for (const auto* steps : {&book.prerequisites, &book.steps, &book.verification, &book.rollback, &book.state}) {
    add_steps(actions, *steps);
  }
  boost::json::array findings;
  for (const Diagnostic& d : parsed->diagnostics) {
    findings.emplace_back(Values{{"line", d.span.line}, {"severity", to_string(d.severity)}, {"code", d.code}});
  }
  const Values all{{"actions", std::move(actions)}, {"findings", std::move(findings)}};
  std::puts(boost::json::serialize(Value(all)).c_str());
  return 0;
}
