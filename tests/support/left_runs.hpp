// Runs that are left and taken up again: handlers that note in a file what they do, whichever process they run in.
#pragma once

#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace runbook::testing {

/// `work` notes what its parameter `say` says, `fail` does so and fails, `hang` does so and never ends.
inline HandlerRegistry noting_in(const std::string& file) {
  const auto note = [file](StepContext& ctx, std::string_view mark) {
    std::ofstream(file, std::ios::app) << std::string(ctx.param("say").as_string()) << mark << ' ';
  };
  HandlerRegistry handlers = builtin_handlers();
  handlers.add({.name = "work"}, [note](StepContext& ctx) -> Result<Value> {
    note(ctx, "");
    return ctx.param("say");
  });
  handlers.add({.name = "fail"}, [note](StepContext& ctx) -> Result<Value> {
    note(ctx, "!");
    return Error{errc::handler_failed, "it does not work", {}};
  });
  handlers.add({.name = "hang"}, [note](StepContext& ctx) -> Result<Value> {
    note(ctx, "...");
    while (!ctx.stop_token().stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    return Value();
  });
  return handlers;
}

inline Values saying(const std::string& word) {
  return {{"say", word}};
}

inline Step ask(const std::string& id) {
  Step step;
  step.id = id;
  step.use("confirm", {{"prompt", "Done?"}});
  return step;
}

/// Reaches nobody: what it is asked parks the run.
class AbsentApprover final : public Approver {
public:
  Result<void> ask(const Question&, std::function<void(Answer)>) override {
    return Error{errc::approver_unavailable, "nobody is there", {}};
  }
  void withdraw(const std::string&, const std::string&) override {}
};

/// Answers every question yes.
class YesApprover final : public Approver {
public:
  Result<void> ask(const Question&, std::function<void(Answer)> reply) override {
    reply({.yes = true, .who = "ada"});
    return {};
  }
  void withdraw(const std::string&, const std::string&) override {}
};

/// A store and handlers that are there for every owner of a run.
struct Left {
  TempFolder folder;
  HandlerRegistry handlers = noting_in(folder / "log");
  std::shared_ptr<RunStore> store = make_memory_store();

  [[nodiscard]] Plan plan(const Runbook& book, const Values& inputs = {}) const {
    auto made = make_plan(book, handlers, inputs);
    REQUIRE_MESSAGE(made.has_value(), to_string(made.error()));
    return std::move(*made);
  }
  [[nodiscard]] ExecutorOptions nobody() const {
    return {.store = store, .approver = std::make_shared<AbsentApprover>()};
  }
  [[nodiscard]] ExecutorOptions yes() const { return {.store = store, .approver = std::make_shared<YesApprover>()}; }
  /// Starts the run and parks it at its first question.
  RunResult park(const Plan& plan, StartOptions options = {}) {
    Executor executor(handlers, nobody());
    RunResult result = executor.run(plan, std::move(options));
    REQUIRE_MESSAGE(result.status == RunStatus::parked, result.reason);
    return result;
  }
  /// Takes the run up in a new executor, whose approver says yes, and waits for its end.
  RunResult take_up(const std::string& run, ResumeOptions options = {}) {
    Executor executor(handlers, yes());
    return executor.resume(run, std::move(options)).wait();
  }
  std::optional<Error> refusal(const std::string& run, ResumeOptions options = {}) {
    Executor executor(handlers, nobody());
    try {
      static_cast<void>(executor.resume(run, std::move(options)));
    } catch (const Exception& e) {
      return e.error();
    }
    return std::nullopt;
  }
  [[nodiscard]] std::string log() const { return folder.read("log"); }
};

template <class Data>
std::vector<Data> all_of(const std::vector<Event>& events) {
  std::vector<Data> found;
  for (const Event& event : events) {
    if (const auto* data = std::get_if<Data>(&event.data)) found.push_back(*data);
  }
  return found;
}

} // namespace runbook::testing
