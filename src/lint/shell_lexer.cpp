#include "lint/shell_lexer.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <utility>

namespace runbook::linting {

namespace {

using markdown::is_digit;
using markdown::is_letter;

constexpr std::size_t deepest = 100; // substitutions and quotes in each other; hostile scripts have more

bool starts_name(char c) noexcept {
  return is_letter(c) || c == '_';
}

bool in_name(char c) noexcept {
  return starts_name(c) || is_digit(c);
}

bool is_one_of(char c, std::string_view set) noexcept {
  return set.find(c) != std::string_view::npos;
}

/// What may stand in front of a command and is none.
bool is_reserved(const ShellWord& word) {
  constexpr std::array<std::string_view, 13> words{"if", "then", "else", "elif",  "fi",    "do",  "done",
                                                   "!",  "{",    "}",    "while", "until", "time"};
  return !word.quoted && std::ranges::find(words, word.text) != words.end();
}

enum class Kind { code, array, double_quotes, expansion, arithmetic };

/// What is open: a substitution, a quote …
struct Frame {
  Kind kind = Kind::code;
  char close = '\0';   ///< of code: `)` or a backquote; none at the top
  int parentheses = 0; ///< open in it
  ShellCommand command{};
  ShellWord word{};
  bool in_word = false;
  bool drops_word = false; ///< the next word is where a redirection leads
  bool watches_target = false;
};

class Lexer {
public:
  explicit Lexer(std::string_view text) : text_(text) { frames_.emplace_back(); }

  ShellText run() {
    while (at_ < text_.size() && frames_.size() <= deepest) step();
    while (!frames_.empty()) {
      if (is_code(frames_.back())) finish_command(frames_.back());
      frames_.pop_back();
    }
    return std::move(out_);
  }

private:
  struct Pending {
    std::string word;
    bool quoted = false;
    bool tabs = false;
  };

  static bool is_code(const Frame& frame) { return frame.kind == Kind::code || frame.kind == Kind::array; }

  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  /// The code that quotes and expansions belong to.
  Frame& code() {
    auto frame = frames_.rbegin();
    while (!is_code(*frame)) ++frame;
    return *frame;
  }

  void open(Kind kind, std::size_t length, char close = '\0', int parentheses = 0) {
    Frame frame;
    frame.kind = kind;
    frame.close = close;
    frame.parentheses = parentheses;
    frames_.push_back(std::move(frame));
    at_ += length;
  }

  /// Takes text into the word that is being read.
  void take(std::size_t length, bool quoted = false) {
    begin_word(quoted);
    code().word.text += text_.substr(at_, length);
    at_ += std::min(length, text_.size() - at_);
  }

  void begin_word(bool quoted) {
    Frame& frame = code();
    if (!frame.in_word) {
      frame.in_word = true;
      frame.word = {};
      frame.word.begin = at_;
    }
    frame.word.quoted = frame.word.quoted || quoted;
  }

  void finish_word(Frame& frame) {
    if (!frame.in_word) return;
    frame.in_word = false;
    frame.word.end = at_;
    if (frame.drops_word) {
      frame.command.writes_file = frame.command.writes_file || (frame.watches_target && frame.word.text != "/dev/null");
      frame.drops_word = false;
      return;
    }
    if (frame.command.words.empty() && is_reserved(frame.word)) return;
    frame.command.words.push_back(std::move(frame.word));
  }

  void finish_command(Frame& frame) {
    finish_word(frame);
    frame.drops_word = false;
    ShellCommand command = std::exchange(frame.command, {});
    if (!command.words.empty() && frame.kind == Kind::code) out_.commands.push_back(std::move(command));
  }

  void step() {
    switch (frames_.back().kind) {
    case Kind::double_quotes: return double_quotes();
    case Kind::expansion: return expansion();
    case Kind::arithmetic: return arithmetic();
    default: return in_code();
    }
  }

  void in_code() {
    const char c = peek();
    if (c == '\\') {
      if (peek(1) == '\n') {
        at_ += 2;
      } else {
        ++at_;
        take(at_ < text_.size() ? 1 : 0, true);
      }
    } else if (c == '\n') {
      finish_command(frames_.back());
      ++at_;
      read_documents();
    } else if (c == ' ' || c == '\t') {
      finish_word(frames_.back());
      ++at_;
    } else if (c == '#' && !frames_.back().in_word) {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '\'') {
      single_quotes(1, false);
    } else if (c == '"') {
      begin_word(true);
      open(Kind::double_quotes, 1);
    } else if (c == '<' || c == '>' || (c == '&' && peek(1) == '>')) {
      redirection();
    } else if (c == '$' || c == '`') {
      dollar();
    } else {
      separator_or_text(c);
    }
  }

  void separator_or_text(char c) {
    Frame& frame = frames_.back();
    if (c == '(' && frame.in_word && frame.word.text.ends_with('=')) return open(Kind::array, 1, ')', 1);
    if (c == ')' && frame.close == ')' && frame.parentheses == 1) return close();
    if (c == '(') ++frame.parentheses;
    if (c == ')' && frame.parentheses > 0) --frame.parentheses;
    if (!is_one_of(c, ";&|()")) return take(1);
    finish_command(frame);
    ++at_;
  }

  void close() {
    finish_command(frames_.back());
    frames_.pop_back();
    ++at_;
  }

  void single_quotes(std::size_t length, bool escapes) {
    begin_word(true);
    at_ += length;
    while (at_ < text_.size() && text_[at_] != '\'') {
      if (escapes && text_[at_] == '\\' && at_ + 1 < text_.size()) code().word.text += text_[at_++];
      code().word.text += text_[at_++];
    }
    at_ += at_ < text_.size() ? 1 : 0;
  }

  void double_quotes() {
    const char c = peek();
    if (c == '"') {
      frames_.pop_back();
      ++at_;
    } else if (c == '\\' && at_ + 1 < text_.size()) {
      if (!is_one_of(peek(1), "$`\"\\\n")) code().word.text += '\\';
      ++at_;
      take(1, true);
    } else if (c == '$' || c == '`') {
      dollar();
    } else {
      take(1, true);
    }
  }

  /// `$name`, `${name}`, `$(command)`, `$((sum))`, `` `command` ``, `$'text'`.
  void dollar() {
    if (peek() == '`') {
      Frame& frame = frames_.back();
      if (frame.kind == Kind::code && frame.close == '`') return close();
      begin_word(false);
      return open(Kind::code, 1, '`');
    }
    begin_word(false);
    const bool bare = is_code(frames_.back());
    if (peek(1) == '(' && peek(2) == '(') return open(Kind::arithmetic, 3, '\0', 2);
    if (peek(1) == '(') {
      code().word.text += "$()";
      return open(Kind::code, 2, ')', 1);
    }
    if (peek(1) == '{') return braces();
    if (bare && peek(1) == '\'') return single_quotes(2, true);
    std::size_t length = 1;
    if (starts_name(peek(1))) {
      while (in_name(peek(length))) ++length;
      use(at_ + 1, at_ + length, false, false);
    }
    take(length);
  }

  void use(std::size_t begin, std::size_t end, bool may_be_unset, bool assigned) {
    out_.uses.push_back({std::string(text_.substr(begin, end - begin)), begin, end, may_be_unset, assigned});
  }

  void braces() {
    std::size_t begin = at_ + 2;
    if (begin < text_.size() && is_one_of(text_[begin], "#!")) ++begin;
    std::size_t end = begin;
    while (end < text_.size() && in_name(text_[end])) ++end;
    std::size_t mark = end;
    if (mark < text_.size() && text_[mark] == ':') ++mark;
    const char sign = mark < text_.size() ? text_[mark] : '\0';
    const bool optional = is_one_of(sign, "-+=?") && sign != '\0';
    if (end > begin && starts_name(text_[begin])) use(begin, end, optional, optional && sign == '=');
    code().word.text += text_.substr(at_, end - at_);
    const std::size_t length = end - at_;
    open(Kind::expansion, length);
  }

  void expansion() {
    const char c = peek();
    if (c == '}') {
      frames_.pop_back();
      take(1);
    } else if (c == '\\' && at_ + 1 < text_.size()) {
      take(2);
    } else if (c == '"') {
      open(Kind::double_quotes, 1);
    } else if (c == '\'' && !in_double_quotes()) {
      single_quotes(1, false);
    } else if (c == '$' || c == '`') {
      dollar();
    } else {
      take(1);
    }
  }

  [[nodiscard]] bool in_double_quotes() const {
    for (auto frame = frames_.rbegin(); frame != frames_.rend() && !is_code(*frame); ++frame) {
      if (frame->kind == Kind::double_quotes) return true;
    }
    return false;
  }

  void arithmetic() {
    const char c = peek();
    if (c == '(') ++frames_.back().parentheses;
    if (c == ')' && --frames_.back().parentheses == 0) {
      frames_.pop_back();
      ++at_;
      return;
    }
    if (c == '$' || c == '`') return dollar();
    std::size_t end = at_;
    while (end < text_.size() && in_name(text_[end])) ++end;
    if (end > at_ && starts_name(c)) use(at_, end, true, false);
    at_ = std::max(end, at_ + 1);
  }

  /// `<name>`, which a person was meant to replace: the length, or 0.
  [[nodiscard]] std::size_t placeholder() const {
    if (peek() != '<' || !starts_name(peek(1))) return 0;
    std::size_t length = 1;
    while (in_name(peek(length)) || (peek(length) != '\0' && is_one_of(peek(length), "-.:/ "))) ++length;
    return peek(length) == '>' && peek(length - 1) != ' ' ? length + 1 : 0;
  }

  void redirection() {
    if (const std::size_t length = placeholder(); length > 0) return take(length);
    Frame& frame = frames_.back();
    const bool digits = frame.in_word && !frame.word.quoted && std::ranges::all_of(frame.word.text, is_digit);
    if (digits) frame.in_word = false; // a descriptor's number
    const bool errors = digits && frame.word.text == "2";
    if (peek(1) == '(') { // <(command)
      begin_word(false);
      return open(Kind::code, 2, ')', 1);
    }
    finish_word(frame);
    if (peek() == '<' && peek(1) == '<' && peek(2) != '<') return here_document(frame);
    frame.watches_target = peek() != '<' && !errors;
    const std::size_t start = at_;
    while (at_ < text_.size() && at_ < start + 3 && is_one_of(text_[at_], "<>&|")) ++at_;
    if (text_[at_ - 1] == '&') frame.watches_target = false; // to another descriptor
    frame.drops_word = true;
  }

  void here_document(Frame& frame) {
    Pending pending;
    pending.tabs = peek(2) == '-';
    at_ += pending.tabs ? 3 : 2;
    while (peek() == ' ' || peek() == '\t') ++at_;
    for (; at_ < text_.size() && !is_one_of(text_[at_], " \t\n;&|<>()"); ++at_) {
      const bool mark = is_one_of(text_[at_], "'\"\\");
      pending.quoted = pending.quoted || mark;
      if (!mark) pending.word += text_[at_];
    }
    if (pending.word.empty()) return;
    frame.command.documents.push_back(find_document(pending));
    documents_.push_back(std::move(pending));
  }

  /// Where its lines are: from the next line on, behind those of documents that wait already.
  HereDocument find_document(const Pending& pending) {
    std::size_t begin = next_document_ > at_ ? next_document_ : std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    const std::size_t first = begin;
    while (begin < text_.size()) {
      const std::size_t end = std::min(text_.find('\n', begin), text_.size());
      std::string_view line = text_.substr(begin, end - begin);
      while (pending.tabs && line.starts_with('\t')) line.remove_prefix(1);
      if (line == pending.word) {
        next_document_ = std::min(end + 1, text_.size());
        return {first, begin};
      }
      begin = end + 1;
    }
    next_document_ = text_.size();
    return {first, text_.size()};
  }

  /// Goes over the here-documents that start behind this line's end.
  void read_documents() {
    if (documents_.empty()) return;
    bool quoted = true;
    for (const Pending& document : documents_) quoted = quoted && document.quoted;
    const std::size_t end = std::max(next_document_, at_);
    for (; at_ < end && !quoted; ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '$') {
        document_use(end);
      }
    }
    at_ = end;
    documents_.clear();
  }

  void document_use(std::size_t limit) {
    const bool brace = peek(1) == '{';
    const std::size_t begin = at_ + (brace ? 2 : 1);
    std::size_t end = begin;
    while (end < limit && in_name(text_[end])) ++end;
    if (end == begin || !starts_name(text_[begin])) return;
    use(begin, end, brace && end < limit && is_one_of(text_[end], ":-+=?"), false);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Frame> frames_;
  std::deque<Pending> documents_; ///< whose lines are yet to come
  std::size_t next_document_ = 0; ///< where the lines of the last one end
  ShellText out_;
};

} // namespace

ShellText lex_shell(std::string_view script) {
  return Lexer(script).run();
}

} // namespace runbook::linting
