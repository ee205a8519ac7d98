// What a captured shell step costs through the whole engine, beside the least that it can cost: rounds of all cases,
// interleaved, medians per step in microseconds as one JSON object.
//
//   spawn_bench STEPS ROUNDS FOLDER    FOLDER: on the disk whose syncs are measured
#include "bare_spawn.hpp"

#include <runbook/runbook.hpp>

#include <boost/json/serialize.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <vector>

namespace rb = runbook;

namespace {

std::size_t steps = 200;
std::string folder;

rb::Plan plan_of(std::size_t count, const char* script = "true") {
  rb::Runbook book("spawn");
  for (std::size_t i = 0; i < count; ++i) {
    book.step("s" + std::to_string(i)).use("shell", {{"script", script}, {"shell", "sh"}});
  }
  return rb::make_plan(book, rb::builtin_handlers()).value();
}

void must_succeed(const rb::RunResult& result) {
  if (result.status != rb::RunStatus::succeeded) throw std::runtime_error(result.reason);
}

/// Microseconds for each step that the work takes. What is prepared once for a run is not among it.
template <class Work>
double for_each_step(Work work) {
  const auto begin = std::chrono::steady_clock::now();
  work();
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  return time.count() / static_cast<double>(steps);
}

void bare_step() {
  static const std::string path = std::string("PATH=") + std::getenv("PATH");
  std::array<const char*, 6> argv{"/bin/sh", "-e", "-u", "-c", "true", nullptr};
  std::array<const char*, 2> envp{path.c_str(), nullptr};
  const auto result =
      rb::bench::bare_captured_spawn(const_cast<char* const*>(argv.data()), const_cast<char* const*>(envp.data()));
  if (result.wait_status != 0) throw std::runtime_error("the bare spawn failed");
}

double bare() {
  return for_each_step([] {
    for (std::size_t i = 0; i < steps; ++i) bare_step();
  });
}

double in_engine() {
  rb::Executor executor(rb::builtin_handlers());
  const rb::Plan plan = plan_of(steps);
  return for_each_step([&] { must_succeed(executor.run(plan)); });
}

// Each script changes what it exports, and its shell tells so.
double handing_on() {
  rb::Executor executor(rb::builtin_handlers());
  const rb::Plan plan = plan_of(steps, "export A=$((${A-0} + 1))");
  return for_each_step([&] { must_succeed(executor.run(plan)); });
}

double with_sqlite() {
  const std::string path = folder + "/bench.db";
  for (const char* suffix : {"", "-wal", "-shm", "-journal", ".lock"}) std::remove((path + suffix).c_str());
  rb::Executor executor(rb::builtin_handlers(), {.store = rb::open_sqlite(path).value()});
  const rb::Plan plan = plan_of(steps);
  return for_each_step([&] { must_succeed(executor.run(plan)); });
}

// The least that a durable step can cost on this disk: after each spawn a page is appended to a file and synced.
double bare_with_sync() {
  const std::string path = folder + "/bench.sync";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) throw std::runtime_error("no file for the syncs");
  const std::array<char, 4096> page{};
  const double time = for_each_step([&] {
    for (std::size_t i = 0; i < steps; ++i) {
      bare_step();
      if (::write(file, page.data(), page.size()) < 0 || ::fdatasync(file) != 0) throw std::runtime_error("no sync");
    }
  });
  ::close(file);
  return time;
}

double two_runs_at_once() {
  rb::Executor executor(rb::builtin_handlers());
  const rb::Plan plan = plan_of(steps / 2);
  return for_each_step([&] {
    const rb::RunHandle first = executor.start(plan);
    must_succeed(executor.run(plan));
    must_succeed(first.wait());
  });
}

// Holds memory or descriptors while it lives.
class Ballast {
public:
  static Ballast memory(std::size_t bytes) {
    Ballast ballast;
    ballast.bytes_ = bytes;
    ballast.memory_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (ballast.memory_ == MAP_FAILED) throw std::runtime_error("no memory for the ballast");
    return ballast;
  }
  static Ballast descriptors(std::size_t count) {
    Ballast ballast;
    for (std::size_t i = 0; i < count; ++i) {
      const int descriptor = ::dup(0);
      if (descriptor < 0) throw std::runtime_error("no descriptors for the ballast");
      ballast.descriptors_.push_back(descriptor);
    }
    return ballast;
  }
  Ballast(Ballast&& other) noexcept
      : memory_(std::exchange(other.memory_, nullptr)), bytes_(other.bytes_),
        descriptors_(std::move(other.descriptors_)) {}
  Ballast& operator=(Ballast&&) = delete;
  ~Ballast() {
    if (memory_ != nullptr) ::munmap(memory_, bytes_);
    for (const int descriptor : descriptors_) ::close(descriptor);
  }

private:
  Ballast() = default;
  void* memory_ = nullptr;
  std::size_t bytes_ = 0;
  std::vector<int> descriptors_;
};

struct Case {
  std::string name;
  std::function<Ballast()> ballast;
  double (*work)();
};

double measure(const Case& measured) {
  const Ballast ballast = measured.ballast ? measured.ballast() : Ballast::descriptors(0);
  return measured.work();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("usage: spawn_bench STEPS ROUNDS FOLDER");
  steps = std::stoul(argv[1]);
  const int rounds = std::stoi(argv[2]);
  folder = argv[3];
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);

  constexpr std::size_t gibibyte = std::size_t{1} << 30;
  const std::vector<Case> cases{
      {"bare", {}, bare},
      {"memory", {}, in_engine},
      {"handing_on", {}, handing_on},
      {"sqlite", {}, with_sqlite},
      {"bare_sync", {}, bare_with_sync},
      {"two_at_once", {}, two_runs_at_once},
      {"resident_1g", [] { return Ballast::memory(gibibyte); }, in_engine},
      {"resident_4g", [] { return Ballast::memory(4 * gibibyte); }, in_engine},
      {"descriptors_5000", [] { return Ballast::descriptors(5000); }, in_engine},
  };
  std::map<std::string, std::vector<double>> times;
  for (const Case& measured : cases) measure(measured); // warm-up
  for (int round = 0; round < rounds; ++round) {
    for (const Case& measured : cases) times[measured.name].push_back(measure(measured));
  }
  rb::Values medians;
  for (const auto& [name, values] : times) medians[name] = median(values);
  std::cout << boost::json::serialize(medians) << '\n';
} catch (const std::exception& e) {
  std::cerr << "spawn_bench: " << e.what() << '\n';
  return 1;
}
