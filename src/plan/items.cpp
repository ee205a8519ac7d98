#include "plan/items.hpp"

#include "plan/access_script.hpp"
#include "printable.hpp"

#include <algorithm>
#include <span>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_title = 400;

void gather_ids(const std::vector<Step>& steps, std::unordered_set<std::string_view>& ids) {
  for (const Step& step : steps) {
    ids.insert(step.id);
    gather_ids(step.steps, ids);
  }
}

/// Every step in a group has the group's title, so a title of megabytes must not be kept that often.
std::string excerpt(std::string_view title) {
  return title.size() <= longest_title ? std::string(title) : printable_excerpt(title, longest_title);
}

Action access_action(const Access& access) {
  Action action;
  action.span = access.span;
  if (access.kind == Access::Kind::other) {
    action.handler = "confirm";
    action.params["prompt"] = fmt::format("Required access: {}. Is it there?", access.name);
  } else {
    action.handler = "shell";
    action.params["script"] = access_script(access);
  }
  action.effect = Effect::pure;
  return action;
}

} // namespace

Items::Items(const Runbook& runbook) {
  add_access(runbook);
  add(Section::prerequisites, access_, {});
  add(Section::prerequisites, runbook.prerequisites, {});
  add(Section::steps, runbook.steps, {});
  add(Section::verification, runbook.verification, {});
  add(Section::rollback, runbook.rollback, {});
}

void Items::add(Section section, const std::vector<Step>& steps, const std::string& group) {
  for (const Step& step : steps) {
    if (!is_group(step)) all_.push_back({section, &step, group});
    if (step.steps.empty()) continue;
    const std::string title = excerpt(step.title.empty() ? step.id : step.title);
    add(section, step.steps, group.empty() ? title : fmt::format("{} › {}", group, title));
  }
}

/// Ids that the document leaves free: "access-1", "access-2" …
void Items::add_access(const Runbook& runbook) {
  if (runbook.required_access.empty()) return;
  std::unordered_set<std::string_view> taken;
  for (const auto* steps :
       {&runbook.prerequisites, &runbook.steps, &runbook.verification, &runbook.rollback, &runbook.state}) {
    gather_ids(*steps, taken);
  }
  std::size_t number = 0;
  for (const Access& access :
       std::span(runbook.required_access).first(std::min(runbook.required_access.size(), max_access))) {
    Step& step = access_.emplace_back();
    do {
      step.id = fmt::format("access-{}", ++number);
    } while (taken.contains(step.id));
    step.title = fmt::format("Required access: {}", to_string(access));
    step.span = access.span;
    step.isolated = true; // it looks, and leaves nothing to the steps
    step.actions.push_back(access_action(access));
  }
}

} // namespace runbook
