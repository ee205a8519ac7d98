#include "plan/references.hpp"

#include "http/request_list.hpp"
#include "plan/captures.hpp"
#include "plan/items.hpp"
#include "plan/strings.hpp"
#include "printable.hpp"
#include "suggest.hpp"
#include "template.hpp"

#include <runbook/expression.hpp>

#include <algorithm>
#include <optional>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_shown_id = 200;

std::string_view first_name(std::string_view dotted) noexcept {
  return dotted.substr(0, dotted.find('.'));
}

constexpr bool is_name_char(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The names behind `$` and `${` in a script.
std::vector<std::string_view> script_variables(std::string_view script) {
  std::vector<std::string_view> names;
  for (std::size_t at = script.find('$'); at != std::string_view::npos; at = script.find('$', at + 1)) {
    std::size_t begin = at + 1;
    if (begin < script.size() && script[begin] == '{') ++begin;
    std::size_t end = begin;
    while (end < script.size() && is_name_char(script[end])) ++end;
    if (end > begin) names.push_back(script.substr(begin, end - begin));
  }
  return names;
}

/// Calls `visit(kind, action)` for every planned action of a step.
template <class Visit>
void for_each_planned(const PlannedStep& step, const Visit& visit) {
  for (const ActionKind kind : {ActionKind::forward, ActionKind::check, ActionKind::undo}) {
    for (const PlannedAction& action : step.of(kind)) visit(kind, action);
  }
}

/// The names that mean something within an action alone: the requests of a block see what those before captured.
std::vector<std::string_view> names_within(const PlannedAction& planned) {
  if (planned.action.handler != "http") return {};
  std::vector<std::string_view> names(planned.captures.begin(), planned.captures.end());
  names.push_back(http::key_name);
  return names;
}

bool runs_in_rollback(const PlannedStep& step, ActionKind kind) noexcept {
  return step.section == Section::rollback || kind == ActionKind::undo;
}

class References {
public:
  References(const Runbook& runbook, const std::vector<PlannedStep>& steps, const std::vector<PlannedUnit>& units,
             Findings& findings)
      : runbook_(runbook), steps_(steps), units_(units), findings_(findings),
        captures_(std::move(captures_of(steps).front())) {
    for (const Input& input : runbook.inputs) {
      inputs_.insert(input.name);
    }
  }

  void check() {
    const Items all(runbook_);
    const std::vector<Item>& items = all.all();
    for (std::size_t i = 0; i < items.size(); ++i) {
      element_ = element_name(steps_[i]);
      check_text({items[i].step->id, items[i].step->span}, items[i].step->title, nullptr);
      for_each_planned(steps_[i], [&](ActionKind kind, const PlannedAction& action) {
        check_action(steps_[i], kind, action);
        ++position_;
      });
    }
  }

private:
  /// When a text is filled in.
  struct Moment {
    std::size_t position = 0;
    bool in_rollback = false;
  };

  /// The name of the value that holds the element of the loop which the step is in; empty: it is in none.
  [[nodiscard]] std::string_view element_name(const PlannedStep& step) const {
    if (step.section == Section::rollback || !units_[step.unit].loop) return {};
    return units_[step.unit].loop->as;
  }

  void check_action(const PlannedStep& step, ActionKind kind, const PlannedAction& planned) {
    const Action& action = planned.action;
    const Where where{step.id, action.span.known() ? action.span : step.span};
    const Moment moment{position_, runs_in_rollback(step, kind)};
    own_ = names_within(planned);
    for_each_planned_string(planned, [&](std::string_view text, bool filled_in) {
      if (filled_in) {
        check_text(where, text, &moment);
      } else {
        check_script(where, text);
      }
    });
    for (const std::string& text : planned.expressions) check_expression(where, text, moment);
    own_.clear(); // the expected output is compared with when the handler is done
    if (!action.expect) return;
    check_text({step.id, action.expect->span.known() ? action.expect->span : where.span}, action.expect->text, &moment);
  }

  /// `moment`: null for a title, which shows what is known when the run begins.
  void check_text(const Where& where, std::string_view text, const Moment* moment) {
    for (const TemplatePart& part : template_parts(text)) {
      if (part.kind == TemplatePart::Kind::other) {
        findings_.warning("template", where, fmt::format("'{}' is no name and stays as it stands", part.text),
                          "write {{ name }} to fill in a value");
      } else if (part.kind == TemplatePart::Kind::name) {
        check_name(where, first_name(part.name), fmt::format("{{{{ {} }}}}", first_name(part.name)), moment);
      }
    }
  }

  /// Text that cannot be read is reported by the handler.
  void check_expression(const Where& where, std::string_view text, const Moment& moment) {
    for (const std::string& name : expression_names(text)) check_name(where, name, name, &moment);
  }

  /// `shown`: as it stands in the document.
  void check_name(const Where& where, std::string_view name, std::string_view shown, const Moment* moment) {
    if (inputs_.contains(name) || name == element_ || std::ranges::find(own_, name) != own_.end()) return;
    const auto found = captures_.find(name);
    if (found == captures_.end()) {
      std::string hint = suggestions().for_word(name);
      if (hint.empty()) hint = "declare it as an input, or capture it in an earlier step";
      findings_.document_error("unknown-name", where, fmt::format("'{}' names no input and no capture", shown), hint);
      return;
    }
    const Capture& capture = found->second;
    if (moment == nullptr || moment->in_rollback) return;
    if (!capture.in_rollback && capture.position < moment->position) return;
    findings_.document_error("not-known-yet", where,
                             fmt::format("'{}' is not known here yet: step '{}' captures it {}", name,
                                         printable_excerpt(steps_[capture.step].id, longest_shown_id),
                                         capture.in_rollback ? "when it is rolled back" : "when it has run"),
                             "use it in a later step");
  }

  /// The names are copied only if one is misspelt.
  Suggestions& suggestions() {
    if (!suggestions_) {
      std::vector<std::string> known;
      for (const Input& input : runbook_.inputs) known.push_back(input.name);
      for (const auto& [name, capture] : captures_) known.push_back(name);
      suggestions_.emplace(std::move(known));
    }
    return *suggestions_;
  }

  void check_script(const Where& where, std::string_view text) {
    for (const std::string& name : template_names(text)) {
      const std::string_view first = first_name(name);
      if (!inputs_.contains(first) && !captures_.contains(first) && first != element_) continue;
      findings_.warning("template-in-script", where,
                        fmt::format("'{{{{ {} }}}}' is not filled in here: it stays as it stands", name),
                        fmt::format("in a script write \"${}\"", first));
    }
  }

  const Runbook& runbook_;
  const std::vector<PlannedStep>& steps_;
  const std::vector<PlannedUnit>& units_;
  Findings& findings_;
  Captures captures_;
  std::unordered_set<std::string_view> inputs_;
  std::optional<Suggestions> suggestions_;
  std::vector<std::string_view> own_; ///< what the action itself gives a value to; its handler knows where
  std::size_t position_ = 0;
  std::string_view element_; ///< of the step that is looked at
};

} // namespace

std::vector<std::string> expression_names(std::string_view text) {
  std::vector<std::string> names;
  const Result<Expression> read = Expression::parse(text);
  if (!read) return names;
  for (const Expression::Reference& reference : read->references()) {
    const bool as_input = reference.path.front() == "inputs";
    if (as_input && reference.path.size() < 2) continue;
    names.push_back(reference.path[as_input ? 1 : 0]);
  }
  return names;
}

std::vector<Captures> captures_of(const std::vector<PlannedStep>& steps) {
  std::vector<Captures> scopes(1);
  std::size_t position = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].scope >= scopes.size()) scopes.resize(steps[i].scope + std::size_t{1});
    Captures& captures = scopes[steps[i].scope];
    for_each_planned(steps[i], [&](ActionKind kind, const PlannedAction& action) {
      for_each_capture(action.action, action.captures, [&](std::string_view name) {
        captures.try_emplace(std::string(name), Capture{i, position, runs_in_rollback(steps[i], kind)});
      });
      ++position;
    });
  }
  return scopes;
}

std::vector<std::string> captures_used(const PlannedAction& planned, const Captures& captures) {
  std::vector<std::string> used;
  if (captures.empty()) return used;
  const auto add = [&](std::string_view name) {
    if (captures.contains(name) && std::ranges::find(used, name) == used.end()) used.emplace_back(name);
  };
  const auto add_templates = [&](std::string_view text) {
    for (const TemplatePart& part : template_parts(text)) {
      if (part.kind == TemplatePart::Kind::name) add(first_name(part.name));
    }
  };
  for_each_planned_string(planned, [&](std::string_view text, bool filled_in) {
    if (filled_in) return add_templates(text);
    for (const std::string_view name : script_variables(text)) add(name);
  });
  for (const std::string& text : planned.expressions) {
    for (const std::string& name : expression_names(text)) add(name);
  }
  if (planned.action.expect) add_templates(planned.action.expect->text);
  return used;
}

void check_references(const Runbook& runbook, const std::vector<PlannedStep>& steps,
                      const std::vector<PlannedUnit>& units, Findings& findings) {
  References(runbook, steps, units, findings).check();
}

} // namespace runbook
