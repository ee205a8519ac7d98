// A process that goes on for long: what it holds does not grow with what it has done. The usual test run has a short
// version of each case; with RUNBOOK_LONG_TESTS=1 in the environment (`tests/run --long`) they have their full size.
#include "support/long_tests.hpp"
#include "support/memory.hpp"
#include "support/processes.hpp"

#include <runbook/runbook.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <utility>
#include <vector>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Forgets what it is told, so that the journals of a hundred thousand steps are not what a test measures.
class ForgetfulStore final : public RunStore {
public:
  [[nodiscard]] std::uint64_t events() const { return events_; }

private:
  class Line final : public Journal {
  public:
    Line(std::uint64_t last, std::atomic<std::uint64_t>& events) : Journal(1, last), events_(events) {}

  private:
    Result<void> do_append(std::span<const Event> events, std::span<const Blob>) override {
      events_ += events.size();
      return {};
    }
    std::atomic<std::uint64_t>& events_;
  };

  Result<std::unique_ptr<Journal>> do_create(std::string_view, std::span<const Event> events) override {
    events_ += events.size();
    return std::unique_ptr<Journal>(std::make_unique<Line>(events.back().seq, events_));
  }
  Result<std::unique_ptr<Journal>> do_claim(const std::string&, const Claimed&, std::chrono::system_clock::time_point,
                                            std::uint64_t) override {
    return Error{errc::store_error, "nothing is kept", {}};
  }
  Result<std::vector<Event>> do_load(const std::string&) override { return std::vector<Event>(); }
  Result<std::string> do_document(const std::string&) override { return std::string(); }
  Result<std::string> do_output(const std::string&, std::uint64_t) override { return std::string(); }
  Result<std::vector<RunSummary>> do_list() override { return std::vector<RunSummary>(); }

  std::atomic<std::uint64_t> events_ = 0;
};

constexpr int steps_of_a_run = 500;

/// 400 steps in a row, which export, print and take output over, and one that is done for each of 100 elements.
Plan plan_of_a_run() {
  const std::vector<std::string> scripts{":", "echo out; echo err >&2", "export SEEN=\"${SEEN-}$$\"", "cd /; pwd"};
  Runbook book{"long"};
  for (int i = 0; i < 400; ++i) {
    Step& step =
        book.step("s" + std::to_string(i)).use("shell", {{"script", scripts[static_cast<std::size_t>(i) % 4]}});
    if (i % 4 == 3) step.actions[0].capture = "c" + std::to_string(i);
  }
  std::string list;
  for (int i = 0; i < 100; ++i) list += (i == 0 ? "[" : ", ") + std::to_string(i);
  Step& each = book.step("each").use("shell", {{"script", "exec printf %s \"$item\""}});
  each.flow = Flow{.loop = Loop{.over = {.text = list + "]"}, .parallel = 4}};
  auto plan = make_plan(book, builtin_handlers(), {});
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return std::move(*plan);
}

/// A single shell step with this script, and what was recorded of its output.
struct Printed {
  explicit Printed(const std::string& script) {
    Runbook book{"prints"};
    book.step("prints").use("shell", {{"script", script}});
    const Plan plan = make_plan(book, builtin_handlers(), {}).value();
    const auto store = make_memory_store();
    Executor executor(builtin_handlers(), {.store = store});
    result = executor.run(plan);
    for (const Event& event : result.events) {
      const auto* found = std::get_if<StepOutput>(&event.data);
      if (found == nullptr) continue;
      output = *found;
      kept = store->output(result.run, event.seq).value();
    }
  }
  RunResult result;
  StepOutput output{};
  std::string kept;
};

/// The most that was ever resident, in MiB; a figure that only grows, so what a case adds to it is what it has needed.
std::size_t most_resident() {
  return status_bytes("VmHWM:") >> 20;
}

} // namespace

TEST_CASE("long run: however much a step prints the engine's memory stays flat and the record says how much") {
  static_cast<void>(Printed(":")); // what is needed once is there now
  // 10 GiB of zeros, as binary as output can be and one line; and one line of 1 GiB that is text.
  const std::uint64_t zeros = std::uint64_t{full_size() ? 10U : 2U} << 30;
  const std::uint64_t line = full_size() ? std::uint64_t{1} << 30 : std::uint64_t{256} << 20;
  const std::vector<std::pair<std::string, std::uint64_t>> cases{
      {"exec head -c " + std::to_string(zeros) + " /dev/zero", zeros},
      {"head -c " + std::to_string(line) + " /dev/zero | tr '\\0' x", line}};
  for (const auto& [script, size] : cases) {
    CAPTURE(script);
    const std::size_t before = most_resident();
    const Printed printed(script);
    CHECK(printed.result.status == RunStatus::succeeded);
    CHECK(printed.output.size == size);
    CHECK(printed.kept.size() == ExecutorOptions{}.output_cap);
    MESSAGE(size << " bytes; the most that was resident grew by " << most_resident() - before << " MiB");
    if (memory_is_given_back) CHECK(most_resident() - before < 16);
  }
}

TEST_CASE("long run: over very many steps neither zombies nor descriptors nor memory grow") {
  const int steps = full_size() ? 100'000 : 5'000;
  const int warm_up = full_size() ? 5'000 : 1'500;
  const Plan plan = plan_of_a_run();
  const auto store = std::make_shared<ForgetfulStore>();
  Executor executor(builtin_handlers(), {.store = store});
  int descriptors = 0;
  std::size_t resident = 0;
  for (int done = 0; done < steps; done += steps_of_a_run) {
    if (done == warm_up) {
      descriptors = open_descriptors();
      resident = resident_bytes();
    }
    const RunResult result = executor.run(plan);
    REQUIRE_MESSAGE(result.status == RunStatus::succeeded, result.reason);
  }
  CHECK(store->events() >= static_cast<std::uint64_t>(2 * steps)); // an intent and an outcome for each
  CHECK(children() == 0);
  CHECK(open_descriptors() == descriptors);
  const auto grown = static_cast<std::int64_t>(resident_bytes()) - static_cast<std::int64_t>(resident);
  MESSAGE(steps << " steps; resident after " << warm_up << ": " << resident / 1024 << " KiB, grown since by "
                << grown / 1024 << " KiB; descriptors: " << descriptors);
  if (memory_is_given_back) CHECK(grown < 5 << 20);
}
