// One way for a value to go through a runbook: the steps that take it along, and where it can be seen on arrival.
#pragma once

#include "support/metacharacters.hpp"
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook::testing {

/// Says yes, and keeps what was asked.
class WillingApprover final : public Approver {
public:
  Result<void> ask(const Question& question, std::function<void(Answer)> reply) override {
    asked = question.text;
    reply({.yes = true, .who = "tester"});
    return {};
  }
  void withdraw(const std::string&, const std::string&) override {}

  std::string asked;
};

/// A run with the input `x`.
struct Passage {
  HandlerRegistry handlers = builtin_handlers();
  TempFolder folder;
  Runbook book{"values"};
  std::shared_ptr<WillingApprover> approver = std::make_shared<WillingApprover>();
  Secrets secrets;
  std::string value;
  RunResult result;
  std::optional<Plan> plan;

  explicit Passage(std::string x) : value(std::move(x)) { book.inputs.push_back({.name = "x", .required = true}); }

  Step& shell(const std::string& id, const std::string& script, Values more = {}) {
    more["script"] = script;
    return book.step(id).use("shell", std::move(more));
  }

  /// False if nothing was planned or the run failed; `why` says why.
  bool run() {
    auto made = make_plan(book, handlers, {{"x", value}});
    if (!made) return refused(made.error());
    plan = std::move(*made);
    Executor executor(handlers, {.approver = approver});
    try {
      result = executor.run(*plan, {.directory = folder.path().string(), .secrets = secrets});
    } catch (const Exception& exception) {
      return refused(exception.error());
    }
    for (const Event& event : result.events) {
      const auto* outcome = std::get_if<StepOutcome>(&event.data);
      if (outcome != nullptr && !outcome->outcome.ok()) why = outcome->outcome.message;
    }
    return result.status == RunStatus::succeeded;
  }

  /// What the step of this id gave to later ones.
  [[nodiscard]] Value captured(std::string_view id) const {
    Value found;
    for (const Event& event : result.events) {
      const auto* outcome = std::get_if<StepOutcome>(&event.data);
      if (outcome != nullptr && plan->steps()[outcome->at.step].id == id) found = outcome->captured;
    }
    return found;
  }

  std::string why;

private:
  bool refused(const Error& error) {
    why = to_string(error);
    return false;
  }
};

struct Field {
  std::string name;
  std::function<void(Passage&)> build;
  /// What has arrived; unset: what is in the file `seen`.
  std::function<std::string(const Passage&)> seen{};
  /// The values that are refused, by their names in `metacharacters`; "all" for every one.
  std::vector<std::string> refuses{};
  std::string refusal{}; ///< what a refusal names
  /// What is to arrive; unset: the value.
  std::function<std::string(std::string)> arrives{};
};

/// As captures and `stdout` have it.
inline std::string without_line_ends(std::string text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

/// Sends every value through the field.
inline void check_field(const Field& field) {
  CAPTURE(field.name);
  for (const Metacharacters& item : metacharacters()) {
    CAPTURE(item.name);
    const auto refuses = [&](const std::string& name) { return std::ranges::count(field.refuses, name) > 0; };
    Passage passage(item.value);
    field.build(passage);
    const bool arrived = passage.run();
    INFO(passage.why.substr(0, 400));
    CHECK(arrived == !(refuses("all") || refuses(item.name)));
    if (arrived) {
      const std::string expected = field.arrives ? field.arrives(item.value) : item.value;
      const std::string seen = field.seen ? field.seen(passage) : passage.folder.read("seen");
      CHECK_MESSAGE((seen == expected), seen.substr(0, 400));
    } else {
      CHECK(passage.why.find(field.refusal) != std::string::npos);
      CHECK_FALSE(passage.folder.has("seen"));
    }
    CHECK_FALSE(passage.folder.has("hacked"));
  }
}

} // namespace runbook::testing
