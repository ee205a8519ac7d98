// The points of one life at which it may end.
//
// Thread-safety: all functions may be called from any thread.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace runbook::testing::crash {

class Points {
public:
  /// The life ends at the point `kill_at`; empty: at none. Files for what was passed, and for where it ended; an empty
  /// name: none.
  Points(std::string kill_at, const std::string& passed, std::string killed);
  Points(const Points&) = delete;
  Points& operator=(const Points&) = delete;
  ~Points();

  /// 1, 2, 3 ... for each kind.
  [[nodiscard]] std::uint64_t next(const std::string& kind);
  /// Whether the life ends here, which the caller sees to.
  [[nodiscard]] bool reach(std::string_view point, std::string_view words = {});
  /// Ends the life if it ends here.
  void pass(std::string_view point, std::string_view words = {});
  /// From now on no point counts.
  void stop();

  [[noreturn]] static void end();

private:
  std::string kill_at_;
  std::string killed_;
  int passed_ = -1;
  bool stopped_ = false;
  std::mutex mutex_;
  std::map<std::string, std::uint64_t> counts_;
};

/// Adds a line to a file in one write, which is there whatever becomes of the process.
void add_line(const std::string& file, std::string_view line);
[[nodiscard]] std::string read_file(const std::string& file);

} // namespace runbook::testing::crash
