#include "format/action_block.hpp"

#include "block_languages.hpp"
#include "format/fence_text.hpp"
#include "json_text.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "runbook_action.hpp"
#include "sort_stably.hpp"

#include <algorithm>
#include <array>

#include <boost/json/array.hpp>
#include <boost/json/string.hpp>
#include <fmt/format.h>

namespace runbook::format {

namespace {

using Lines = std::vector<std::string>;

std::string duration_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count % 3'600'000 == 0 && count != 0) return fmt::format("{}h", count / 3'600'000);
  if (count % 60'000 == 0 && count != 0) return fmt::format("{}m", count / 60'000);
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

/// A word as `env="NAME=word"` reads it back.
std::string assigned(std::string_view value) {
  if (value.find_first_of(" \t\"'\\") == std::string_view::npos) return std::string(value);
  if (value.find('\'') == std::string_view::npos) return fmt::format("'{}'", value);
  std::string out = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

constexpr std::array<std::string_view, 6> request_members{"method", "url", "headers", "body", "expect", "captures"};

/// Takes the parameters of one action apart into the block's language, attributes and text.
class Block {
public:
  Block(const Action& action, bool only_looks, std::string pointer, Inexpressible& problems)
      : action_(action), only_looks_(only_looks), pointer_(std::move(pointer)), problems_(problems) {}

  Lines lines(Attributes attributes) {
    attributes_ = std::move(attributes);
    read();
    rest();
    settings();
    Lines out = fence_lines(language_ + in_braces(std::move(attributes_)), text_, false);
    if (action_.expect) expectation(*action_.expect, out);
    return out;
  }

private:
  void read() {
    const std::string& handler = action_.handler;
    if (handler == "shell") {
      language_ = text("shell", "sh");
      text_ = text("script");
    } else if (handler == "http") {
      language_ = "http";
      requests();
    } else if (handler == "confirm") {
      language_ = "confirm";
      text_ = text("prompt");
    } else {
      other(handler);
    }
  }

  /// The language names the handler too, so that whoever reads the document sees what it is.
  void other(const std::string& handler) {
    language_ = handler;
    if (const BlockLanguage* own = find_block_language(handler)) return of_language(*own);
    attributes_.emplace_back("handler", handler);
    if (handler == runbook_handler) {
      problems_.add(pointer_, "another runbook can only be run by a step that does nothing else",
                    "give it a step of its own");
    } else if (!action_.params.contains("text")) {
      problems_.add(pointer_ + "/params", fmt::format("no block can give the handler '{}' its parameters", handler),
                    "a block gives a handler the parameter 'text', and nothing else");
    }
    text_ = text("text");
    if (action_.params.contains("shell")) attributes_.emplace_back("shell", text("shell"));
  }

  void of_language(const BlockLanguage& own) {
    text_ = text(own.param);
    const bool ends = text_.ends_with('\n');
    if (own.lines && ends) text_.pop_back();
    const bool whole = own.lines ? ends && !text_.empty() : text_ == markdown::trim(text_) && !text_.empty();
    if (whole) return;
    problems_.add(fmt::format("{}/params/{}", pointer_, pointer_token(own.param)),
                  own.lines ? "a block's text has at least one line, and ends with a line end"
                            : "a block's text is not empty, and has no blanks around it");
  }

  void requests() {
    for (const std::string_view name : {"ca_file", "client_cert", "client_key", "proxy"}) {
      if (action_.params.contains(name)) text_ += fmt::format("# @{} {}\n", name, text(name));
    }
    taken_.emplace_back("follow_redirects");
    if (const Value* follow = action_.params.if_contains("follow_redirects")) {
      if (!follow->is_bool()) return unfit("follow_redirects");
      text_ += fmt::format("# @follow_redirects {}\n", follow->get_bool());
    }
    const Value* list = action_.params.if_contains("requests");
    if (list == nullptr) {
      for (const std::string_view name : request_members) taken_.push_back(name);
      return request(action_.params, "");
    }
    taken_.emplace_back("requests");
    if (!list->is_array() || list->get_array().size() < 2) return unfit("requests");
    for (std::size_t i = 0; i < list->get_array().size(); ++i) {
      const Value& one = list->get_array()[i];
      const std::string place = fmt::format("requests/{}/", i);
      if (!one.is_object()) return unfit(place);
      const Values& members = one.get_object();
      text_ += (i == 0 ? "### " : "\n\n### ") + member(members, "name", place);
      while (text_.ends_with(' ')) text_.pop_back();
      text_ += '\n';
      request(members, place);
    }
  }

  void request(const Values& members, const std::string& place) {
    if (members.contains("expect")) text_ += commented("expect", member(members, "expect", place));
    named(members, "captures", place, "# @capture {} = {}\n");
    text_ += fmt::format("{} {}", member(members, "method", place, "GET"), member(members, "url", place));
    named(members, "headers", place, "\n{}: {}");
    if (!members.contains("body")) return;
    text_ += "\n\n" + member(members, "body", place);
    if (place.empty() && text_.ends_with('\n')) text_ += '\n'; // the last line end of a block is none of the body's
  }

  /// Each line of the text as a comment `# @word line`.
  static std::string commented(std::string_view word, const std::string& text) {
    std::string out;
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      out += fmt::format("# @{} {}", word, text.substr(begin, end - begin));
      while (out.ends_with(' ')) out.pop_back();
      out += '\n';
      begin = end + 1;
    }
    return out;
  }

  /// The members of an object of texts, each in this form.
  void named(const Values& members, std::string_view name, const std::string& place, fmt::string_view form) {
    const Value* object = members.if_contains(name);
    if (object == nullptr) return;
    const auto is_text = [](const auto& entry) { return entry.value().is_string(); };
    if (!object->is_object() || !std::ranges::all_of(object->get_object(), is_text)) {
      return unfit(fmt::format("{}{}", place, name));
    }
    for (const auto& [key, value] : object->get_object()) {
      text_ += fmt::format(fmt::runtime(form), std::string_view(key), to_text(value));
    }
  }

  /// A text among the members of a request.
  std::string member(const Values& members, std::string_view name, const std::string& place,
                     std::string_view otherwise = {}) {
    const Value* value = members.if_contains(name);
    if (value == nullptr) return std::string(otherwise);
    if (value->is_string()) return to_text(*value);
    unfit(fmt::format("{}{}", place, name));
    return {};
  }

  /// A parameter that is text, or `otherwise` if it is not there.
  std::string text(std::string_view name, std::string_view otherwise = {}) {
    taken_.push_back(name);
    return member(action_.params, name, "", otherwise);
  }

  /// `path`: names that need no escape in a JSON pointer.
  void unfit(std::string_view path) {
    problems_.add(fmt::format("{}/params/{}", pointer_, path), "a block can only give text here");
  }

  /// The parameters that are attributes, and those that are nothing.
  void rest() {
    for (const auto& [key, value] : action_.params) {
      const std::string_view name = key;
      if (std::ranges::find(taken_, name) != taken_.end()) continue;
      if (name == "cwd" || name == "user" || (is_block_attribute(name) && find_block_language(action_.handler))) {
        attributes_.emplace_back(name, text(name));
      } else if (action_.handler == "confirm" && is_question_attribute(name)) {
        attributes_.emplace_back(name, name == "choices" ? choices(value) : text(name));
      } else if (name == "env" && value.is_object()) {
        environment(value.get_object());
      } else {
        problems_.add(fmt::format("{}/params/{}", pointer_, pointer_token(name)),
                      fmt::format("no block can give the handler '{}' this parameter", action_.handler));
      }
    }
  }

  /// The texts with commas between them.
  std::string choices(const Value& list) {
    std::string all;
    const auto* const array = list.if_array();
    if (array == nullptr) unfit("choices");
    for (std::size_t i = 0; array != nullptr && i < array->size(); ++i) {
      const std::string choice = to_text((*array)[i]);
      const bool fits = (*array)[i].is_string() && choice.find(',') == std::string::npos;
      if (!fits || choice != markdown::trim(choice)) unfit(fmt::format("choices/{}", i));
      all += (i == 0 ? "" : ", ") + choice;
    }
    return all;
  }

  void environment(const Values& variables) {
    std::string all;
    for (const auto& [name, value] : variables) {
      if (!value.is_string()) return unfit("env");
      all += fmt::format("{}{}={}", all.empty() ? "" : " ", std::string_view(name), assigned(to_text(value)));
    }
    attributes_.emplace_back("env", all);
  }

  void settings() {
    const RetryPolicy standard;
    const RetryPolicy& retry = action_.retry;
    if (action_.timeout) attributes_.emplace_back("timeout", duration_text(*action_.timeout));
    if (retry.retries != standard.retries) attributes_.emplace_back("retries", std::to_string(retry.retries));
    if (retry.delay != standard.delay || retry.max_delay != standard.max_delay) {
      attributes_.emplace_back("backoff",
                               fmt::format("{}..{}", duration_text(retry.delay), duration_text(retry.max_delay)));
    }
    if (retry.jitter != standard.jitter) attributes_.emplace_back("jitter", fmt::format("{}%", retry.jitter));
    if (action_.until) attributes_.emplace_back("until", action_.until->text);
    if (!action_.capture.empty()) attributes_.emplace_back("capture", action_.capture);
    const bool said = action_.effect && !(only_looks_ && action_.effect == Effect::pure);
    if (said) attributes_.emplace_back(name_of(*action_.effect), name_of(*action_.effect));
  }

  static void expectation(const Expectation& expect, Lines& out) {
    using Kind = Expectation::Kind;
    Attributes attributes;
    std::string language = "text";
    if (expect.kind == Kind::json) language = "json";
    if (expect.kind == Kind::http) language = "http";
    if (expect.kind == Kind::contains || expect.kind == Kind::regex) {
      attributes.emplace_back("match", name_of(expect.kind));
    }
    out.emplace_back("Expected:");
    Lines lines = fence_lines(language + in_braces(std::move(attributes)), expect.text, expect.text.empty());
    std::ranges::move(lines, std::back_inserter(out));
  }

  const Action& action_;
  bool only_looks_;
  std::string pointer_;
  Inexpressible& problems_;
  std::string language_;
  std::string text_;
  Attributes attributes_;
  std::vector<std::string_view> taken_; ///< parameters that the text has, or the language
};

} // namespace

std::string in_braces(Attributes attributes) {
  sort_stably(attributes, [](const auto& a) { return attribute_rank(a.first); });
  std::string out;
  for (const auto& [name, value] : attributes) {
    out += out.empty() ? " {" : " ";
    out += attribute_text(name, value, !is_word(name));
  }
  return out.empty() ? out : out + "}";
}

std::vector<std::string> action_lines(const Action& action, bool only_looks, Attributes of_step,
                                      const std::string& pointer, Inexpressible& problems) {
  return Block(action, only_looks, pointer, problems).lines(std::move(of_step));
}

} // namespace runbook::format
