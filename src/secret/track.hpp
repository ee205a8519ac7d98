// One way of writing secrets, followed through a text.
//
// Ownership: refers to its automaton. Thread-safety: belongs to one thread.
#pragma once

#include "secret/automaton.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace runbook {

class Track {
public:
  explicit Track(const Automaton& automaton)
      : automaton_(&automaton), begins_(std::bit_ceil(std::size_t{automaton.longest()} + 1)) {}

  /// A byte that is written with the bytes from `begin` to `end` of the text. Calls `mark(begin, end)` for what holds a
  /// secret now and was not marked before.
  template <class Mark>
  void take(char byte, std::uint64_t begin, std::uint64_t end, const Mark& mark) {
    state_ = automaton_->step(state_, static_cast<unsigned char>(byte));
    begins_[taken_++ & (begins_.size() - 1)] = begin;
    const std::uint32_t matched = automaton_->matched(state_);
    if (matched > 0) cover(begin_of_last(matched), end, mark);
  }

  void reset() noexcept { state_ = Automaton::root; }
  /// Whether the last bytes may be the beginning of a secret.
  [[nodiscard]] bool live() const noexcept { return automaton_->open(state_) > 0; }
  /// Where that begins.
  [[nodiscard]] std::uint64_t begin() const noexcept { return begin_of_last(automaton_->open(state_)); }

private:
  [[nodiscard]] std::uint64_t begin_of_last(std::uint32_t count) const noexcept {
    return begins_[(taken_ - count) & (begins_.size() - 1)];
  }

  // What is found may reach over what was found before; each place is marked once, or the time would grow with the
  // square of the secret's length.
  template <class Mark>
  void cover(std::uint64_t begin, std::uint64_t end, const Mark& mark) {
    if (begin > end_) {
      mark(begin, end);
      begin_ = begin;
    } else {
      if (begin < begin_) mark(begin, begin_);
      mark(end_, end);
      begin_ = std::min(begin_, begin);
    }
    end_ = end;
  }

  const Automaton* automaton_;
  Automaton::State state_ = Automaton::root;
  std::uint64_t taken_ = 0;
  WipingVector<std::uint64_t> begins_; // of the last bytes that were taken, in turn
  std::uint64_t begin_ = 0;            // of what was marked last
  std::uint64_t end_ = 0;
};

} // namespace runbook
