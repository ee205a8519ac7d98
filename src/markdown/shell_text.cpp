#include "markdown/shell_text.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <unordered_set>

namespace runbook::markdown {

namespace {

constexpr std::size_t longest_quoted = 200; // bytes that are looked through for the end of a placeholder

bool is_one_of(char c, std::string_view set) noexcept {
  return set.find(c) != std::string_view::npos;
}

bool starts_name(char c) noexcept {
  return is_letter(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

bool in_name(char c) noexcept {
  return starts_name(c) || is_digit(c) || is_one_of(c, "-.:/ ");
}

/// Whether a word in quotes and angle brackets can only be meant for a person.
bool is_for_a_person(std::string_view name) noexcept {
  if (name.size() < 2 || !starts_name(name.front())) return false;
  const bool words = name.find_first_of("-_ ") != std::string_view::npos;
  const auto small = [](char c) { return c >= 'a' && c <= 'z'; };
  return name.find_first_of("<=$\\\"'/") == std::string_view::npos && (words || std::ranges::none_of(name, small));
}

/// `<in 2>err`: the digits in front of `>` are a descriptor.
bool ends_in_descriptor(std::string_view name) noexcept {
  const std::size_t blank = name.find_last_of(' ');
  return blank != std::string_view::npos && std::ranges::all_of(name.substr(blank + 1), is_digit);
}

} // namespace

void ShellScanner::read(std::string_view line) {
  line_ = line;
  at_ = 0;
  if (in_document_) {
    const HereDocument& document = documents_[ended_documents_];
    while (document.tabs && line.starts_with('\t')) line.remove_prefix(1);
    if (line == document.word) ++ended_documents_;
  } else {
    escaped_end_ = false;
    while (at_ < line_.size()) step();
  }
  in_document_ = ended_documents_ < documents_.size();
  ++number_;
}

char ShellScanner::peek(std::size_t ahead) const noexcept {
  return at_ + ahead < line_.size() ? line_[at_ + ahead] : '\0';
}

void ShellScanner::enter(State state, std::size_t length) {
  states_.push_back(state);
  at_ += length;
}

void ShellScanner::leave() {
  states_.pop_back();
  ++at_;
}

void ShellScanner::step() {
  const char c = line_[at_];
  if (states_.back() == State::single_quotes) {
    if (c == '\'') return leave();
    ++at_;
  } else if (c == '\\') {
    escaped_end_ = at_ + 1 == line_.size();
    at_ += 2;
  } else if (states_.back() == State::ansi_quotes) {
    if (c == '\'') return leave();
    ++at_;
  } else if (substitution_starts(c)) {
    return;
  } else if (states_.back() == State::double_quotes) {
    if (c == '"') return leave();
    ++at_;
  } else {
    code(c);
  }
}

/// `$(`, `$((`, `${` and backquotes have a meaning in double quotes too.
bool ShellScanner::substitution_starts(char c) {
  if (c == '`') {
    if (states_.back() == State::backquotes) {
      leave();
    } else {
      enter(State::backquotes, 1);
    }
    return true;
  }
  if (c != '$') return false;
  if (peek(1) == '(' && peek(2) == '(') {
    enter(State::arithmetic, 3);
    parentheses_.push_back(2);
  } else if (peek(1) == '(') {
    enter(State::substitution, 2);
    parentheses_.push_back(1);
  } else if (peek(1) == '{') {
    enter(State::expansion, 2);
  } else {
    return false;
  }
  return true;
}

void ShellScanner::code(char c) {
  const State state = states_.back();
  const bool words = state != State::expansion && state != State::arithmetic;
  if (state == State::expansion && c == '}') return leave();
  if (state == State::substitution || state == State::arithmetic) {
    if (c == '(') ++parentheses_.back();
    if (c == ')' && --parentheses_.back() == 0) {
      parentheses_.pop_back();
      return leave();
    }
  }
  if (words && (c == '"' || c == '\'')) quoted_placeholder(c);
  if (c == '"') return enter(State::double_quotes, 1);
  if (c == '\'') return enter(State::single_quotes, 1);
  if (c == '$' && peek(1) == '\'') return enter(State::ansi_quotes, 2);
  if (c == '#' && words && (at_ == 0 || is_one_of(line_[at_ - 1], " \t;&|()"))) {
    at_ = line_.size(); // a comment
  } else if (c == '<' && words) {
    redirection();
  } else {
    ++at_;
  }
}

void ShellScanner::quoted_placeholder(char quote) {
  if (peek(1) != '<') return;
  const std::size_t length = line_.substr(at_, longest_quoted).find('>');
  if (length == std::string_view::npos) return;
  const std::size_t end = at_ + length;
  if (end + 1 >= line_.size() || line_[end + 1] != quote) return;
  const std::string_view name = line_.substr(at_ + 2, end - at_ - 2);
  if (is_for_a_person(name)) placeholders_.push_back({std::string(name), number_, at_ + 1, end + 1, true});
}

void ShellScanner::redirection() {
  if (peek(1) == '<' && peek(2) == '<') {
    at_ += 3; // a here-string: `<<< word`
  } else if (peek(1) == '<') {
    here_document();
  } else {
    placeholder();
  }
}

void ShellScanner::here_document() {
  HereDocument document;
  document.tabs = peek(2) == '-';
  at_ += document.tabs ? 3 : 2;
  while (at_ < line_.size() && is_blank(line_[at_])) ++at_;
  for (; at_ < line_.size() && !is_one_of(line_[at_], " \t;&|<>()"); ++at_) {
    if (!is_one_of(line_[at_], "'\"\\")) document.word += line_[at_];
  }
  if (!document.word.empty()) documents_.push_back(std::move(document));
}

void ShellScanner::placeholder() {
  const std::size_t begin = at_++;
  if (at_ == line_.size() || !starts_name(line_[at_])) return;
  std::size_t end = at_;
  while (end < line_.size() && in_name(line_[end])) ++end;
  const std::string_view name = line_.substr(at_, end - at_);
  if (end == line_.size() || line_[end] != '>' || name.ends_with(' ') || ends_in_descriptor(name)) return;
  at_ = end + 1;
  placeholders_.push_back({std::string(name), number_, begin, at_, false});
}

std::vector<Placeholder> find_placeholders(std::string_view script) {
  if (script.find('<') == std::string_view::npos) return {};
  ShellScanner scanner;
  for (std::string_view line; next_line(script, line);) scanner.read(line);
  std::unordered_set<std::string_view> names;
  std::unordered_set<std::string_view> quoted;
  std::vector<Placeholder> found;
  for (const Placeholder& placeholder : scanner.placeholders()) {
    if ((placeholder.quoted ? quoted : names).insert(placeholder.name).second) found.push_back(placeholder);
  }
  return found;
}

} // namespace runbook::markdown
