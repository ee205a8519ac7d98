#include "markdown/console.hpp"

#include "markdown/shell_text.hpp"
#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_prompt = 100;

bool is_mark(char c, Prompts prompts) {
  return c == '$' || (prompts == Prompts::all && (c == '#' || c == '%'));
}

bool is_word(std::string_view text) {
  return !text.empty() && text.find_first_of(" \t\"'`|&;<>()=") == std::string_view::npos;
}

/// Whether the text is what a terminal puts in front of the mark: `deploy@web-1:~`, `[root@web-1 ~]`, `bash-5.2`,
/// `deploy@web-1 ~/src`.
bool is_lead(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::size_t blank = text.find(' ');
  const std::string_view host = text.substr(0, blank);
  if (blank != std::string_view::npos && !is_word(trim(text.substr(blank)))) return false;
  if (!is_word(host)) return false;
  const std::size_t at = host.find('@');
  if (at != std::string_view::npos) return at > 0 && at + 1 < host.size();
  const std::size_t version = host.find('-');
  const std::string_view shell = host.substr(0, version);
  return blank == std::string_view::npos && version != std::string_view::npos && (shell == "sh" || shell == "bash") &&
         version + 1 < host.size() && is_digit(host[version + 1]);
}

/// How many bytes of the line are a prompt; 0: it has none.
std::size_t prompt_of(std::string_view line, Prompts prompts) {
  std::string_view text = line;
  if (text.starts_with('(')) { // of an environment that tools switch on: `(venv) $ `
    const std::size_t close = text.find(") ");
    if (close < longest_prompt && is_word(text.substr(1, close - 1))) text.remove_prefix(close + 2);
  }
  const std::size_t skipped = line.size() - text.size();
  if (text.empty()) return 0;
  if (is_mark(text.front(), skipped > 0 ? Prompts::all : prompts)) {
    return text.size() == 1 ? skipped + 1 : text[1] == ' ' ? skipped + 2 : 0;
  }
  for (std::size_t at = 1; at < std::min(text.size(), longest_prompt); ++at) {
    if (!is_mark(text[at], Prompts::all)) continue;
    if (at + 1 < text.size() && text[at + 1] != ' ') continue;
    if (is_lead(trim_right(text.substr(0, at)))) return skipped + std::min(at + 2, text.size());
  }
  return 0;
}

bool is_comment(std::string_view line) {
  return line.starts_with('#') && !line.starts_with("#!");
}

class SessionReader {
public:
  explicit SessionReader(Prompts prompts) : prompts_(prompts) {}

  void read(std::string_view line) {
    if (goes_on(line)) {
      command(line, line.starts_with("> ") ? 2 : line == ">" ? 1 : 0);
    } else if (is_remark(line)) {
      in_command_ = false;
      add(line, 0);
    } else if (const std::size_t prompt = own_prompt(line); prompt > 0) {
      close_output();
      scanner_ = {};
      in_command_ = true;
      has_command_ = true;
      command(line, prompt);
    } else {
      printed(line);
    }
    ++number_;
  }

  Session take() {
    close_output();
    if (session_.showing > 0) session_.output = std::move(output_);
    return std::move(session_);
  }

private:
  /// The first prompt says what the others look like: else a line of output could be taken for a command.
  std::size_t own_prompt(std::string_view line) {
    const std::size_t size = prompt_of(line, prompts_);
    if (size == 0) return 0;
    const char style = is_mark(line.front(), Prompts::all) ? line.front() : '@';
    if (!has_command_) style_ = style;
    if ((style == '@' || style == '%') && style != style_) return 0;
    if (style == '#' && style != style_ && !session_.unclear) session_.unclear = number_; // it may be a comment
    return size;
  }

  [[nodiscard]] bool goes_on(std::string_view line) const {
    return in_command_ && (scanner_.goes_on() || line.starts_with("> ") || line == ">");
  }

  /// A comment between the commands. Within what a command prints it is a line of that.
  [[nodiscard]] bool is_remark(std::string_view line) const {
    const bool apart = trim(pending_).empty() || pending_.ends_with("\n\n");
    return prompts_ == Prompts::certain && apart && is_comment(line);
  }

  void command(std::string_view line, std::size_t prompt) {
    scanner_.read(line.substr(prompt));
    add(line, prompt);
  }

  void add(std::string_view line, std::size_t prompt) {
    if (!session_.lines.empty()) session_.script += '\n';
    session_.script += line.substr(prompt);
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
    const bool any = shown.empty();
    if (!any) {
      ++session_.showing;
      if (!session_.shown.empty()) session_.shown += '\n';
      session_.shown += shown;
    }
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
  char style_ = '\0'; ///< the mark of the first prompt, `@` if something stands in front of it
};

/// The line with `# ` in front of the first `$ ` is a comment: a session of root does not go on as somebody else's.
std::optional<std::size_t> leading_comment(std::string_view block) {
  std::optional<std::size_t> comment;
  std::size_t number = 0;
  for (std::string_view line; next_line(block, line); ++number) {
    if (line.starts_with("$ ")) return comment;
    if (!trim(line).empty() && !is_comment(line)) return std::nullopt;
    if (!comment && is_comment(line)) comment = number;
  }
  return std::nullopt;
}

} // namespace

Session read_session(std::string_view block, Prompts prompts) {
  const auto comment = prompts == Prompts::all ? leading_comment(block) : std::nullopt;
  SessionReader reader(comment ? Prompts::certain : prompts);
  for (std::string_view line; next_line(block, line);) reader.read(line);
  Session session = reader.take();
  session.comment = comment;
  return session;
}

bool starts_with_prompt(std::string_view block) {
  for (std::string_view line; next_line(block, line);) {
    if (!trim(line).empty() && !is_comment(line)) return prompt_of(line, Prompts::certain) > 0;
  }
  return false;
}

bool is_windows_prompt(std::string_view line) {
  if (line.starts_with("PS ")) line.remove_prefix(3);
  const std::size_t end = line.find('>');
  return line.size() > 3 && is_letter(line[0]) && line[1] == ':' && line[2] == '\\' && end != std::string_view::npos;
}

} // namespace runbook::markdown
