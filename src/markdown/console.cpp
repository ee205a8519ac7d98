#include "markdown/console.hpp"

#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"

namespace runbook::markdown {

namespace {

class SessionReader {
public:
  explicit SessionReader(Prompts prompts) : prompts_(prompts) {}

  void read(std::string_view line) {
    if (goes_on(line)) {
      command(line, line.starts_with("> ") ? 2 : line == ">" ? 1 : 0);
    } else if (is_prompt(line)) {
      close_output();
      scanner_ = {};
      in_command_ = true;
      has_command_ = true;
      command(line, line.size() > 1 ? 2 : 1);
    } else {
      printed(line);
    }
    ++number_;
  }

  Session take() {
    close_output();
    if (has_output_) session_.output = std::move(output_);
    return std::move(session_);
  }

private:
  [[nodiscard]] bool is_prompt(std::string_view line) const {
    const bool hash = prompts_ == Prompts::dollar_or_hash;
    return line.starts_with("$ ") || line == "$" || (hash && (line.starts_with("# ") || line == "#"));
  }

  [[nodiscard]] bool goes_on(std::string_view line) const {
    return in_command_ && (scanner_.goes_on() || line.starts_with("> ") || line == ">");
  }

  void command(std::string_view line, std::size_t prompt) {
    const std::string_view text = line.substr(prompt);
    scanner_.read(text);
    if (!session_.lines.empty()) session_.script += '\n';
    session_.script += text;
    session_.lines.push_back(number_);
    session_.cut.push_back(prompt);
  }

  void printed(std::string_view line) {
    if (!has_command_) {
      if (!trim(line).empty() && !session_.early) session_.early = number_;
      return;
    }
    in_command_ = false;
    pending_.append(line) += '\n';
  }

  /// What the command before has shown is complete: blank lines at its end only set it apart.
  void close_output() {
    if (!has_command_) return;
    const std::string_view shown = trim_right(pending_);
    has_output_ = has_output_ || !shown.empty();
    const bool any = shown.empty();
    if (!any || !(output_ == "..." || output_.ends_with("\n..."))) {
      if (!output_.empty()) output_ += '\n';
      output_ += any ? "..." : shown;
    }
    pending_.clear();
  }

  Prompts prompts_;
  Session session_;
  ShellScanner scanner_;
  std::string output_;
  std::string pending_; ///< printed since the last command
  std::size_t number_ = 0;
  bool in_command_ = false;
  bool has_command_ = false;
  bool has_output_ = false;
};

} // namespace

Session read_session(std::string_view block, Prompts prompts) {
  SessionReader reader(prompts);
  for (std::string_view line; next_line(block, line);) reader.read(line);
  return reader.take();
}

bool starts_with_prompt(std::string_view block) {
  for (std::string_view line; next_line(block, line);) {
    if (!trim(line).empty()) return line.starts_with("$ ");
  }
  return false;
}

} // namespace runbook::markdown
