// Values that mean something to a shell, a pattern, a template, a URL, a terminal or a file system, and must not.
#pragma once

#include <string>
#include <vector>

namespace runbook::testing {

struct Metacharacters {
  std::string name;
  std::string value;
};

/// All but a NUL byte, which no variable can hold. What would run makes a file `hacked`.
inline const std::vector<Metacharacters>& metacharacters() {
  static const std::vector<Metacharacters> all{
      {"empty", ""},
      {"single quote", "'; touch hacked; '"},
      {"double quote", "\"; touch hacked; \""},
      {"both quotes", "'\"'\"'$(touch hacked)\"'\""},
      {"backticks", "`touch hacked`"},
      {"substitution", "$(touch hacked)"},
      {"arithmetic", "$((1+1)) $[1+1]"},
      {"variable", "$x ${x} ${HOME} $$ $0"},
      {"ansi quoting", "$'\\n' $\"x\""},
      {"lines", "one\ntouch hacked\n#"},
      {"line end", "one\n"},
      {"carriage return", "one\rtwo\r\nthree"},
      {"export line", "x'\nexport PATH='/evil"},
      {"own template", "{{ x }}"},
      {"other template", "{{ name }} {{ run.id }}"},
      {"open braces", "{{"},
      {"closed braces", "}} {{ x"},
      {"options", "-rf"},
      {"long option", "--help"},
      {"end of options", "--"},
      {"format", "%s %n %0a %d%%"},
      {"percent escapes", "%2e%2e%2f%0d%0aX: y"},
      {"separators", "; touch hacked & touch hacked | touch hacked && touch hacked || touch hacked"},
      {"redirections", "> hacked >> hacked < /etc/passwd"},
      {"patterns", "* ? [a-z]* {a,b}"},
      {"regular expression", ".*|^$(a+)+\\d"},
      {"wildcard", "..."},
      {"tilde", "~"},
      {"tilde of a user", "~root/x"},
      {"history", "!! !$"},
      {"comment", "a # b"},
      {"assignment", "PATH=/evil"},
      {"backslashes", "\\ \\\\ \\n \\' \\"},
      {"blanks", "  two  blanks \t "},
      {"folder above", ".."},
      {"path above", "../above"},
      {"url", "http://127.0.0.1:1/?a=b&c=d#e"},
      {"json", "\", \"evil\": {\"a\": [1]}, \"b\": \""},
      {"json object", "{\"evil\": true}"},
      {"number", "1e3"},
      {"word", "null"},
      {"expression", "' || true || '"},
      {"header", "x\r\nX-Evil: yes\r\n\r\nbody"},
      {"bidi", "\xe2\x80\xae"
               "evil"
               "\xe2\x80\xac \xe2\x81\xa6x"},
      {"unicode", "\xc3\xa4 \xf0\x9f\x94\xa5 \xe2\x80\xa8 \xef\xbb\xbf"},
      {"terminal", "\x1b[2J\x1b]0;evil\x07\b\x7f"},
      {"very long", std::string(90'000, 'x')}};
  return all;
}

} // namespace runbook::testing
