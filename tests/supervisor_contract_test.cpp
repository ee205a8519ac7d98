// What holds for processes in this one holds for those of a supervisor: the same cases, with another runner. Each loop
// has a supervisor of its own, and each program a name.
#include "support/seccomp.hpp"
#include "support/self.hpp"
#include "support/supervisors.hpp"
#include "support/temp_folder.hpp"
#include "support/veiled.hpp"

#include <boost/asio/steady_timer.hpp>

#include <doctest/doctest.h>

#include <csignal>
#include <cstdint>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <thread>

namespace runbook::testing {

namespace {

/// Gives each start a name of its own, and forgets it when it has ended.
class NamingRunner final : public ProcessRunner {
public:
  explicit NamingRunner(boost::asio::io_context& io) : runner_(supervised(folder_ / "s")(io)) {}
  Result<std::unique_ptr<Activity>> start(const ProcessSpec& spec, ProcessEvents events) override {
    ProcessSpec with_name = named(std::to_string(++count_), spec);
    events.on_exit = [this, name = with_name.name, on_exit = std::move(events.on_exit)](ProcessExit exit) {
      runner_->forget(name);
      if (on_exit) on_exit(exit);
    };
    return runner_->start(with_name, std::move(events));
  }

private:
  TempFolder folder_;
  int count_ = 0;
  std::unique_ptr<ProcessRunner> runner_;
};

const bool set_up = [] {
  usual_runner = [](boost::asio::io_context& io) { return std::make_unique<NamingRunner>(io); };
  return true;
}();

/// Cases about children, descriptors, memory and system calls of this process, or about words that name a directory
/// now.
bool is_of_another_kind(std::string_view name) {
  for (const std::string_view part : {"exactly the environment", "cannot be started says why", "cannot be said at all",
                                      "SIGKILL does not end", "a thread that goes on", "while the pipes are drained",
                                      "nobody may see", "another host has started", "not left in memory"}) {
    if (name.find(part) != std::string_view::npos) return true;
  }
  return false;
}

} // namespace

} // namespace runbook::testing

#undef TEST_CASE
#define TEST_CASE(decorated)                                                                                           \
  DOCTEST_TEST_CASE(decorated* doctest::skip(runbook::testing::is_of_another_kind(#decorated)))

namespace process_cases {
#include "process_test.cpp"
}
namespace stop_cases {
#include "process_stop_test.cpp"
}
namespace result_cases {
#include "process_result_test.cpp"
}
