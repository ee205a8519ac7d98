// A terminal that several threads write to: lines that stay, below them one line that is rewritten in place, or a
// prompt while somebody is asked.
//
// Thread-safety: all functions may be called from any thread. They may block as long as the terminal does (Ctrl-S), so
// the engine's thread must not call them.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

namespace runbook::cli {

class Terminal {
public:
  /// `live`: lines can be rewritten; otherwise the live line is never shown.
  Terminal(int descriptor, bool live) : descriptor_(descriptor), live_terminal_(live) {}
  /// Takes the live line away.
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  /// Columns that a line may take. The last one is left free: a full line makes some terminals wrap.
  [[nodiscard]] std::size_t columns() const;

  /// Prints whole lines, above the live line or the prompt, and replaces the live line, which must fit. Empty: none.
  /// It is not drawn while a prompt is open.
  void update(std::string_view lines, std::string live);

  /// Opens a prompt: `lines` above it, the cursor behind `prompt`.
  void open_prompt(std::string_view lines, std::string prompt);
  /// The prompt is gone. `entered`: because whoever was asked ended the line.
  void close_prompt(bool entered);

private:
  [[nodiscard]] std::string erased() const;

  int descriptor_;
  bool live_terminal_;
  std::mutex mutex_;
  std::string live_;
  std::string prompt_;
};

} // namespace runbook::cli
