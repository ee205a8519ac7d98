#include "handlers/plain_script.hpp"

#include <algorithm>
#include <cstddef>

namespace runbook {

namespace {

// Lists of words with a blank around each.

/// Commands of shells that change variables or the directory, or run other commands in the shell itself.
constexpr std::string_view changing =
    " . alias builtin cd chdir command compound coproc declare enable enum eval exec export fc float getopts integer "
    "let local mapfile nameref popd printf pushd read readarray readonly set shopt source trap typeset unalias unset "
    "wait ";
/// After these a command follows, or more grammar than is looked at here.
constexpr std::string_view keywords =
    " case do done elif else esac fi for function if in select then time until while ";

bool is_one_of(std::string_view word, std::string_view list) noexcept {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    if (list[at - 1] == ' ' && list[at + word.size()] == ' ') return true;
  }
  return false;
}

constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Whether a word, where a command stands, is the name or the path of a program or of a harmless command. What a shell
/// would make something else of (quotes, `$`, patterns) is not; nor is a number, which may belong to a redirection.
bool is_program(std::string_view word) noexcept {
  if (word == "[" || word == ":") return true;
  if (!is_letter(word.front()) && word.front() != '/' && word.front() != '.') return false;
  const auto plain = [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '/' || c == '-' || c == '+';
  };
  return std::ranges::all_of(word, plain) && !is_one_of(word, changing) && !is_one_of(word, keywords);
}

} // namespace

// Quotes are not looked at: a separator inside of them makes words be taken for commands that are none, never the other
// way round.
bool runs_programs_only(std::string_view script) noexcept {
  if (script.find_first_of("=\\`{}") != std::string_view::npos) return false; // assignments, escapes, substitutions
  if (script.find("((") != std::string_view::npos || script.find("$[") != std::string_view::npos) return false;
  constexpr std::string_view between = " \t\n;|&()<>";
  bool command = true; // the next word is one
  bool target = false; // the next word belongs to a redirection
  for (std::size_t at = 0; at < script.size();) {
    const char c = script[at];
    if (between.find(c) != std::string_view::npos) {
      if (c == '<' || c == '>') {
        target = true;
      } else if (c != ' ' && c != '\t') {
        command = true;
      }
      ++at;
      continue;
    }
    const std::size_t end = std::min(script.find_first_of(between, at), script.size());
    const std::string_view word = script.substr(at, end - at);
    at = end;
    if (target) {
      target = false;
    } else if (command) {
      if (!is_program(word)) return false;
      command = false;
    }
  }
  return true;
}

} // namespace runbook
