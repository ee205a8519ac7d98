// Random runbooks: every member of the model is set sooner or later, with text that is hard on a reader.
#pragma once

#include "support/random_choice.hpp"

#include <runbook/model.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace runbook::testing {

class RunbookGenerator : RandomChoice {
public:
  using RandomChoice::RandomChoice;

  Runbook runbook() {
    Runbook book;
    book.title = text();
    book.purpose = text();
    book.frequency = parse_frequency(text());
    book.risk_level = RiskLevel(number(5));
    repeat([&] { book.required_access.push_back(parse_access(text())); });
    if (chance()) book.metadata = params();
    repeat([&] { book.inputs.push_back(input()); });
    for (auto* steps : {&book.prerequisites, &book.steps, &book.verification, &book.rollback, &book.state}) {
      repeat([&] { steps->push_back(step()); });
    }
    repeat([&] { book.related.push_back({text(), text(), {}}); });
    return book;
  }

private:
  std::string text() {
    static const std::vector<std::string> words{"",  "a",  "{{ x }}", "\"", "\n", "\xC3\xA9", "rm -rf", "\x01", "~/",
                                                " ", "\t", "\r",      ": ", " #", "'",        "1.0",    "yes",  "\\"};
    std::string out;
    repeat([&] { out += pick(words); });
    return out;
  }
  Values params() {
    Values values;
    repeat([&] { values[text()] = chance() ? Value(text()) : Value{{"list", {1, 2.5, nullptr, true}}}; });
    return values;
  }
  Action action() {
    Action a;
    a.handler = text();
    a.params = params();
    if (chance()) a.effect = Effect(number(3));
    if (chance()) a.timeout = std::chrono::milliseconds(number(100000));
    if (chance())
      a.retry = {std::uint32_t(number(9)), std::chrono::milliseconds(number(5)), std::chrono::minutes(number(5)),
                 std::uint32_t(number(100))};
    if (chance()) a.capture = text();
    if (chance()) a.expect = Expectation{Expectation::Kind(number(5)), text(), {}};
    if (chance()) a.until = Condition{text(), {}};
    return a;
  }
  Flow flow() {
    Flow f;
    f.when.text = text();
    if (chance()) f.loop = Loop{{text(), {}}, text(), std::uint32_t(number(3))};
    repeat([&] { f.needs.push_back(text()); });
    return f;
  }
  Step step(int depth = 0) {
    Step s;
    s.id = "step-" + std::to_string(++steps_);
    s.title = text();
    s.notes = text();
    repeat([&] { s.actions.push_back(action()); });
    repeat([&] { s.checks.push_back(action()); });
    repeat([&] { s.undo.push_back(action()); });
    repeat([&] { s.probe.push_back(action()); });
    if (depth < 3 && number(4) == 0) repeat([&] { s.steps.push_back(step(depth + 1)); });
    if (Flow f = flow(); f != Flow()) s.flow = f;
    s.irreversible = chance();
    s.isolated = chance();
    s.on_doubt = OnDoubt(number(5));
    s.on_failure = OnFailure(number(3));
    return s;
  }
  Input input() {
    Input i;
    i.name = text();
    i.type = InputType(number(6));
    if (i.type == InputType::secret && chance()) i.from = {SecretOrigin::Kind(1 + number(3)), "somewhere"};
    i.required = chance();
    if (chance()) i.default_value = chance() ? Value(nullptr) : Value(text());
    i.pattern = text();
    i.description = text();
    return i;
  }

  int steps_ = 0;
};

} // namespace runbook::testing
