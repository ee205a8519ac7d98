#include "plan/structure.hpp"

#include "expectation.hpp"
#include "plan/items.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"

#include <algorithm>
#include <chrono>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook {

namespace {

using std::chrono::milliseconds;

constexpr std::uint32_t max_retries = 1000;
constexpr std::size_t longest_shown_id = 200; // one that is shown in many findings must not be megabytes long
// Far from overflow, also of a delay that has been doubled thirty times.
constexpr milliseconds longest_timeout = std::chrono::days{366};
constexpr milliseconds longest_delay = std::chrono::days{30};
constexpr std::size_t max_actions = std::numeric_limits<decltype(ActionRef::part)>::max();

bool cannot_be_in_id(char c) {
  return c == '/' || c == ':' || c == '\x7f' || (c >= '\0' && c <= ' ');
}

Where at(const Step& step) {
  return {step.id, step.span};
}

Where at(const Step& step, const Action& action) {
  return {step.id, action.span.known() ? action.span : step.span};
}

class Structure {
public:
  Structure(const Runbook& runbook, Findings& findings) : runbook_(runbook), findings_(findings) {
    for (const Input& input : runbook.inputs) inputs_.insert(input.name);
  }

  void check() {
    if (runbook_.steps.empty() && runbook_.verification.empty()) {
      findings_.document_error("empty-runbook", {}, "the runbook has no steps and no verification: nothing would run",
                               "add steps under a heading \"Steps\"");
    }
    if (runbook_.required_access.size() > max_access) {
      findings_.document_error("limit", {{}, runbook_.required_access.back().span},
                               fmt::format("more than {} items of required access", max_access), "ask for less");
    }
    const Items items(runbook_);
    for (const Item& item : items.all()) check_item(item);
    for (const auto* steps :
         {&runbook_.prerequisites, &runbook_.steps, &runbook_.verification, &runbook_.rollback, &runbook_.state}) {
      for (const Step& step : *steps) check_tree(step);
    }
  }

private:
  void check_item(const Item& item) {
    const Step& step = *item.step;
    check_counts(step);
    check_undo(item);
    check_prerequisite(item);
    for_each_action(step, [&](ActionKind, const Action& action) {
      if (action.handler.empty()) {
        findings_.document_error("no-handler", at(step, action), "an action names no handler");
      }
      check_times(step, action);
      check_expectation(step, action);
    });
  }

  /// What holds for a step whether it is an item of a run or a group.
  void check_tree(const Step& step) {
    check_id(step);
    check_doubt(step);
    if (is_group(step)) check_group(step);
    for (const Step& inner : step.steps) check_tree(inner);
  }

  void check_group(const Step& step) {
    if (step.isolated || step.on_doubt != OnDoubt::ask) {
      findings_.document_error("group", at(step), "a step that only holds other steps runs nothing of its own",
                               "say 'isolated' and 'on_doubt' of the steps inside of it");
    }
    if (step.undo.empty() && step.probe.empty() && !step.irreversible && step.on_failure == OnFailure::rollback) return;
    findings_.document_error("group", at(step), "a step that only holds other steps has nothing of its own to undo",
                             "say it of the steps inside of it");
  }

  void check_doubt(const Step& step) {
    if (step.on_doubt != OnDoubt::probe || !step.probe.empty()) return;
    findings_.document_error("no-probe", at(step), "the step is in doubt left to a probe that it does not have",
                             "write Probe: above a command that exits with 0 if it is done and with 1 if not");
  }

  void check_id(const Step& step) {
    if (step.id.empty()) {
      findings_.document_error("empty-id", at(step), fmt::format("the step '{}' has an empty id", step.title),
                               "give every step an id");
      return;
    }
    if (const auto bad = std::ranges::find_if(step.id, cannot_be_in_id); bad != step.id.end()) {
      findings_.document_error(
          "invalid-id", at(step),
          fmt::format("the id '{}' has a '{}'", printable_excerpt(step.id, longest_shown_id), printable({&*bad, 1})),
          "an id has no blanks, control characters, '/' or ':', which separate it from other words");
    }
    const auto [first, inserted] = ids_.emplace(step.id, &step);
    if (inserted) return;
    const SourceSpan& other = first->second->span;
    findings_.document_error("duplicate-id", at(step),
                             other.known() ? fmt::format("the id is taken by the step in line {}", other.line)
                                           : std::string("another step has the same id"),
                             "give one of them another id, for example {#other-id} at the end of its title");
  }

  void check_counts(const Step& step) {
    if (step.actions.empty() && step.checks.empty()) {
      findings_.document_error("empty-step", at(step), "the step has nothing to do", "add an action or a check");
    }
    for (const auto* actions : {&step.actions, &step.checks, &step.undo}) {
      if (actions->size() <= max_actions) continue;
      findings_.document_error(
          "too-many-actions", at(step),
          fmt::format("the step has {} actions of a kind; at most {} are possible", actions->size(), max_actions),
          "split the step");
    }
  }

  void check_prerequisite(const Item& item) {
    const Step& step = *item.step;
    if (item.section != Section::prerequisites) return;
    if (step.on_failure != OnFailure::rollback) {
      findings_.document_error("prerequisite-on-failure", at(step),
                               "a prerequisite that fails always ends the run before anything is done",
                               "remove on_failure, or make it a step");
    }
    if (!step.undo.empty()) {
      findings_.document_error("undo-of-prerequisite", at(step), "a prerequisite has an undo, but only looks",
                               "what changes something is a step: move it there");
    }
  }

  void check_undo(const Item& item) {
    const Step& step = *item.step;
    if (step.undo.empty()) return;
    if (step.irreversible) {
      findings_.document_error("irreversible-undo", at(step), "the step is irreversible and has an undo",
                               "remove one of the two");
    }
    if (item.section == Section::rollback) {
      findings_.document_error("undo-of-rollback", at(step), "a part of the general rollback has an undo of its own",
                               "a rollback is never rolled back: remove the undo");
    }
  }

  void check_times(const Step& step, const Action& action) {
    const auto error = [&](std::string_view code, std::string_view message, std::string_view hint) {
      findings_.document_error(code, at(step, action), message, hint);
    };
    if (action.timeout && (*action.timeout <= milliseconds::zero() || *action.timeout > longest_timeout)) {
      error("timeout", fmt::format("a timeout of {} ms is not possible", action.timeout->count()),
            "give a time above zero and of at most 366 days, or none for no timeout");
    }
    const RetryPolicy& retry = action.retry;
    if (retry.retries > max_retries) {
      error("retries", fmt::format("{} retries are too many", retry.retries),
            fmt::format("at most {} are possible", max_retries));
    }
    if (retry.jitter > 100) {
      error("retry-delay", fmt::format("a jitter of {} percent is not possible", retry.jitter), "give at most 100");
    }
    for (const milliseconds delay : {retry.delay, retry.max_delay}) {
      if (delay >= milliseconds::zero() && delay <= longest_delay) continue;
      error("retry-delay", fmt::format("a delay of {} ms between retries is not possible", delay.count()),
            "give a time of at least zero and at most 30 days");
    }
  }

  void check_expectation(const Step& step, const Action& action) {
    if (!action.expect) return;
    const auto problem = flaw(*action.expect);
    if (!problem) return;
    const Where where{step.id, action.expect->span.known() ? action.expect->span : at(step, action).span};
    findings_.document_error("expectation", where, *problem);
  }

  const Runbook& runbook_;
  Findings& findings_;
  std::unordered_set<std::string_view> inputs_;
  std::unordered_map<std::string_view, const Step*> ids_;
};

} // namespace

void check_structure(const Runbook& runbook, Findings& findings) {
  Structure(runbook, findings).check();
}

} // namespace runbook
