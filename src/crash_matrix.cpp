#include <runbook/crash_matrix.hpp>

#include "crash_matrix/life.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <sstream>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace runbook::testing {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_failures = 5;

std::vector<std::string> lines_of(const std::string& file) {
  std::vector<std::string> lines;
  std::istringstream text(crash::read_file(file));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

void refuse_threads() {
  std::size_t threads = 0;
  for ([[maybe_unused]] const auto& entry : fs::directory_iterator("/proc/self/task")) ++threads;
  if (threads == 1) return;
  throw Exception({errc::invalid_argument,
                   fmt::format("the crash matrix forks this process, which has {} threads: call it before any other is "
                               "started and after all have ended (an executor has one, as long as it lives)",
                               threads),
                   {}});
}

Error io_error(std::string_view what) {
  return {errc::io_error, fmt::format("{}: {}", what, std::strerror(errno)), {}};
}

std::string make_folder(const std::string& base) {
  std::string pattern = ((base.empty() ? fs::temp_directory_path() : fs::path(base)) / "runbook-crash-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw Exception(io_error("the folder of a history cannot be made"));
  return pattern;
}

/// What a life's process came to.
enum class End { ended, killed, failed };

class Matrix {
public:
  using Kills = std::vector<std::string>;

  Matrix(const CrashScenario& scenario, const CrashMatrix& matrix) : scenario_(scenario), matrix_(matrix) {
    report_.scenario = scenario.name;
  }

  CrashReport run() {
    const char* said = std::getenv("RUNBOOK_CRASH_POINT");
    const std::string only = matrix_.only.empty() && said != nullptr ? said : matrix_.only;
    if (!only.empty()) {
      run_only(only);
    } else {
      run_all();
    }
    return std::move(report_);
  }

private:
  void run_only(std::string_view only) {
    const std::size_t colon = only.find(": ");
    if (only.substr(0, colon) != scenario_.name) return;
    Kills kills;
    for (auto rest = colon == std::string_view::npos ? std::string_view() : only.substr(colon + 2); !rest.empty();) {
      const std::size_t end = rest.find("; ");
      kills.emplace_back(rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 2);
    }
    static_cast<void>(history(kills));
    ++(kills.size() > 1 ? report_.twice : report_.once);
  }

  void run_all() {
    const std::vector<std::string> points = history({});
    report_.points = points.size();
    for (const std::string& first : points) {
      if (gives_up()) return;
      const std::vector<std::string> then = history({first});
      ++report_.once;
      if (matrix_.twice && is_for_two(first)) run_second(first, then);
    }
  }

  void run_second(const std::string& first, const std::vector<std::string>& points) {
    for (const std::string& second : points) {
      if (gives_up()) return;
      if (!is_for_two(second)) continue;
      static_cast<void>(history({first, second}));
      ++report_.twice;
    }
  }

  [[nodiscard]] bool gives_up() const { return report_.failures.size() >= most_failures; }
  [[nodiscard]] bool is_for_two(const std::string& point) const {
    return matrix_.system_calls_twice || point.find(" call ") == std::string::npos;
  }

  /// Lives that end at these points, and one that goes on to the end. Gives the points of that one.
  std::vector<std::string> history(const Kills& kills) {
    const std::string folder = make_folder(matrix_.folder);
    crash::Order order{.folder = folder, .run = fmt::format("{}-{}", scenario_.name, ++histories_)};
    for (const std::string& kill : kills) {
      order.kill_at = kill;
      if (life(order) == End::ended) ++report_.missed;
    }
    order.kill_at.clear();
    order.passed = folder + "/passed";
    if (life(order) == End::killed) crash::add_line(folder + "/problems", "the last life was killed by somebody else");
    std::vector<std::string> points = lines_of(order.passed);
    if (fs::exists(folder + "/problems")) {
      note_failure(folder, kills);
    } else {
      std::error_code ignored; // a program of the history may still write
      fs::remove_all(folder, ignored);
    }
    return points;
  }

  End life(const crash::Order& order) {
    refuse_threads();
    const pid_t child = ::fork();
    if (child < 0) throw Exception(io_error("no process can be made"));
    if (child == 0) {
      ::alarm(static_cast<unsigned>(matrix_.patience.count()));
      ::_exit(crash::live(scenario_, matrix_, order));
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    if (WIFEXITED(status)) return WEXITSTATUS(status) == 0 ? End::ended : End::failed;
    if (WTERMSIG(status) == SIGKILL) return End::killed;
    const std::string why = WTERMSIG(status) == SIGALRM ? fmt::format("went on for {} s", matrix_.patience.count())
                                                        : fmt::format("ended by signal {}", WTERMSIG(status));
    crash::add_line(order.folder + "/problems", "a life " + why);
    return End::failed;
  }

  void note_failure(const std::string& folder, const Kills& kills) {
    CrashFailure failure;
    failure.history = scenario_.name + ": ";
    for (const std::string& kill : kills) failure.history += (&kill == kills.data() ? "" : "; ") + kill;
    failure.text = fmt::format("scenario '{}'", scenario_.name);
    for (const std::string& where : lines_of(folder + "/killed")) failure.text += "\nkilled " + where;
    failure.text += '\n' + crash::read_file(folder + "/problems") + crash::read_file(folder + "/story");
    failure.text += fmt::format("again: RUNBOOK_CRASH_POINT='{}'\nwhat it left: {}\n", failure.history, folder);
    report_.failures.push_back(std::move(failure));
  }

  const CrashScenario& scenario_;
  const CrashMatrix& matrix_;
  CrashReport report_;
  int histories_ = 0;
};

} // namespace

CrashReport run_crash_matrix(const CrashScenario& scenario, const CrashMatrix& matrix) {
  return Matrix(scenario, matrix).run();
}

std::string to_string(const CrashReport& report) {
  std::string text =
      fmt::format("crash matrix '{}': {} points; killed once {}, twice {}, missed {}; {} failures\n", report.scenario,
                  report.points, report.once, report.twice, report.missed, report.failures.size());
  for (const CrashFailure& failure : report.failures) text += failure.text;
  return text;
}

} // namespace runbook::testing
