// t02: your own handlers, as a function and as a class, and a document that uses them by fence language.
#include <runbook/runbook.hpp>

#include <iostream>
#include <string>

namespace rb = runbook;

namespace {

// A handler as a class: asynchronous if it likes, checks its actions before anything runs, claims a fence language.
class Sql final : public rb::Handler {
public:
  [[nodiscard]] const rb::HandlerInfo& info() const override { return info_; }

  [[nodiscard]] std::vector<rb::Diagnostic> check(const rb::Action& action) const override {
    auto problems = rb::Handler::check(action);
    const rb::Value* text = action.params.if_contains("text");
    if (text != nullptr && text->is_string() && text->as_string().find("DROP") != std::string::npos) {
      rb::Diagnostic problem;
      problem.code = "sql-drop";
      problem.message = "DROP is not allowed in a runbook";
      problem.span = action.span;
      problems.push_back(problem);
    }
    return problems;
  }

  void start(rb::StepContext& context, rb::Completion done) const override {
    context.output(rb::Stream::out, "1 row\n"); // a real one would ask its database
    done(rb::Outcome{rb::OutcomeStatus::ok, rb::Value{{"rows", 1}}, {}});
  }

private:
  rb::HandlerInfo info_{.name = "sql",
                        .description = "Runs a statement",
                        .params = {{.name = "text", .required = true}},
                        .languages = {"sql"}};
};

constexpr std::string_view document = R"(# Drain the web servers

## Steps

1. Note it in the database
   ```sql
   INSERT INTO maintenance (host) VALUES ('web-1');
   ```
)";

} // namespace

int main() try {
  rb::HandlerRegistry handlers = rb::builtin_handlers();
  handlers.add(std::make_shared<Sql>());
  // A handler as a function: it runs on a worker thread and may block.
  handlers.add({.name = "drain_node", .effect = rb::Effect::idempotent},
               [](rb::StepContext& context) -> rb::Result<rb::Value> {
                 const rb::Value& node = context.param("node");
                 std::cout << "drained " << rb::to_text(node) << '\n';
                 return rb::Value{{"drained", node}};
               });

  rb::Parsed parsed = rb::parse(document, {.path = "drain.md", .handler_languages = handlers.languages()});
  if (!parsed.ok()) throw rb::Exception({rb::errc::invalid_document, "cannot be run", parsed.diagnostics});
  parsed.runbook.step("drain-1").use("drain_node", {{"node", "web-1"}}); // documents and code mix
  parsed.runbook.step("drain-2").use("drain_node", {{"node", "web-2"}});

  rb::Executor executor{handlers};
  const rb::RunResult result = executor.run(rb::make_plan(parsed.runbook, handlers).value());
  std::cout << rb::to_string(result.status) << '\n';
  return result.status == rb::RunStatus::succeeded ? 0 : 1;
} catch (const rb::Exception& e) {
  std::cerr << e.what() << '\n';
  return 2;
}
