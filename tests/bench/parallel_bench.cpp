// Steps at the same time: how long so many `sleep 1` take, and what each of them costs the engine meanwhile.
//
//   parallel_bench STEPS [DESCRIPTORS]     one JSON object on standard output; the second word is a limit of
//   descriptors
#include <runbook/runbook.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <string>
#include <sys/resource.h>
#include <thread>

namespace rb = runbook;
using namespace std::chrono_literals;

namespace {

double heap_kib() {
  const auto info = ::mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd) / 1024;
}

/// 0 if there is none left to look with.
std::size_t descriptors() {
  std::error_code none_left;
  std::filesystem::directory_iterator folder("/proc/self/fd", none_left);
  std::size_t count = 0;
  for (; !none_left && folder != std::filesystem::directory_iterator(); folder.increment(none_left)) ++count;
  return count;
}

rb::Plan plan_of(std::uint32_t steps) {
  rb::Runbook book("at once");
  std::string list = "[0";
  for (std::uint32_t i = 1; i < steps; ++i) list += fmt::format(",{}", i);
  rb::Step& made = book.step("list").use("shell", {{"script", "cat \"$FILE\""}, {"env", {{"FILE", "items"}}}});
  made.actions[0].effect = rb::Effect::pure;
  rb::Step& step = book.step("sleep").use("shell", {{"script", "sleep 1"}});
  step.actions[0].effect = rb::Effect::pure;
  rb::Loop& loop = step.flow.emplace().loop.emplace();
  loop.over.text = "steps.list.stdout";
  loop.parallel = steps;
  std::ofstream("items") << list << ']';
  return rb::make_plan(book, rb::builtin_handlers()).value();
}

} // namespace

int main(int argc, char** argv) {
  const auto steps = static_cast<std::uint32_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000);
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::mallopt(M_ARENA_MAX, 1); // so that what all threads have shows up in one sum
  const rb::Plan plan = plan_of(steps);
  rb::Executor executor(rb::builtin_handlers());
  const double heap_before = heap_kib();
  const std::size_t descriptors_before = descriptors();
  double heap = 0;
  std::size_t open = 0;
  const auto begin = std::chrono::steady_clock::now();
  const rb::RunHandle run = executor.start(plan);
  while (!run.wait_for(50ms)) {
    heap = std::max(heap, heap_kib());
    open = std::max(open, descriptors());
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const bool succeeded = run.wait().status == rb::RunStatus::succeeded;
  fmt::print("{{\"steps\": {}, \"seconds\": {:.3f}, \"succeeded\": {}, \"kib_per_step\": {:.2f}, "
             "\"descriptors_per_step\": {:.2f}}}\n",
             steps, seconds, succeeded, (heap - heap_before) / steps,
             static_cast<double>(open - descriptors_before) / steps);
  return succeeded ? 0 : 1;
}
