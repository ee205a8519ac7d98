#include "plan/variables.hpp"
#include "lint/assigned_names.hpp"
#include "lint/commands.hpp"
#include "lint/rules.hpp"
#include "plan/captures.hpp"
#include "plan/items.hpp"
#include "suggest.hpp"

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include <fmt/format.h>

namespace runbook::linting {

namespace {

/// Beside those that no input may be named after.
constexpr std::string_view of_environment =
    "HOSTNAME HOSTTYPE MACHTYPE OSTYPE COLUMNS LINES REPLY MAPFILE COPROC LOGNAME MAIL VENDOR argv status path prompt";

constexpr std::size_t most_hints = 100; // each is a search among all names

bool has_value_anyway(std::string_view name) {
  return is_reserved_variable(name) || is_listed(of_environment, name);
}

class Variables {
public:
  Variables(const Subject& subject, Findings& findings) : subject_(subject), findings_(findings) {
    for (const Input& input : subject.book.inputs) learn(input.name);
    for (const Access& access : subject.book.required_access) {
      if (access.kind == Access::Kind::env) learn(access.name);
    }
    for (const PlacedStep& place : subject.steps) {
      if (place.step->flow && place.step->flow->loop) learn(place.step->flow->loop->as);
    }
    for_each([this](const PlacedStep& place, ActionKind, const Action& action) {
      for_each_capture(action, named_by_handler(action),
                       [&](std::string_view name) { captured_by_.emplace(name, place.step); });
    });
  }

  void check() {
    auto script = subject_.scripts.begin();
    for_each([&](const PlacedStep& place, ActionKind kind, const Action& action) {
      const bool undo = kind == ActionKind::undo || place.section == Section::rollback;
      if (script != subject_.scripts.end() && script->action == &action) check(*script++, undo);
      for_each_capture(action, named_by_handler(action), [&](std::string_view name) { learn(name); });
    });
  }

private:
  template <class Visit>
  void for_each(const Visit& visit) {
    for (const PlacedStep& place : subject_.steps) {
      for_each_action(*place.step, [&](ActionKind kind, const Action& action) { visit(place, kind, action); });
    }
  }

  [[nodiscard]] std::vector<std::string> named_by_handler(const Action& action) const {
    const auto handler = handler_of(subject_, action);
    return handler ? handler->captures(action) : std::vector<std::string>();
  }

  void learn(std::string_view name) {
    if (known_.insert(std::string(name)).second) words_.emplace_back(name);
  }

  void check(const Script& script, bool undo) {
    const AssignedNames assigned = assigned_names(script.shell);
    if (assigned.unknown) anything_goes_ = true;
    if (anything_goes_) return;
    for (const VariableUse& use : script.shell.uses) {
      if (use.may_be_unset || assigned.all.contains(use.name) || known_.contains(use.name)) continue;
      if (has_value_anyway(use.name) || !told_.insert(use.name).second) continue;
      report(script, use);
    }
    if (undo) return; // what it sets is gone when it is needed: nothing comes after it that could rely on it
    for (const std::string_view name : assigned.all) {
      if (assigned.exported.contains(name)) {
        learn(name);
      } else {
        set_by_.emplace(std::string(name), script.place.step);
      }
    }
  }

  void report(const Script& script, const VariableUse& use) {
    warn(findings_, "undeclared-variable", script.span(use.begin, use.end), script.place.step->id,
         fmt::format("'${}' has no value here: it is no input, and nothing before it sets it", use.name),
         hint(use.name));
  }

  [[nodiscard]] std::string hint(const std::string& name) const {
    if (const auto found = captured_by_.find(name); found != captured_by_.end()) {
      return fmt::format("step '{}' captures it, but only later", found->second->id);
    }
    if (const auto found = set_by_.find(name); found != set_by_.end()) {
      return fmt::format("the script in '{}' sets it for itself only: write export {}=… there", found->second->id,
                         name);
    }
    if (told_.size() <= most_hints) {
      const std::string near = did_you_mean(name, words_);
      if (!near.empty()) return near;
    }
    return fmt::format("declare it in a section Inputs: - `{0}` (string, required): …; or write ${{{0}:-…}}", name);
  }

  const Subject& subject_;
  Findings& findings_;
  std::unordered_set<std::string> known_;
  std::vector<std::string> words_; ///< the same, to suggest one
  std::unordered_map<std::string, const Step*> captured_by_;
  std::unordered_map<std::string, const Step*> set_by_; ///< without export
  std::unordered_set<std::string> told_;
  bool anything_goes_ = false;
};

} // namespace

void check_variables(const Subject& subject, Findings& findings) {
  Variables(subject, findings).check();
}

} // namespace runbook::linting
