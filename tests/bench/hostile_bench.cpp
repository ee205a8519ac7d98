// How the cost of hostile documents grows: t(2n)/t(n) for each of them, read and planned on a thread with a stack of
// 256 KiB. What is near 2 or below is linear; a square would be 4.
//
//   hostile_bench [BYTES [NAME]]     n is BYTES of text (default 200,000); NAME: only documents whose name holds it
#include "support/hostile_documents.hpp"

#include <runbook/handlers.hpp>
#include <runbook/parse.hpp>
#include <runbook/plan.hpp>

#include <fmt/format.h>
#include <pthread.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace rb = runbook;

namespace {

using Clock = std::chrono::steady_clock;

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

void* read_and_plan(void* argument) {
  Task& task = *static_cast<Task*>(argument);
  const double start = thread_seconds();
  {
    rb::ParseOptions options;
    options.path = task.document->json ? "a.json" : "a.md";
    const rb::Parsed parsed = rb::parse(task.text, options);
    const auto plan = rb::make_plan(parsed.runbook, rb::builtin_handlers());
    const auto& planned = plan ? plan->warnings() : plan.error().diagnostics;
    task.findings = parsed.diagnostics.size() + planned.size();
    task.limit = std::ranges::count(parsed.diagnostics, "limit", &rb::Diagnostic::code) > 0;
  }
  task.seconds = thread_seconds() - start;
  return nullptr;
}

Task measure(const rb::testing::HostileDocument& document, std::size_t bytes, int rounds) {
  Task best;
  best.seconds = 1e9;
  for (int round = 0; round < rounds; ++round) {
    Task task{&document, document.make(bytes)};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, std::size_t{256} * 1024);
    pthread_t thread{};
    if (pthread_create(&thread, &attributes, read_and_plan, &task) != 0) std::abort();
    pthread_join(thread, nullptr);
    pthread_attr_destroy(&attributes);
    if (task.seconds < best.seconds) best = std::move(task);
  }
  return best;
}

} // namespace

int main(int argc, char** argv) {
  const std::size_t bytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200'000;
  const std::string_view wanted = argc > 2 ? argv[2] : "";
  int bad = 0;
  fmt::print("{:<52} {:>9} {:>9} {:>6} {:>9}\n", "document", "n, ms", "2n, ms", "ratio", "findings");
  for (const auto& document : rb::testing::hostile_documents()) {
    if (document.name.find(wanted) == std::string::npos) continue;
    double growth = 0;
    Task once;
    Task twice;
    for (int attempt = 0; attempt < 3; ++attempt) { // another program's work must not look like growth
      once = measure(document, bytes, 3);
      twice = measure(document, 2 * bytes, 3);
      growth = twice.seconds / once.seconds;
      if (growth < worst_growth || twice.seconds < too_short_to_tell) break;
    }
    const bool steep = growth >= worst_growth && twice.seconds >= too_short_to_tell;
    bad += steep ? 1 : 0;
    fmt::print("{:<52} {:>9.2f} {:>9.2f} {:>6.2f} {:>9}{}{}\n", document.name, once.seconds * 1e3, twice.seconds * 1e3,
               growth, twice.findings, twice.limit ? " limit" : "", steep ? "   GROWS" : "");
    std::fflush(stdout);
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{} grow faster than their length; {} MiB at most\n", bad, usage.ru_maxrss / 1024);
  return bad == 0 ? 0 : 1;
}
