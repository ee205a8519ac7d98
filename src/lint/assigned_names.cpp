#include "lint/assigned_names.hpp"

#include "lint/commands.hpp"

#include <span>

namespace runbook::linting {

namespace {

using Words = std::span<const ShellWord>;

class Names {
public:
  void read(const ShellText& shell) {
    for (const VariableUse& use : shell.uses) {
      if (use.assigned) add(use.name, false);
    }
    for (const ShellCommand& command : shell.commands) {
      Words words = command.words;
      while (!words.empty() && assigned_name(words.front().text) > 0) {
        add(name_in(words.front().text), all_exported_);
        words = words.subspan(1);
      }
      if (!words.empty()) call(words.front().text, words.subspan(1));
    }
  }

  AssignedNames take() { return std::move(names_); }

private:
  static std::string_view name_in(std::string_view word) {
    const std::size_t length = assigned_name(word);
    return length > 0 ? word.substr(0, length) : word;
  }

  void add(std::string_view name, bool exported) {
    names_.all.insert(name);
    if (exported || all_exported_) names_.exported.insert(name);
  }

  void call(std::string_view program, Words words) {
    if (is_listed("source . eval", program)) {
      names_.unknown = true;
    } else if (is_listed("export declare typeset local readonly", program)) {
      declare(program == "export", words);
    } else if (is_listed("read vared", program)) {
      targets(words, "-p -t -n -N -d -u -i");
    } else if (is_listed("mapfile readarray", program)) {
      targets(words, "-d -n -O -s -u -C -c");
    } else if (is_listed("for select", program) && !words.empty()) {
      add(words.front().text, false);
    } else if (program == "getopts" && words.size() > 1) {
      add(words[1].text, false);
    } else if (program == "printf" && words.size() > 1 && words[0].text == "-v") {
      add(words[1].text, false);
    } else if (program == "let") {
      for (const ShellWord& word : words) add(name_in(word.text), false);
    } else if (program == "set") {
      set(words);
    }
  }

  void declare(bool exports, Words words) {
    for (const ShellWord& word : words) {
      const bool option = word.text.starts_with('-');
      if (option && word.text.find('x') != std::string::npos) exports = true;
      if (!option) add(name_in(word.text), exports);
    }
  }

  void targets(Words words, std::string_view options_with_word) {
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string& text = words[i].text;
      if (!text.starts_with('-')) {
        add(text, false);
      } else if (is_listed(options_with_word, text) ||
                 (text.size() > 2 && is_listed(options_with_word, std::string{'-', text.back()}))) {
        ++i; // `-rp prompt`
      }
    }
  }

  void set(Words words) {
    for (const ShellWord& word : words) {
      if (word.text == "allexport" || (word.text.starts_with('-') && word.text.find('a') != std::string::npos)) {
        all_exported_ = true;
      }
    }
  }

  AssignedNames names_;
  bool all_exported_ = false;
};

} // namespace

AssignedNames assigned_names(const ShellText& shell) {
  Names names;
  names.read(shell);
  return names.take();
}

} // namespace runbook::linting
