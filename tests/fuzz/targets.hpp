// What the fuzzers feed with bytes, and what must hold whatever the bytes are. An ordinary test runs the same functions
// over what the fuzzers have found (tests/fuzz_cases_test.cpp).
//
// A new target is one line in `targets` and a folder with examples in corpus/.
#pragma once

#include <runbook/expression.hpp>
#include <runbook/handlers.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

#include <boost/json/serialize.hpp>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace runbook::fuzz {

inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

/// Everything that is done with a document before it runs.
inline void use(const Parsed& parsed) {
  for (const Diagnostic& diagnostic : parsed.diagnostics) {
    require(!to_string(diagnostic).empty(), "a finding says something");
    require(diagnostic.span.line <= diagnostic.span.end_line, "a finding ends behind its begin");
  }
  const Value form = to_json(parsed.runbook);
  const Result<Runbook> again = from_json(form);
  if (parsed.ok()) {
    require(again.has_value(), "the JSON form of a runbook without errors is one");
    require(canonical_json(to_json(*again)) == canonical_json(form), "the JSON form keeps everything");
    const Parsed written = parse_yaml_form(to_yaml(parsed.runbook));
    require(written.ok(), "the YAML form of a runbook without errors is one");
    require(canonical_json(to_json(written.runbook)) == canonical_json(form), "the YAML form keeps everything");
  }
  static const HandlerRegistry handlers = builtin_handlers();
  const Result<Plan> plan = make_plan(parsed.runbook, handlers);
  if (!plan) {
    require(has_errors(plan.error().diagnostics), "a plan that fails says why");
    require(!to_string(plan.error()).empty(), "an error says something");
    return;
  }
  require(!to_text(*plan).empty(), "a plan has a text");
  require(make_plan(parsed.runbook, handlers)->digest() == plan->digest(), "a plan's digest is always the same");
  static_cast<void>(boost::json::serialize(to_json(*plan)));
}

inline void markdown(std::string_view text) {
  use(parse_markdown(text, {"fuzz.md", {"sql"}}));
}

inline void json(std::string_view text) {
  use(parse_json_form(text, {"fuzz.json", {}}));
}

inline void yaml(std::string_view text) {
  use(parse_yaml_form(text, {"fuzz.yaml", {}}));
}

inline const Values& variables() {
  static const Values all{
      {"inputs", {{"env", "prod"}, {"count", 3}, {"ratio", 0.5}, {"dry", false}, {"none", nullptr}}},
      {"steps", {{"drain-node", {{"exit_code", 0}, {"output", "a\nb"}, {"json", {{"ok", true}}}}}}},
      {"list", {1, 2, 3, "x", nullptr}},
      {"text", "größe"},
  };
  return all;
}

inline void expression(std::string_view text) {
  const Result<Expression> read = Expression::parse(text);
  if (!read) {
    require(read.error().diagnostics.size() == 1, "an expression that is not understood has one finding");
    return;
  }
  require(read->text() == text, "an expression keeps its text");
  for (const auto& reference : read->references()) require(!reference.path.empty(), "a reference names something");
  const Result<Value> value = read->evaluate(variables());
  require(value.has_value() || value.error().diagnostics.size() == 1, "an expression without a value has one finding");
  const Result<Value> again = read->evaluate(variables());
  require(value.has_value() == again.has_value(), "an expression's value is always the same");
  if (value) require(canonical_json(*value) == canonical_json(*again), "an expression's value is always the same");
  static_cast<void>(read->test(variables()));
}

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

inline constexpr std::array targets{
    Target{"markdown", markdown},
    Target{"json", json},
    Target{"yaml", yaml},
    Target{"expression", expression},
};

} // namespace runbook::fuzz
