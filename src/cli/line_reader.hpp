// Reads lines from standard input on a thread that must be able to stop waiting.
//
// Thread-safety: `wake` may be called from any thread; `read` from one at a time. Ownership: owns its descriptor.
#pragma once

#include <chrono>
#include <string>
#include <variant>

namespace runbook::cli {

class LineReader {
public:
  struct EndOfInput {};
  struct Woken {};
  using Read = std::variant<std::string, EndOfInput, Woken>;

  LineReader();
  ~LineReader();
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  /// The next line, without its end. Waits for it, or until `wake` is called.
  [[nodiscard]] Read read();
  /// Ends a `read` that waits, or the next one.
  void wake();
  /// Forgets what was typed before: it cannot have been meant for a question that was not yet there.
  void discard_typed();
  /// Whether the terminal shows what is typed. It does when the reader is gone.
  void show_typed(bool shown);
  /// Overwrites what was typed and is not read yet, and the room that lines that were read have left.
  void forget_typed();

private:
  [[nodiscard]] bool woken_within(std::chrono::milliseconds time) const;

  int wake_;
  std::string typed_;
  bool shown_ = true;
};

} // namespace runbook::cli
