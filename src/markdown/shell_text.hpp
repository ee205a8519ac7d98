// How far a script's text is code to a shell: quotes, comments, here-documents. Enough to tell a placeholder that a
// person was meant to fill in from text that happens to look like one, and a command that goes on in the next line.
//
// Ownership: plain values. Thread-safety: one scanner belongs to one thread.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::markdown {

/// `<pod-name>` in a place where a shell would take it for redirections.
struct Placeholder {
  std::string name;     ///< between the brackets
  std::size_t line = 0; ///< of the script, from 0
  std::size_t begin = 0;
  std::size_t end = 0; ///< in bytes of the line
  bool quoted = false; ///< `"<pod-name>"`: the shell takes it as it stands
};

/// Reads a script line by line.
///
/// A placeholder is, outside of quotes, comments, here-documents and arithmetic: `<`, a letter, then letters, digits,
/// blanks and `_ - . : /`, then `>` directly after a character that is no blank. `< file`, `<<EOF`, `<(…)`, `<&3`,
/// `<in >out` and `<in 2>err` are therefore none; `<in>out` is one, because nobody can tell.
///
/// A quoted one is a whole word in quotes, `'<…>'`, of capitals or with a blank, `-` or `_` in it: `"<br>"` and
/// `'<none>'` are none.
class ShellScanner {
public:
  /// The next line, without its end.
  void read(std::string_view line);
  /// Whether the command goes on in the next line: a quote, a here-document or `$(` is open, or a backslash stands at
  /// the end.
  [[nodiscard]] bool goes_on() const noexcept { return states_.size() > 1 || in_document_ || escaped_end_; }
  [[nodiscard]] const std::vector<Placeholder>& placeholders() const noexcept { return placeholders_; }

private:
  enum class State { code, single_quotes, ansi_quotes, double_quotes, backquotes, substitution, expansion, arithmetic };
  struct HereDocument {
    std::string word;
    bool tabs = false; ///< `<<-`: tabs in front of the last line do not count
  };

  [[nodiscard]] char peek(std::size_t ahead) const noexcept;
  void enter(State state, std::size_t length);
  void leave();
  void step();
  bool substitution_starts(char c);
  void code(char c);
  void quoted_placeholder(char quote);
  void redirection();
  void here_document();
  void placeholder();

  std::string_view line_;
  std::size_t at_ = 0;
  std::size_t number_ = 0;
  std::vector<State> states_{State::code};
  std::vector<int> parentheses_; ///< open in each substitution and arithmetic
  std::vector<HereDocument> documents_;
  std::size_t ended_documents_ = 0; ///< of them
  bool in_document_ = false;
  bool escaped_end_ = false;
  std::vector<Placeholder> placeholders_;
};

/// The placeholders of a whole script, each name once with quotes and once without, at its first place.
[[nodiscard]] std::vector<Placeholder> find_placeholders(std::string_view script);

} // namespace runbook::markdown
