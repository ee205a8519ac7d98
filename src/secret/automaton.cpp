#include "secret/automaton.hpp"

#include <algorithm>

namespace runbook {

void Automaton::add(std::string_view text) {
  if (text.empty()) return;
  texts_.insert(texts_.end(), text.begin(), text.end());
  ends_.push_back(texts_.size());
  longest_ = std::max(longest_, static_cast<std::uint32_t>(text.size()));
}

void Automaton::build() {
  classify();
  next_.assign(classes_, State{0});
  std::size_t begin = 0;
  for (const std::size_t end : ends_) {
    insert({texts_.data() + begin, end - begin});
    begin = end;
  }
  WipingVector<char>().swap(texts_);
  WipingVector<std::size_t>().swap(ends_);
  link();
}

void Automaton::classify() {
  std::array<bool, 256> used{};
  for (const char c : texts_) used[static_cast<unsigned char>(c)] = true;
  // All 256 in use: then there is no class 0, and none is needed.
  const bool all = std::ranges::all_of(used, [](bool is) { return is; });
  classes_ = all ? 0 : 1;
  for (std::size_t byte = 0; byte < used.size(); ++byte) {
    if (used[byte]) class_of_[byte] = static_cast<std::uint8_t>(classes_++);
  }
}

void Automaton::insert(std::string_view text) {
  State at = root;
  for (const char c : text) {
    const std::size_t edge = std::size_t{at} * classes_ + class_of_[static_cast<unsigned char>(c)];
    State to = next_[edge];
    if (to == root) {
      to = static_cast<State>(nodes_.size());
      nodes_.push_back({nodes_[at].open + 1, 0});
      next_.resize(next_.size() + classes_, root);
      next_[edge] = to;
    }
    at = to;
  }
  nodes_[at].matched = nodes_[at].open;
}

// In order of depth: where a state has no way on, it goes where its longest proper suffix goes.
void Automaton::link() {
  WipingVector<State> suffix(nodes_.size(), root);
  WipingVector<State> queue{root};
  queue.reserve(nodes_.size());
  for (std::size_t i = 0; i < queue.size(); ++i) {
    const State at = queue[i];
    nodes_[at].matched = std::max(nodes_[at].matched, nodes_[suffix[at]].matched);
    bool ends_here = true;
    for (std::size_t c = 0; c < classes_; ++c) {
      State& to = next_[std::size_t{at} * classes_ + c];
      const State otherwise = at == root ? root : next_[std::size_t{suffix[at]} * classes_ + c];
      if (to == root) {
        to = otherwise;
      } else {
        suffix[to] = otherwise;
        queue.push_back(to);
        ends_here = false;
      }
    }
    if (ends_here) nodes_[at].open = at == root ? 0 : nodes_[suffix[at]].open;
  }
}

} // namespace runbook
