#include "plan/steps.hpp"

#include "answer_form.hpp"
#include "http/request_flaws.hpp"
#include "http/request_list.hpp"
#include "plan/items.hpp"
#include "plan/requests.hpp"
#include "suggest.hpp"
#include "template.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include <fmt/format.h>

namespace runbook {

namespace {

/// The handlers that a plan uses, numbered in order of first use.
class UsedHandlers {
public:
  explicit UsedHandlers(const HandlerRegistry& registry) : registry_(registry) {}

  /// By its name or by a fence language that it claims.
  std::optional<std::uint32_t> find(const std::string& name) {
    const auto known = numbers_.find(name);
    if (known != numbers_.end()) return known->second;
    std::shared_ptr<const Handler> handler = registry_.find(name);
    if (!handler) handler = registry_.find_language(name);
    if (!handler) return std::nullopt;
    const std::uint32_t number = number_of(std::move(handler));
    numbers_.emplace(name, number);
    return number;
  }

  [[nodiscard]] const Handler& operator[](std::uint32_t number) const { return *handlers_[number]; }

  [[nodiscard]] std::vector<std::string> names() const {
    std::vector<std::string> names;
    names.reserve(handlers_.size());
    for (const auto& handler : handlers_) names.push_back(handler->info().name);
    return names;
  }

private:
  std::uint32_t number_of(std::shared_ptr<const Handler> handler) {
    const auto found = std::ranges::find(handlers_, handler);
    const auto number = static_cast<std::uint32_t>(found - handlers_.begin());
    if (found == handlers_.end()) handlers_.push_back(std::move(handler));
    return number;
  }

  const HandlerRegistry& registry_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
  std::vector<std::shared_ptr<const Handler>> handlers_;
};

/// Whether an action only looks, unless the document says otherwise: what is checked before, after or between the
/// steps is looked at. An item with an undo of its own evidently changes something.
bool only_looks(const Item& item, ActionKind kind) {
  if (kind == ActionKind::check) return true;
  const bool checking = item.section == Section::prerequisites || item.section == Section::verification;
  return checking && kind == ActionKind::forward && item.step->undo.empty();
}

class StepPlanning {
public:
  StepPlanning(const HandlerRegistry& registry, const Values& inputs, Findings& findings)
      : registry_(registry), handlers_(registry), inputs_(inputs), findings_(findings) {}

  PlannedStep plan(const Item& item) {
    const Step& step = *item.step;
    PlannedStep planned;
    planned.id = step.id;
    planned.title = expand_known(step.title.empty() ? step.id : step.title, inputs_);
    planned.section = item.section;
    planned.irreversible = step.irreversible;
    planned.isolated = step.isolated;
    planned.on_failure = step.on_failure;
    planned.on_doubt = step.on_doubt;
    planned.group = expand_known(item.group, inputs_);
    planned.span = step.span;
    planned.forward = plan(item, ActionKind::forward, step.actions);
    planned.checks = plan(item, ActionKind::check, step.checks);
    planned.undo = plan(item, ActionKind::undo, step.undo);
    if (step.undo.empty() && !step.irreversible && item.section == Section::steps) {
      planned.undo = plan(item, ActionKind::undo, undo_of(planned.forward));
    }
    planned.probe = plan(item, ActionKind::check, step.probe);
    planned.effect = Effect::pure;
    for (const auto* actions : {&planned.forward, &planned.checks}) {
      for (const PlannedAction& action : *actions) planned.effect = std::max(planned.effect, action.effect);
    }
    return planned;
  }

  [[nodiscard]] std::vector<std::string> handlers() const { return handlers_.names(); }

private:
  std::vector<PlannedAction> plan(const Item& item, ActionKind kind, const std::vector<Action>& actions) {
    std::vector<PlannedAction> planned;
    planned.reserve(actions.size());
    for (const Action& action : actions) planned.push_back(plan(item, kind, action));
    return planned;
  }

  /// What the handlers offer as the undo of a step that has none: nothing if it would leave something behind.
  [[nodiscard]] std::vector<Action> undo_of(const std::vector<PlannedAction>& forward) const {
    std::vector<Action> undo;
    for (auto planned = forward.rbegin(); planned != forward.rend(); ++planned) {
      if (planned->effect == Effect::pure) continue;
      std::optional<Action> action = known(*planned) ? handlers_[planned->handler].undo(planned->action) : std::nullopt;
      if (!action) return {};
      if (!action->span.known()) action->span = planned->action.span;
      undo.push_back(std::move(*action));
    }
    return undo;
  }

  /// Whether there is a handler for it; else that has been reported.
  [[nodiscard]] bool known(const PlannedAction& planned) const {
    const std::string& name = planned.action.handler;
    return registry_.find(name) != nullptr || registry_.find_language(name) != nullptr;
  }

  PlannedAction plan(const Item& item, ActionKind kind, const Action& action) {
    PlannedAction planned{.action = action};
    if (action.handler.empty()) return planned; // reported with the structure
    const Where where{item.step->id, action.span.known() ? action.span : item.step->span};
    const auto number = handlers_.find(action.handler);
    if (!number) {
      report_unknown(where, action.handler);
      return planned;
    }
    const Handler& handler = handlers_[*number];
    planned.handler = *number;
    planned.asks = handler.info().asks;
    planned.expressions = handler.expressions(action);
    planned.captures = handler.captures(action);
    planned.expands = handler.info().expand || sends_requests(handler.info());
    for (const HandlerParam& param : handler.info().params) {
      if (!planned.expands && param.expand && action.params.contains(param.name)) {
        planned.expanded.push_back(param.name);
      }
    }
    planned.effect = action.effect ? *action.effect : only_looks(item, kind) ? Effect::pure : handler.effect(action);
    const std::vector<Diagnostic> problems = handler.check(action);
    for (const Diagnostic& problem : problems) findings_.add(problem, where);
    if (has_errors(problems)) return planned;
    if (planned.asks) check_question(where, action);
    if (sends_requests(handler.info())) check_request(where, action);
    return planned;
  }

  void check_request(const Where& where, const Action& action) {
    if (has_errors(http::request_flaws(action))) return; // another handler of the name may take it as it is
    for (const Values* params : http::requests_in(action.params)) {
      const auto request = request_of(action, *params, inputs_);
      if (!request || *request) continue;
      findings_.input_error("request", where, fmt::format("the request cannot be sent: {}", request->error().message),
                            "give the input another value");
    }
  }

  void report_unknown(const Where& where, const std::string& name) {
    std::vector<std::string> known = registry_.names();
    std::string hint = did_you_mean(name, known);
    if (hint.empty()) {
      hint = known.empty() ? "no handler is registered at all"
                           : fmt::format("register it, or use one of: {}", fmt::join(known, ", "));
    }
    findings_.handler_error("unknown-handler", where, fmt::format("there is no handler '{}'", name), hint);
  }

  void check_question(const Where& where, const Action& action) {
    const Value* prompt = action.params.if_contains("prompt");
    if (prompt == nullptr || !prompt->is_string() || prompt->get_string().empty()) {
      findings_.document_error("no-prompt", where, "a question to a person has no text",
                               "give the parameter 'prompt' as text");
    }
    if (action.expect) {
      findings_.document_error("question-output", where, "a question to a person has no output to compare",
                               "remove the expected output");
    }
    const std::vector<Diagnostic> flaws = answer_form_flaws(action);
    for (const Diagnostic& flaw : flaws) findings_.add(flaw, where);
    if (flaws.empty() && !action.capture.empty() && answer_form(action.params).kind == AnswerKind::yes_no) {
      findings_.document_error("question-output", where, "a yes or no cannot be captured",
                               "remove the capture, or say what is to be answered: answer=text");
    }
    if (action.retry.retries > 0) {
      findings_.document_error("question-retries", where, "a question to a person is not asked again after a \"no\"",
                               "remove the retries");
    }
  }

  const HandlerRegistry& registry_;
  UsedHandlers handlers_;
  const Values& inputs_;
  Findings& findings_;
};

} // namespace

PlannedSteps plan_steps(const Runbook& runbook, const HandlerRegistry& registry, const Values& inputs,
                        Findings& findings) {
  StepPlanning planning(registry, inputs, findings);
  PlannedSteps planned;
  const Items items(runbook);
  for (const Item& item : items.all()) planned.steps.push_back(planning.plan(item));
  planned.handlers = planning.handlers();
  return planned;
}

} // namespace runbook
