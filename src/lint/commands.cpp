#include "lint/commands.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <span>

namespace runbook::linting {

namespace {

using markdown::is_digit;
using markdown::is_letter;

constexpr int deepest = 3; // of `sh -c` in `ssh` in `sh -c` …

/// Programs that run the rest of their words, and those of their options that take a word.
struct Wrapper {
  std::string_view program;
  std::string_view options_with_word;
  int words = 0; ///< in front of the command
};

constexpr Wrapper wrappers[] = {
    {"sudo", "-u -g -h -p -C -r -t -T -U --user --group", 0},
    {"doas", "-u -C", 0},
    {"env", "-u -C -S --unset --chdir", 0},
    {"nohup", "", 0},
    {"exec", "-a", 0},
    {"command", "", 0},
    {"builtin", "", 0},
    {"nice", "-n --adjustment", 0},
    {"ionice", "-c -n -p", 0},
    {"setsid", "", 0},
    {"stdbuf", "-i -o -e", 0},
    {"timeout", "-s -k --signal --kill-after", 1},
    {"chroot", "", 1},
    {"flock", "-w -E", 1},
    {"watch", "-n --interval", 0},
    {"xargs", "-n -I -P -L -d -a -E -s --max-args --max-procs --delimiter", 0},
};

std::string_view base_name(std::string_view program) {
  const std::size_t slash = program.rfind('/');
  return slash == std::string_view::npos || slash + 1 == program.size() ? program : program.substr(slash + 1);
}

const Wrapper* find_wrapper(std::string_view program) {
  const auto found = std::ranges::find(wrappers, program, &Wrapper::program);
  return found == std::end(wrappers) ? nullptr : &*found;
}

using Words = std::span<const ShellWord>;

/// Takes the options in front off.
Words without_options(Words words, std::string_view with_word) {
  while (!words.empty() && words.front().text.starts_with('-')) {
    const bool two = is_listed(with_word, words.front().text);
    const bool last = words.front().text == "--";
    words = words.subspan(std::min<std::size_t>(two ? 2 : 1, words.size()));
    if (last) break;
  }
  return words;
}

Words without_assignments(Words words) {
  while (!words.empty() && assigned_name(words.front().text) > 0) words = words.subspan(1);
  return words;
}

Words unwrapped(Words words) {
  words = without_assignments(words);
  while (!words.empty()) {
    const Wrapper* wrapper = find_wrapper(base_name(words.front().text));
    if (wrapper == nullptr) break;
    Words rest = without_assignments(without_options(words.subspan(1), wrapper->options_with_word));
    if (rest.empty()) break;
    words = rest.subspan(std::min<std::size_t>(static_cast<std::size_t>(wrapper->words), rest.size()));
  }
  return words;
}

class Calls {
public:
  explicit Calls(std::string_view script) : script_(script) {}

  void add(const ShellText& shell) {
    for (const ShellCommand& command : shell.commands) add(command);
  }

  std::vector<Call> take() { return std::move(calls_); }

private:
  void add(const ShellCommand& command) {
    const Words words = unwrapped(command.words);
    if (words.empty()) return;
    Call call;
    call.program = base_name(words.front().text);
    call.begin = command.words.front().begin;
    call.end = command.words.back().end;
    call.writes_file = command.writes_file;
    for (const ShellWord& word : words.subspan(1)) call.words.push_back(word.text);
    for (const HereDocument& document : command.documents) {
      call.documents += script_.substr(document.begin, document.end - document.begin);
    }
    pass_on(call, words);
    calls_.push_back(std::move(call));
  }

  /// The command that a program is told to run.
  void pass_on(const Call& call, Words words) {
    std::string inner;
    if (is_listed("sh bash zsh dash ksh su", call.program)) {
      const auto option = std::ranges::find_if(words, [](const ShellWord& w) {
        return w.text.size() > 1 && w.text[0] == '-' && w.text[1] != '-' && w.text.ends_with('c');
      });
      if (option != words.end() && option + 1 != words.end()) inner = (option + 1)->text;
      inner += "\n" + call.documents;
    } else if (call.program == "ssh") {
      const Words rest = without_options(words.subspan(1), "-i -l -p -o -F -J -L -R -D -b -c -e -m -S -W");
      for (const ShellWord& word : rest.subspan(std::min<std::size_t>(1, rest.size()))) inner += word.text + " ";
      inner += "\n" + call.documents;
    } else if (is_listed("kubectl oc docker podman", call.program)) {
      const auto dashes = std::ranges::find(words, "--", &ShellWord::text);
      for (auto word = dashes; word != words.end(); ++word) {
        if (word != dashes) inner += (word->quoted ? "'" + word->text + "'" : word->text) + " ";
      }
    }
    if (markdown::trim(inner).empty() || depth_ == deepest) return;
    nested(call, inner);
  }

  void nested(const Call& call, const std::string& inner) {
    Calls below(inner);
    below.depth_ = depth_ + 1;
    below.add(lex_shell(inner));
    for (Call& found : below.calls_) {
      found.begin = call.begin;
      found.end = call.end;
      calls_.push_back(std::move(found));
    }
  }

  std::string_view script_;
  int depth_ = 0;
  std::vector<Call> calls_;
};

} // namespace

bool Call::has(std::string_view word) const {
  const bool prefix = word.ends_with('*');
  if (prefix) word.remove_suffix(1);
  return std::ranges::any_of(words,
                             [&](const std::string& each) { return prefix ? each.starts_with(word) : each == word; });
}

std::vector<Call> calls_of(std::string_view script, const ShellText& shell) {
  Calls calls(script);
  calls.add(shell);
  return calls.take();
}

bool is_listed(std::string_view list, std::string_view word) {
  if (word.empty()) return false;
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

std::size_t assigned_name(std::string_view word) {
  std::size_t length = 0;
  while (length < word.size() &&
         (is_letter(word[length]) || word[length] == '_' || (length > 0 && is_digit(word[length])))) {
    ++length;
  }
  std::size_t end = length;
  if (end < word.size() && word[end] == '[') end = std::min(word.find(']', end), word.size() - 1) + 1; // an element
  if (word.substr(end).starts_with("+=")) return length;
  return word.substr(end).starts_with('=') ? length : 0;
}

} // namespace runbook::linting
