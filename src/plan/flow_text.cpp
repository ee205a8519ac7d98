#include "plan/flow_text.hpp"

#include "plan/flow.hpp"
#include "printable.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t most_shown = 20;

/// Whether the plan knows everything that the expression reads.
bool is_known(const Expression& expression, const Values& inputs) {
  return std::ranges::all_of(expression.references(), [&](const Expression::Reference& reference) {
    return reference.path.size() > 1 && reference.path.front() == "inputs" && inputs.contains(reference.path[1]);
  });
}

std::string verdict(const Expression& condition, const Values& inputs) {
  if (!is_known(condition, inputs)) return "unverifiable: depends on results";
  const Result<bool> is_true = condition.test({{"inputs", inputs}});
  if (!is_true) return "has no value: " + is_true.error().message;
  return *is_true ? "true" : "false: it is skipped";
}

/// The ids of the steps of its section that a unit waits for; "…" stands for those that are too many.
std::vector<std::string> waits_for(const Plan& plan, const PlannedUnit& unit) {
  std::vector<std::string> ids;
  for (const PlannedUnit::Range& range : unit.after) {
    for (std::uint32_t number = range.begin; number < range.end; ++number) {
      const PlannedUnit& other = plan.units()[number];
      if (plan.steps()[other.first].section != plan.steps()[unit.first].section) continue;
      for (std::uint32_t step = other.first; step < other.end; ++step) {
        ids.push_back(ids.size() < most_shown ? plan.steps()[step].id : "…");
        if (ids.size() > most_shown) return ids;
      }
    }
  }
  return ids;
}

} // namespace

std::vector<std::string> flow_lines(const Plan& plan, std::size_t index) {
  std::vector<std::string> lines;
  const PlannedStep& step = plan.steps()[index];
  if (step.section != Section::rollback) {
    const PlannedUnit& unit = plan.units()[step.unit];
    const bool begins = unit.first == index;
    if (begins && !follows_everything(unit, step.unit)) {
      const std::vector<std::string> ids = waits_for(plan, unit);
      lines.push_back(ids.empty() ? "waits for no other step of this section"
                                  : fmt::format("waits only for: {}", fmt::join(ids, ", ")));
    }
    if (unit.loop) {
      const std::string at_once = unit.loop->parallel > 1 ? fmt::format(", {} at once", unit.loop->parallel) : "";
      lines.push_back(begins ? fmt::format("for each '{}' of: {}{}", unit.loop->as, unit.loop->over.text(), at_once)
                             : fmt::format("for the same '{}'", unit.loop->as));
    }
  }
  for (const std::uint32_t number : step.conditions) {
    const Expression& condition = plan.conditions()[number];
    lines.push_back(
        fmt::format("only if: {} ({})", condition.text(), verdict(condition, plan.scopes()[step.scope].inputs)));
  }
  std::ranges::transform(lines, lines.begin(), [](const std::string& line) { return printable(line); });
  return lines;
}

} // namespace runbook
