// Random flows: runbooks with loops, graphs, conditions and groups, some of whose steps run others.
#pragma once

#include "support/flow_books.hpp"
#include "support/random_choice.hpp"

#include <runbook/model.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

/// Grows a runbook, each step of which may name those in front of it. Runbooks inside of it have steps of the same ids.
class FlowGenerator {
public:
  /// `plain`: for a loop, which runs nothing that has loops or needs.
  explicit FlowGenerator(std::mt19937& random, int depth = 0, bool plain = false)
      : random_(random), depth_(depth), plain_(plain), needs_(!plain && chance(random, 60)) {}

  Runbook book(std::string path) {
    book_.title = book_.path = std::move(path);
    if (depth_ > 0 && chance(random_, 20)) book_.prerequisites.push_back(work("p"));
    for (std::size_t i = up_to(random_, depth_ == 0 ? 6 : 3) + 1; i > 0; --i) book_.steps.push_back(top_step());
    if (depth_ > 0 && chance(random_, 20)) book_.verification.push_back(work("v"));
    for (std::size_t i = chance(random_, 40) ? up_to(random_, 2) + 1 : 0; i > 0; --i) {
      Step step = work("r" + std::to_string(i));
      book_.rollback.push_back(chance(random_, 20) ? when(chance(random_, 80) ? "1 > 2" : "1 / 0 > 1", step) : step);
    }
    return std::move(book_);
  }

private:
  Step top_step() {
    std::vector<std::string> needed;
    for (std::size_t i = needs_ ? up_to(random_, 2) : 0; i > 0 && !ids_.empty(); --i) {
      needed.push_back(ids_[up_to(random_, ids_.size() - 1)]);
    }
    const bool loops = !plain_ && chance(random_, 30);
    Step step = chance(random_, 25) ? group_of(loops) : single(loops);
    if (!needed.empty()) step = needs(std::move(needed), std::move(step));
    if (loops) step = for_each(list(), std::move(step), static_cast<std::uint32_t>(up_to(random_, 3)) + 1);
    ids_.push_back(step.id);
    return step;
  }

  Step group_of(bool in_loop) {
    Step step = group("g" + std::to_string(++count_), {});
    if (chance(random_, 30)) step = when(condition(), std::move(step));
    for (std::size_t i = up_to(random_, 2) + 1; i > 0; --i) step.steps.push_back(single(in_loop));
    return step;
  }

  Step single(bool in_loop) { return depth_ < 3 && chance(random_, 20) ? call(in_loop) : leaf(in_loop); }

  /// Runs another runbook, a new one or one that is there already.
  Step call(bool in_loop) {
    Step step;
    step.id = "s" + std::to_string(++count_);
    const std::string file = (in_loop ? "plain" : "book") + std::to_string(up_to(random_, 2));
    if (std::ranges::find(book_.runbooks, file, &Runbook::path) == book_.runbooks.end()) {
      book_.runbooks.push_back(FlowGenerator(random_, depth_ + 1, plain_ || in_loop).book(file));
    }
    step.use("runbook", {{"file", file}});
    if (chance(random_, 25)) step = when(condition(), std::move(step));
    if (!in_loop) asked_about_.push_back(step.id);
    return step;
  }

  Step leaf(bool in_loop) {
    const std::string id = "s" + std::to_string(++count_);
    Step step = chance(random_, 10) ? question(id) : chance(random_, 60) ? work_with_undo(id) : work(id);
    if (step.actions[0].handler == "work" && chance(random_, 20)) {
      step =
          until("steps." + id + ".exit_code == 0", static_cast<std::uint32_t>(up_to(random_, 3)) + 1, std::move(step));
    }
    if (chance(random_, 25)) step = when(condition(), std::move(step));
    if (chance(random_, 15)) step.on_failure = chance(random_, 50) ? OnFailure::proceed : OnFailure::stop;
    if (chance(random_, 20)) step.isolated = true;
    if (!in_loop) asked_about_.push_back(id);
    return step;
  }

  std::string condition() {
    if (chance(random_, 5)) return "1 / (1 - 1) == 1";
    if (chance(random_, 40) && !asked_about_.empty() && !needs_) { // else it had to be needed
      return "steps." + asked_about_[up_to(random_, asked_about_.size() - 1)] + ".status == 'ok'";
    }
    return chance(random_, 60) ? "true" : "false";
  }

  std::string list() {
    if (chance(random_, 5)) return "7";
    std::string list = "[";
    for (std::size_t i = up_to(random_, 4); i > 0; --i) list += "'" + std::to_string(i) + "',";
    if (list.ends_with(',')) list.pop_back();
    return list + "]";
  }

  std::mt19937& random_;
  int depth_;
  bool plain_;
  bool needs_;
  int count_ = 0;
  Runbook book_;
  std::vector<std::string> ids_;
  std::vector<std::string> asked_about_;
};

} // namespace runbook::testing
