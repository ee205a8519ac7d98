#include "markdown/step_tree.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

bool read_drafts(const Context& context, std::vector<Item> items, std::vector<Draft>& drafts) {
  std::ranges::reverse(items); // the next one is at the end
  drafts.reserve(std::max(drafts.size() + items.size(), drafts.size() * 2));
  while (!items.empty()) {
    Item item = std::move(items.back());
    items.pop_back();
    item.place = drafts.size() + 1;
    if (drafts.size() == max_steps) {
      context.findings.error("limit", item.span, fmt::format("more than {} steps", max_steps), "split the document");
      return false;
    }
    if (item.depth > max_nesting) {
      context.findings.error("limit", item.span, fmt::format("steps are nested deeper than {}", max_nesting));
      return false;
    }
    std::vector<Item> inner = read_step(context, item, drafts.emplace_back());
    std::ranges::move(inner.rbegin(), inner.rend(), std::back_inserter(items));
  }
  return true;
}

std::vector<Step> tree_of(std::vector<Draft> drafts) {
  // From the last to the first: when a step's turn comes, all that is inside of it has been gathered one level below.
  std::vector<std::vector<Step>> levels(1);
  const auto top = std::ranges::count(drafts, std::uint32_t{0}, &Draft::depth);
  levels.front().reserve(static_cast<std::size_t>(top));
  for (std::size_t i = drafts.size(); i-- > 0;) {
    const std::size_t depth = drafts[i].depth;
    if (levels.size() < depth + 2) levels.resize(depth + 2);
    Step step = std::move(drafts[i].step);
    step.steps = std::exchange(levels[depth + 1], {});
    std::ranges::reverse(step.steps);
    step.steps.shrink_to_fit();
    levels[depth].push_back(std::move(step));
  }
  std::ranges::reverse(levels.front());
  return std::move(levels.front());
}

} // namespace runbook::markdown
