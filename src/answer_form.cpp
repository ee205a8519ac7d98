#include "answer_form.hpp"

#include "names.hpp"
#include "pattern.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t fewest_choices = 2;

std::string text_of(const Values& params, std::string_view name) {
  const Value* value = params.if_contains(name);
  return value != nullptr && value->is_string() ? to_text(*value) : std::string();
}

std::vector<std::string> choices_of(const Values& params) {
  std::vector<std::string> choices;
  const Value* list = params.if_contains("choices");
  if (list == nullptr || !list->is_array()) return choices;
  for (const Value& choice : list->get_array()) {
    if (choice.is_string()) choices.push_back(to_text(choice));
  }
  return choices;
}

/// A line of its own, with something to be seen on it.
bool is_choice(std::string_view text) {
  const bool one_line = std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == '\x7f'; });
  return one_line && !text.empty() && text.front() != ' ' && text.back() != ' ';
}

class Flaws {
public:
  explicit Flaws(const Action& action) : action_(action) {}

  std::vector<Diagnostic> find() {
    if (!has_known_kind()) return std::move(found_);
    const AnswerKind kind = answer_form(action_.params).kind;
    belongs_to("choices", kind, AnswerKind::choice);
    belongs_to("pattern", kind, AnswerKind::text);
    if (kind == AnswerKind::choice) choices();
    if (kind == AnswerKind::text) pattern();
    if (kind != AnswerKind::yes_no && action_.capture.empty()) {
      add("the answer to the question is kept nowhere", "say under which name later steps see it: capture=NAME");
    }
    return std::move(found_);
  }

private:
  bool has_known_kind() {
    const Value* answer = action_.params.if_contains("answer");
    if (answer == nullptr) return true;
    const std::string word = to_text(*answer);
    if (answer->is_string() && enum_from<AnswerKind>(word)) return true;
    std::vector<std::string> known;
    for (const auto& [kind, name] : Names<AnswerKind>::table) known.emplace_back(name);
    const std::string near = did_you_mean(word, known);
    add(fmt::format("the answer to a question cannot be '{}'", word),
        near.empty() ? "use yes-no, text, choice or secret" : near);
    return false;
  }

  void belongs_to(std::string_view param, AnswerKind kind, AnswerKind owner) {
    if (kind == owner || !action_.params.contains(param)) return;
    add(fmt::format("'{}' has no meaning for a question whose answer is {}", param, name_of(kind)),
        fmt::format("say answer={}, or remove it", name_of(owner)));
  }

  void choices() {
    const Value* list = action_.params.if_contains("choices");
    std::vector<std::string> texts = choices_of(action_.params);
    const bool only_texts = list != nullptr && list->is_array() && list->get_array().size() == texts.size();
    if (!only_texts || texts.size() < fewest_choices || !std::ranges::all_of(texts, is_choice)) {
      return add("a choice needs two texts or more, each on one line", R"(write choices="blue, green")");
    }
    std::ranges::sort(texts);
    if (const auto same = std::ranges::adjacent_find(texts); same != texts.end()) {
      add(fmt::format("the choice '{}' is there twice", *same), "say it once");
    }
  }

  void pattern() {
    const Value* pattern = action_.params.if_contains("pattern");
    if (pattern == nullptr) return;
    std::string why = "it is no text";
    if (pattern->is_string() && Pattern::compile(to_text(*pattern), why)) return;
    add(fmt::format("the pattern of the answer cannot be used: {}", why),
        "correct it: it is a regular expression, RE2");
  }

  void add(std::string message, std::string hint) {
    found_.push_back({Severity::error, "question-answer", std::move(message), std::move(hint), {}, {}, action_.span});
  }

  const Action& action_;
  std::vector<Diagnostic> found_;
};

} // namespace

AnswerForm answer_form(const Values& params) {
  AnswerForm form;
  form.kind = enum_from<AnswerKind>(text_of(params, "answer")).value_or(AnswerKind::yes_no);
  if (form.kind == AnswerKind::choice) form.choices = choices_of(params);
  if (form.kind == AnswerKind::text) form.pattern = text_of(params, "pattern");
  return form;
}

std::vector<Diagnostic> answer_form_flaws(const Action& action) {
  return Flaws(action).find();
}

} // namespace runbook
