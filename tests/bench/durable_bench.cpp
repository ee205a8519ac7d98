// What it costs that a run is on the disk: each figure beside the disk's own, a raw append and fdatasync of as many
// bytes in the same folder.
//
//   durable_bench FOLDER      prints one line for each figure: name, value, what it is a ratio of
#include <runbook/runbook.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace rb = runbook;
using Clock = std::chrono::steady_clock;

namespace {

constexpr int rounds = 5;
constexpr std::size_t bytes_per_step = 400; // of the events of a step

double seconds_of(const auto& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double>(Clock::now() - begin).count();
}

double median_of(const auto& measure) {
  std::vector<double> values;
  for (int i = 0; i < rounds; ++i) values.push_back(measure());
  std::ranges::sort(values);
  return values[rounds / 2];
}

rb::HandlerRegistry handlers() {
  rb::HandlerRegistry all = rb::builtin_handlers();
  all.add({.name = "quick", .quick = true}, [](rb::StepContext&) -> rb::Result<rb::Value> { return rb::Value(); });
  return all;
}

rb::Plan plan_of(int steps, const rb::HandlerRegistry& all, std::string_view handler, const rb::Values& params = {}) {
  rb::Runbook book("steps");
  for (int i = 0; i < steps; ++i) book.step("s" + std::to_string(i)).use(std::string(handler), params);
  return rb::make_plan(book, all).value();
}

std::string fresh(const std::string& folder) {
  static int number = 0;
  return fmt::format("{}/store-{}.db", folder, ++number);
}

/// Seconds per step of so many runs at once.
double per_step(const std::shared_ptr<rb::RunStore>& store, const rb::Plan& plan, const rb::HandlerRegistry& all,
                int runs, int steps, rb::Supervision supervision = rb::Supervision::none) {
  rb::Executor executor(all, {.store = store, .supervision = supervision});
  const double seconds = seconds_of([&] {
    std::vector<rb::RunHandle> handles;
    for (int i = 0; i < runs; ++i) handles.push_back(executor.start(plan));
    for (const rb::RunHandle& handle : handles) {
      if (handle.wait().status != rb::RunStatus::succeeded) throw std::runtime_error("a run did not succeed");
    }
  });
  return seconds / runs / steps;
}

/// The disk's own: so many appends of the bytes of one step, each with a sync.
double per_raw_append(const std::string& folder, std::size_t bytes, int appends) {
  const std::string path = folder + "/raw";
  const int file = ::open(path.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const std::string record(bytes, 'x');
  const double seconds = seconds_of([&] {
    for (int i = 0; i < appends; ++i) {
      if (::write(file, record.data(), record.size()) < 0 || ::fdatasync(file) != 0) throw std::runtime_error("raw");
    }
  });
  ::close(file);
  ::unlink(path.c_str());
  return seconds / appends;
}

void sequential_and_shared(const std::string& folder) {
  const rb::HandlerRegistry all = handlers();
  constexpr int steps = 200;
  constexpr int at_once = 64;
  const rb::Plan plan = plan_of(steps, all, "quick");
  const auto stored = [&](int runs) {
    return median_of([&] { return per_step(rb::open_sqlite(fresh(folder)).value(), plan, all, runs, steps); });
  };
  const double raw = median_of([&] { return per_raw_append(folder, bytes_per_step, steps); });
  const double raw_shared =
      median_of([&] { return per_raw_append(folder, bytes_per_step * at_once, steps); }) / at_once;
  const double one = stored(1);
  const double many = stored(at_once);
  fmt::print("raw append + fdatasync of {} bytes: {:.0f} us\n", bytes_per_step, raw * 1e6);
  fmt::print("sequential step on SQLite: {:.0f} us, {:.2f} times a raw append\n", one * 1e6, one / raw);
  fmt::print("step of {} runs at once: {:.1f} us; {:.1f} times as many per second as one run alone (aim 20)\n", at_once,
             many * 1e6, one / many);
  fmt::print("the same beside a raw log that syncs once for {}: {:.2f} of its rate (aim 0.5)\n", at_once,
             raw_shared / many);
}

void programs(const std::string& folder) {
  const rb::HandlerRegistry all = handlers();
  constexpr int steps = 8;
  constexpr int at_once = 64;
  const rb::Plan plan = plan_of(steps, all, "shell", {{"script", "true"}});
  const auto measure = [&](auto make_store, rb::Supervision supervision) {
    return median_of([&] { return per_step(make_store(), plan, all, at_once, steps, supervision); });
  };
  const auto on_disk = [&] { return rb::open_sqlite(fresh(folder)).value(); };
  const double in_memory = measure([] { return rb::make_memory_store(); }, rb::Supervision::none);
  const double durable = measure(on_disk, rb::Supervision::none);
  const double supervised = measure(on_disk, rb::Supervision::required);
  fmt::print("a program of {} runs at once, nothing on the disk: {:.0f} us\n", at_once, in_memory * 1e6);
  fmt::print("the same on SQLite: {:.2f} of that rate (aim 0.95); with a supervisor {:.2f}\n", in_memory / durable,
             in_memory / supervised);
}

constexpr std::uint32_t attempts = 5; // of each step: ten events

rb::HandlerRegistry with_flaky() {
  rb::HandlerRegistry all = handlers();
  all.add({.name = "flaky", .quick = true}, [](rb::StepContext& context) -> rb::Result<rb::Value> {
    if (context.attempt() < attempts) return rb::Error{rb::errc::handler_failed, "not yet", {}};
    return rb::Value();
  });
  return all;
}

/// A run with many events, left by an owner that is gone.
void leave_behind(const std::string& path, int steps) {
  const rb::HandlerRegistry all = with_flaky();
  rb::Runbook book("long");
  for (int i = 0; i < steps; ++i) {
    rb::Step& step = book.step("s" + std::to_string(i)).use("flaky");
    step.actions.front().retry = {.retries = attempts - 1, .delay = std::chrono::milliseconds{0}};
  }
  book.step("last").use("confirm", {{"prompt", "Done?"}});
  class Nobody final : public rb::Approver {
    rb::Result<void> ask(const rb::Question&, std::function<void(rb::Answer)>) override {
      return rb::Error{rb::errc::approver_unavailable, "nobody is there", {}};
    }
    void withdraw(const std::string&, const std::string&) override {}
  };
  // Written by the engine, but in one commit for many events: a memory store first.
  const auto memory = rb::make_memory_store();
  rb::Executor executor(all, {.store = memory, .approver = std::make_shared<Nobody>()});
  const rb::RunResult result = executor.run(rb::make_plan(book, all).value(), {.run_id = "long"});
  const auto disk = rb::open_sqlite(path).value();
  const std::span<const rb::Event> events(result.events);
  auto journal = disk->create(memory->document("long").value(), events.first(1)).value();
  constexpr std::size_t chunk = 10'000;
  for (std::size_t at = 1; at < events.size(); at += chunk) {
    journal->append(events.subspan(at, std::min(chunk, events.size() - at))).value();
  }
}

void resume_of_a_long_run(const std::string& folder) {
  constexpr int steps = 99'000;
  const std::string path = fresh(folder);
  leave_behind(path, steps);
  const rb::HandlerRegistry all = with_flaky();
  const auto store = rb::open_sqlite(path).value();
  rb::Executor executor(all, {.store = store});
  const double seconds = seconds_of([&] {
    const rb::RunHandle run = executor.resume("long");
    while (!run.answer("last", {.yes = true}).has_value()) ::usleep(1000);
    static_cast<void>(run.wait_for(std::chrono::hours{1}));
  });
  fmt::print("a run of {} events is taken up and ended in {:.2f} s (aim 5 for a million)\n",
             store->load("long").value().size(), seconds);
}

} // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: durable_bench FOLDER\n");
    return 2;
  }
  const std::string folder = std::string(argv[1]) + "/durable-bench";
  std::filesystem::remove_all(folder); // of one that was cut short
  std::filesystem::create_directories(folder);
  std::setvbuf(stdout, nullptr, _IOLBF, 0); // what is known is said, whatever comes after it
  sequential_and_shared(folder);
  programs(folder);
  resume_of_a_long_run(folder);
  std::filesystem::remove_all(folder);
  return 0;
}
