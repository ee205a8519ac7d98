// What a program costs that a supervisor starts, beside one that this process starts: rounds of both, interleaved,
// medians per program in microseconds as one JSON object. Also what a supervisor costs itself.
//
//   supervisor_bench PROGRAMS ROUNDS FOLDER    FOLDER: where the supervisor keeps its claims
#include "process/runner.hpp"
#include "supervisor/supervised_runner.hpp"

#include <runbook/value.hpp>

#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace rb = runbook;

namespace {

std::size_t programs = 200;
std::string folder;
int serial = 0;

using Clock = std::chrono::steady_clock;

double microseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

/// A loop with a runner, warmed up.
struct World {
  explicit World(bool supervised)
      : runner(supervised
                   ? rb::make_supervised_runner(io, {RUNBOOK_SUPERVISOR_PROGRAM, folder, std::chrono::seconds(1)})
                   : rb::make_process_runner(io)) {
    run(1, 1);
  }

  /// So many programs, so many of them at once.
  void run(std::size_t count, std::size_t at_once) {
    std::size_t left = count;
    std::size_t running = 0;
    std::vector<std::unique_ptr<rb::Activity>> activities(at_once);
    std::function<void(std::size_t)> start = [&](std::size_t place) {
      const rb::ProcessSpec spec{.program = "/bin/true", .name = "bench-" + std::to_string(++serial)};
      --left;
      ++running;
      auto started = runner->start(spec, {.on_output = {},
                                          .on_exit =
                                              [&, place, name = spec.name](rb::ProcessExit exit) {
                                                if (exit != rb::ProcessExit{rb::ProcessExit::Kind::exited, 0}) {
                                                  throw std::runtime_error("true failed");
                                                }
                                                runner->forget(name);
                                                --running;
                                                if (left > 0) start(place);
                                              },
                                          .on_failed = [](rb::Error e) { throw std::runtime_error(e.message); }});
      if (!started) throw std::runtime_error(started.error().message);
      activities[place] = std::move(*started);
    };
    for (std::size_t place = 0; place < at_once && left > 0; ++place) start(place);
    io.restart();
    while (running > 0) io.run_one();
  }

  boost::asio::io_context io{1};
  std::unique_ptr<rb::ProcessRunner> runner;
};

std::string supervisor_folder() {
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    std::string name;
    std::getline(std::ifstream(entry.path() / "comm"), name);
    std::ifstream status(entry.path() / "status");
    for (std::string line; std::getline(status, line) && name.starts_with("runbook-superv");) {
      if (line == "PPid:\t" + std::to_string(::getpid())) return entry.path().string();
    }
  }
  throw std::runtime_error("no supervisor runs");
}

/// Microseconds of processor time that the first thread of a process has had: on a busy machine the better measure.
double processor_time(const std::string& process) {
  double nanoseconds = 0;
  std::ifstream(process + "/schedstat") >> nanoseconds;
  return nanoseconds / 1000;
}

struct Cost {
  double time = 0;
  double processor = 0; ///< of this process and the supervisor, without the programs
};

Cost measure(World& world, std::size_t at_once) {
  static const std::string supervisor = supervisor_folder();
  const auto spent = [] { return processor_time("/proc/self") + processor_time(supervisor); };
  const double before = spent();
  const auto begin = Clock::now();
  world.run(programs, at_once);
  const auto count = static_cast<double>(programs);
  return {microseconds_since(begin) / count, (spent() - before) / count};
}

/// From nothing to the end of the first program, and the end of the runner: beside what the same takes here.
double first_and_last(bool supervised) {
  const auto begin = Clock::now();
  World world(supervised);
  world.runner.reset();
  return microseconds_since(begin);
}

double resident_kib() {
  std::ifstream status(supervisor_folder() + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6));
  }
  return 0;
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

} // namespace

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error("usage: supervisor_bench PROGRAMS ROUNDS FOLDER");
  programs = std::stoul(argv[1]);
  const int rounds = std::stoi(argv[2]);
  folder = argv[3];
  std::map<std::string, std::vector<double>> times;
  World here(false);
  World there(true);
  for (int round = 0; round < rounds; ++round) {
    for (const std::size_t at_once : {std::size_t{1}, std::size_t{64}}) {
      const std::string suffix = at_once == 1 ? "_one_by_one" : "_64_at_once";
      const Cost own = measure(here, at_once);
      const Cost supervised = measure(there, at_once);
      times["own" + suffix].push_back(own.time);
      times["supervised" + suffix].push_back(supervised.time);
      times["more" + suffix].push_back(supervised.time - own.time);
      times["ratio" + suffix].push_back(supervised.time / own.time);
      times["more_processor" + suffix].push_back(supervised.processor - own.processor);
      times["own_processor" + suffix].push_back(own.processor);
    }
  }
  times["resident_kib"].push_back(resident_kib());
  for (int round = 0; round < rounds; ++round) {
    times["own_first_and_last"].push_back(first_and_last(false));
    times["supervised_first_and_last"].push_back(first_and_last(true));
  }
  rb::Values medians;
  for (const auto& [name, values] : times) medians[name] = median(values);
  std::cout << boost::json::serialize(medians) << '\n';
} catch (const std::exception& e) {
  std::cerr << "supervisor_bench: " << e.what() << '\n';
  return 1;
}
