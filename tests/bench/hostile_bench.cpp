// How the cost of hostile documents grows: t(2n)/t(n) for each of them, read and planned on a thread with a stack of
// 256 KiB. What is near 2 or below is linear; a square would be 4.
//
//   hostile_bench [BYTES [NAME]]     n is BYTES of text (default 400,000); NAME: only documents whose name holds it
//   hostile_bench --json             the names and their growth
#include "support/hostile_documents.hpp"
#include "support/small_stack.hpp"

#include <runbook/handlers.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>

namespace rb = runbook;

namespace {

constexpr std::size_t usual_bytes = 400'000;
constexpr double worst_growth = 2.5;
constexpr double too_short_to_tell = 0.004; // seconds

struct Task {
  const rb::testing::HostileDocument* document = nullptr;
  std::string text;
  double seconds = 0;
  std::size_t findings = 0;
  bool limit = false;
};

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void read_and_plan(Task& task) {
  const double start = thread_seconds();
  {
    rb::ParseOptions options;
    options.path = fmt::format("a.{}", task.document->ending);
    const rb::Parsed parsed = rb::parse(task.text, options);
    const auto plan = rb::make_plan(parsed.runbook, rb::builtin_handlers());
    const auto& planned = plan ? plan->warnings() : plan.error().diagnostics;
    task.findings = parsed.diagnostics.size() + planned.size();
    task.limit = std::ranges::count(parsed.diagnostics, "limit", &rb::Diagnostic::code) > 0;
  }
  task.seconds = thread_seconds() - start;
}

Task measure(const rb::testing::HostileDocument& document, std::size_t bytes, int rounds) {
  Task best;
  best.seconds = 1e9;
  for (int round = 0; round < rounds; ++round) {
    Task task{&document, document.make(bytes)};
    runbook_test::on_small_stack([&task] { read_and_plan(task); });
    if (task.seconds < best.seconds) best = std::move(task);
  }
  return best;
}

struct Growth {
  Task once;
  Task twice;
  double factor = 0;

  /// What takes almost no time has no growth that could be measured.
  [[nodiscard]] bool is_known() const { return twice.seconds >= too_short_to_tell; }
  [[nodiscard]] bool is_steep() const { return is_known() && factor >= worst_growth; }
};

Growth growth_of(const rb::testing::HostileDocument& document, std::size_t bytes) {
  Growth growth;
  for (int attempt = 0; attempt < 3; ++attempt) { // another program's work must not look like growth
    growth.once = measure(document, bytes, 3);
    growth.twice = measure(document, 2 * bytes, 3);
    growth.factor = growth.twice.seconds / growth.once.seconds;
    if (!growth.is_steep()) break;
  }
  return growth;
}

int print_table(std::size_t bytes, std::string_view wanted) {
  const auto documents = rb::testing::hostile_documents();
  int steep = 0;
  fmt::print("{:<52} {:>9} {:>9} {:>6} {:>9}\n", "document", "n, ms", "2n, ms", "ratio", "findings");
  for (const auto& document : documents) {
    if (document.name.find(wanted) == std::string::npos) continue;
    const Growth growth = growth_of(document, bytes);
    steep += growth.is_steep() ? 1 : 0;
    fmt::print("{:<52} {:>9.2f} {:>9.2f} {:>6.2f} {:>9}{}{}\n", document.name, growth.once.seconds * 1e3,
               growth.twice.seconds * 1e3, growth.factor, growth.twice.findings, growth.twice.limit ? " limit" : "",
               growth.is_steep() ? "   GROWS" : "");
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} grow faster than their length; {} MiB at most\n", steep, usage.ru_maxrss / 1024);
  return steep == 0 ? 0 : 1;
}

int print_json(std::size_t bytes) {
  const auto documents = rb::testing::hostile_documents();
  std::string_view separator = "[";
  for (const auto& document : documents) {
    const Growth growth = growth_of(document, bytes);
    fmt::print("{}{{\"name\": \"{}\", \"growth\": {:.3f}}}", separator, document.name,
               growth.is_known() ? growth.factor : 0.0);
    separator = ",\n";
  }
  fmt::print("]\n");
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const bool json = argc > 1 && std::string_view(argv[1]) == "--json";
  if (json) return print_json(usual_bytes);
  return print_table(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : usual_bytes, argc > 2 ? argv[2] : "");
}
