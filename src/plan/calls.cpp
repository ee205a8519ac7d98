#include "plan/calls.hpp"

#include "plan/items.hpp"
#include "plan/strings.hpp"
#include "runbook_action.hpp"
#include "suggest.hpp"
#include "template.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

/// Whether the value is known now: all names in it are inputs of the caller.
bool is_known(const Value& value, const Values& inputs) {
  bool known = true;
  for_each_string(value, [&](std::string_view text) {
    for (const std::string& name : template_names(text)) {
      known = known && inputs.contains(std::string_view(name).substr(0, name.find('.')));
    }
  });
  return known;
}

class Calls {
public:
  Calls(const Runbook& runbook, const Caller& caller, Findings& findings)
      : runbook_(runbook), caller_(caller), findings_(findings) {}

  /// Nothing if it cannot be planned.
  std::optional<Plan::Content> plan(const Step& step, PlannedStep& planned) {
    where_ = {step.id, step.span};
    Action& action = planned.forward.front().action;
    const Runbook* called = find(action);
    if (called == nullptr) {
      leave_out_secrets(action);
      return std::nullopt;
    }
    if (caller_.given.depth + 1 >= max_runbooks_deep) {
      error("limit", fmt::format("runbooks run others more than {} deep", max_runbooks_deep),
            "run fewer inside of others");
      return std::nullopt;
    }
    if (is_too_much(*called)) return std::nullopt;
    const std::optional<Given> given = give(step, *called, action);
    if (!given) return std::nullopt;
    Findings findings(called->path);
    Plan::Content part = plan_part(*called, *given, caller_.origins, caller_.handlers, caller_.so_far, findings);
    const bool failed = findings.failed();
    findings_.take_over(std::move(findings));
    if (failed) return std::nullopt;
    return part;
  }

private:
  void error(std::string_view code, std::string_view message, std::string_view hint) {
    findings_.document_error(code, where_, message, hint);
  }

  /// Found here and not when all is put together, because planning it might take for ever.
  bool is_too_much(const Runbook& called) {
    PlannedSoFar& so_far = caller_.so_far;
    so_far.text += called.source.size();
    so_far.is_too_much = so_far.is_too_much || so_far.steps > max_steps || so_far.text > max_runbooks_text;
    return so_far.is_too_much;
  }

  [[nodiscard]] const Runbook* find(const Action& action) {
    const std::string path = path_beside(runbook_.path, runbook_file(action));
    const auto found = std::ranges::find(runbook_.runbooks, path, &Runbook::path);
    if (found != runbook_.runbooks.end()) return &*found;
    error("runbook-not-read", fmt::format("the runbook '{}' that the step runs has not been read", path),
          "load the document from a file, or read that one too and put it into 'runbooks'");
    return nullptr;
  }

  /// What the step gives to the runbook, and in the action what is left for the run to fill in.
  std::optional<Given> give(const Step& step, const Runbook& called, Action& action) {
    Given given;
    given.prefix = fmt::format("{}{}/", caller_.given.prefix, step.id);
    given.depth = caller_.given.depth + 1;
    const Value* inputs = action.params.if_contains("inputs");
    if (inputs != nullptr && !inputs->is_object()) {
      error("runbook-inputs", "the parameter 'inputs' is no object", "give each input under its name");
      return std::nullopt;
    }
    Values left;
    if (inputs != nullptr) {
      for (const auto& [name, value] : inputs->get_object()) {
        if (is_secret(called, name)) {
          give_secret(name, value, given);
          continue;
        }
        left[name] = value;
        give_value(name, value, given.inputs);
      }
    }
    action.params["inputs"] = std::move(left); // also where something else is wrong: no secret is in it
    if (!bind(called, given.inputs)) return std::nullopt;
    Runbook declared;
    declared.inputs = called.inputs;
    action.params["declared"] = to_json(declared);
    return given;
  }

  static bool is_secret(const Runbook& called, std::string_view name) {
    const auto input = std::ranges::find(called.inputs, name, &Input::name);
    return input != called.inputs.end() && input->type == InputType::secret;
  }

  /// The plan's name of the secret that the value is as a whole; null if it is none.
  [[nodiscard]] const std::string* own_secret(const Value& value) const {
    const auto& known = caller_.content.scopes.front().secrets;
    const std::vector<TemplatePart> parts =
        value.is_string() ? template_parts(value.get_string()) : std::vector<TemplatePart>();
    if (parts.size() != 1 || parts.front().kind != TemplatePart::Kind::name) return nullptr;
    const auto own = known.find(parts.front().name);
    return own == known.end() ? nullptr : &own->second;
  }

  /// Of a runbook that is not there nobody knows what it takes as a secret: nothing is said about those.
  void leave_out_secrets(Action& action) const {
    const Value* inputs = action.params.if_contains("inputs");
    if (inputs == nullptr || !inputs->is_object()) return;
    Values left;
    for (const auto& [name, value] : inputs->get_object()) {
      if (own_secret(value) == nullptr) left[name] = value;
    }
    action.params["inputs"] = std::move(left);
  }

  void give_secret(std::string_view name, const Value& value, Given& given) {
    if (const std::string* own = own_secret(value)) {
      given.secrets.emplace(name, *own);
    } else {
      error("runbook-inputs", fmt::format("the secret '{}' is given something that is no secret here", name),
            "give it a secret of this runbook as {{ name }} and nothing else, or nothing: then it is a secret of the "
            "run");
    }
  }

  void give_value(std::string_view name, const Value& value, GivenInputs& given) const {
    if (is_known(value, caller_.content.inputs)) {
      auto expanded = expand_value(value, caller_.content.inputs);
      if (expanded) given.values[name] = std::move(*expanded);
    } else {
      given.later.emplace(name);
    }
  }

  /// What does not fit is the step's fault, not that of whoever starts the run.
  bool bind(const Runbook& called, const GivenInputs& given) {
    Findings found(called.path);
    static_cast<void>(bind_inputs(called.inputs, given, found));
    if (!found.failed()) return true;
    for (const Diagnostic& problem : found.take_error().diagnostics) {
      error("runbook-inputs", fmt::format("{}: {}", called.path, problem.message), problem.hint);
    }
    return false;
  }

  const Runbook& runbook_;
  const Caller& caller_;
  Findings& findings_;
  Where where_{};
};

/// Why the step cannot run a runbook; empty if it can.
std::string_view obstacle(const Item& item) {
  const Step& step = *item.step;
  const auto runs = [](const std::vector<Action>& actions) { return std::ranges::any_of(actions, runs_runbook); };
  if (item.section != Section::steps) return "only one of the steps can run another runbook";
  if (runs(step.checks) || runs(step.undo) || runs(step.probe)) return "only a step itself can run another runbook";
  if (step.actions.size() > 1 || !step.checks.empty() || !step.undo.empty() || !step.probe.empty()) {
    return "a step that runs another runbook does nothing else";
  }
  if (step.irreversible || step.isolated || step.on_failure != OnFailure::rollback || step.on_doubt != OnDoubt::ask) {
    return "what is done about failures, doubt and the terminal is said by the steps of the other runbook";
  }
  const Action& action = step.actions.front();
  if (action.timeout || action.retry.retries > 0 || !action.capture.empty() || action.expect || action.until) {
    return "a step that runs another runbook has no time, no output and no second attempt of its own";
  }
  return {};
}

} // namespace

std::vector<Call> find_calls(const Runbook& runbook, std::vector<PlannedStep>& steps, const Caller& caller,
                             Findings& findings) {
  std::vector<Call> calls;
  const Items items(runbook);
  Calls planning(runbook, caller, findings);
  for (std::size_t i = 0; i < items.all().size(); ++i) {
    const Item& item = items.all()[i];
    bool runs = false;
    for_each_action(*item.step, [&](ActionKind, const Action& action) { runs = runs || runs_runbook(action); });
    if (!runs) continue;
    if (const std::string_view why = obstacle(item); !why.empty()) {
      findings.document_error("runbook-step", {item.step->id, item.step->span}, why, "make it a step of its own");
    } else if (auto part = planning.plan(*item.step, steps[i])) {
      calls.push_back({i, std::move(*part)});
    }
  }
  return calls;
}

} // namespace runbook
