#include "plan/conditions.hpp"

#include "plan/items.hpp"
#include "plan/step_places.hpp"
#include "suggest.hpp"

#include <runbook/expression.hpp>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook {

namespace {

using Reference = Expression::Reference;

constexpr std::size_t most_suggestions = 100; // each is compared with up to a thousand names

const std::vector<std::string>& roots() {
  static const std::vector<std::string> names{"inputs", "steps", "run", "targets"};
  return names;
}

const std::vector<std::string>& step_members() {
  static const std::vector<std::string> names{"exit_code", "stdout", "json", "status", "output"};
  return names;
}

bool is_in(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

/// A part of a condition's text, in the document.
SourceSpan place_in(const Condition& condition, const SourceSpan& part, const SourceSpan& otherwise) {
  if (!condition.span.known()) return otherwise;
  SourceSpan place = condition.span;
  if (part.line != 1 || part.end_line != 1) return place;
  place.end_column = place.column + part.end_column - 1;
  place.end_line = place.line;
  place.column += part.column - 1;
  return place;
}

class Conditions {
public:
  Conditions(const Runbook& runbook, Findings& findings) : runbook_(runbook), findings_(findings), places_(runbook) {
    for (const Input& input : runbook.inputs) {
      inputs_.insert(input.name);
      if (input.type == InputType::secret) secrets_.insert(input.name);
      input_names_.push_back(input.name);
    }
    for (const auto* steps : sections()) gather_captures(*steps);
  }

  void check() {
    for (const auto* steps : sections()) {
      for (const Step& step : *steps) check(step);
    }
  }

private:
  /// What a condition may name besides the inputs.
  struct Scope {
    const Step* step = nullptr;
    bool after_itself = false; ///< it is asked when the step has been tried
    bool any_step = false;     ///< it is asked in a rollback
  };

  [[nodiscard]] std::vector<const std::vector<Step>*> sections() const {
    return {&runbook_.prerequisites, &runbook_.steps, &runbook_.verification, &runbook_.rollback, &runbook_.state};
  }

  void gather_captures(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      for_each_action(step, [&](ActionKind, const Action& action) {
        if (!action.capture.empty()) captures_.emplace(action.capture, step.id);
      });
      gather_captures(step.steps);
    }
  }

  void check(const Step& step) {
    const StepPlaces::Place* place = places_.find(step.id);
    const Scope scope{&step, false, place == nullptr || place->section == Section::rollback};
    if (step.flow && step.flow->loop) check_loop(scope, *step.flow->loop);
    const bool loops = step.flow && step.flow->loop;
    if (loops) loop_names_.push_back(step.flow->loop->as);
    if (step.flow && !step.flow->when.text.empty()) check_condition(scope, step.flow->when);
    if (step.flow) check_needs(step, step.flow->needs);
    for_each_action(step, [&](ActionKind kind, const Action& action) {
      if (action.until) {
        check_condition({&step, true, scope.any_step || kind == ActionKind::undo}, *action.until);
      }
    });
    for (const Step& inner : step.steps) check(inner);
    if (loops) loop_names_.pop_back();
  }

  void check_loop(const Scope& scope, const Loop& loop) {
    check_condition(scope, loop.over);
    const bool taken = inputs_.contains(loop.as) || captures_.contains(loop.as) || is_in(roots(), loop.as) ||
                       is_in(loop_names_, loop.as);
    if (!taken) return;
    findings_.document_error("loop-name", {scope.step->id, loop.over.span.known() ? loop.over.span : scope.step->span},
                             fmt::format("the loop's value '{}' would hide another value of this name", loop.as),
                             "give it another name: as=NAME");
  }

  void check_condition(const Scope& scope, const Condition& condition) {
    const Result<Expression> read = Expression::parse(condition.text);
    if (!read) return not_read(*scope.step, condition, read.error());
    for (const Reference& reference : read->references()) check_reference(scope, condition, reference);
  }

  void not_read(const Step& step, const Condition& condition, const Error& error) {
    const Diagnostic found = error.diagnostics.empty() ? Diagnostic{} : error.diagnostics.front();
    findings_.document_error(
        "condition", {step.id, place_in(condition, found.span, step.span)},
        fmt::format("'{}' is no condition: {}", condition.text, found.message.empty() ? error.message : found.message),
        found.hint);
  }

  void check_reference(const Scope& scope, const Condition& condition, const Reference& reference) {
    const Where where{scope.step->id, place_in(condition, reference.span, scope.step->span)};
    const std::string& root = reference.path.front();
    if (is_in(loop_names_, root)) return;
    if (!is_in(roots(), root)) return unknown_root(where, root);
    if (reference.path.size() < 2) return;
    if (root == "inputs" && !inputs_.contains(reference.path[1])) {
      unknown(where, fmt::format("there is no input '{}'", reference.path[1]),
              suggestion(reference.path[1], input_names_, "declare it in the section Inputs"));
    } else if (root == "inputs" && secrets_.contains(reference.path[1])) {
      findings_.document_error("secret-shown", where,
                               fmt::format("a condition cannot depend on the secret '{}'", reference.path[1]),
                               "it would tell something of it; ask for something else");
    } else if (root == "steps") {
      check_step(scope, where, reference);
    }
  }

  void unknown_root(const Where& where, const std::string& name) {
    std::string hint;
    if (inputs_.contains(name)) {
      hint = fmt::format("write inputs.{}", name);
    } else if (const auto capture = captures_.find(name); capture != captures_.end()) {
      hint = fmt::format("write steps['{}'].stdout", capture->second);
    } else if (places_.find(name) != nullptr) {
      hint = fmt::format("write steps['{}']", name);
    } else {
      hint = suggestion(name, roots(), "a condition names inputs, steps, run and targets");
    }
    unknown(where, fmt::format("'{}' is nothing that a condition can name", name), hint);
  }

  void check_step(const Scope& scope, const Where& where, const Reference& reference) {
    const std::string& id = reference.path[1];
    const StepPlaces::Place* place = places_.find(id);
    if (place == nullptr) {
      return unknown(where, fmt::format("there is no step '{}'", id),
                     suggestion(id, places_.names(), "the id is the one that is shown: a slug of the title, or {#id}"));
    }
    if (!scope.any_step && !is_done(*place, scope)) {
      findings_.document_error("not-known-yet", where, fmt::format("step '{}' is not done yet when this is asked", id),
                               "name a step in front of it");
    }
    check_one_result(scope, where, *place);
    if (reference.path.size() < 3 || is_in(step_members(), reference.path[2])) return;
    unknown(where, fmt::format("a step has no '{}'", reference.path[2]),
            suggestion(reference.path[2], step_members(), fmt::format("it has {}", fmt::join(step_members(), ", "))));
  }

  /// A condition asks about one result.
  void check_one_result(const Scope& scope, const Where& where, const StepPlaces::Place& place) {
    if (is_group(*place.step)) {
      findings_.document_error("no-one-result", where,
                               fmt::format("'{}' only holds other steps and has no result", place.step->id),
                               "name one of these");
      return;
    }
    const StepPlaces::Place* own = places_.find(scope.step->id);
    if (place.loop == nullptr || (own != nullptr && own->loop == place.loop)) return;
    findings_.document_error(
        "no-one-result", where,
        fmt::format("step '{}' is done in a loop and has a result for each element", place.step->id),
        "ask inside of the loop, or capture what it prints: behind the loop that is a list");
  }

  [[nodiscard]] bool is_done(const StepPlaces::Place& other, const Scope& scope) const {
    const StepPlaces::Place& own = *places_.find(scope.step->id);
    if (other.begin == own.begin) return scope.after_itself;
    return other.end <= own.begin;
  }

  void check_needs(const Step& step, const std::vector<std::string>& needs) {
    const StepPlaces::Place* own = places_.find(step.id);
    for (const std::string& id : needs) {
      const StepPlaces::Place* place = places_.find(id);
      if (place == nullptr || place->section != Section::steps) {
        unknown({step.id, step.span}, fmt::format("there is no step '{}' that could be needed", id),
                suggestion(id, places_.names(), "give the id of a step"));
      } else if (own != nullptr && place->end > own->begin) {
        findings_.document_error("needs", {step.id, step.span},
                                 fmt::format("step '{}' is needed and does not stand in front of this one", id),
                                 "move it in front: so nobody waits for each other");
      }
    }
  }

  std::string suggestion(std::string_view word, const std::vector<std::string>& names, std::string otherwise) {
    if (suggestions_++ >= most_suggestions) return otherwise;
    std::string near = did_you_mean(word, names);
    return near.empty() ? std::move(otherwise) : near;
  }

  void unknown(const Where& where, std::string_view message, std::string_view hint) {
    findings_.document_error("unknown-name", where, message, hint);
  }

  const Runbook& runbook_;
  Findings& findings_;
  StepPlaces places_;
  std::unordered_set<std::string_view> inputs_;
  std::unordered_set<std::string_view> secrets_; ///< those of the inputs that are secret
  std::vector<std::string> input_names_;
  std::unordered_map<std::string_view, std::string_view> captures_; ///< the step that captures it
  std::vector<std::string> loop_names_;                             ///< of the loops that the step stands in
  std::size_t suggestions_ = 0;
};

} // namespace

void check_conditions(const Runbook& runbook, Findings& findings) {
  Conditions(runbook, findings).check();
}

} // namespace runbook
