// Finds any of many texts in a stream of bytes, one look into a table for each byte (Aho and Corasick, 1975).
//
// Ownership: owns its tables, which are overwritten with it. Thread-safety: immutable once built.
#pragma once

#include "secret/wiping.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace runbook {

class Automaton {
public:
  using State = std::uint32_t;
  static constexpr State root = 0;

  /// Before `build`.
  void add(std::string_view text);
  void build();

  /// After `build`: the state behind one more byte.
  [[nodiscard]] State step(State state, unsigned char byte) const noexcept {
    return next_[std::size_t{state} * classes_ + class_of_[byte]];
  }
  /// How many of the last bytes are the beginning of a text that is not complete.
  [[nodiscard]] std::uint32_t open(State state) const noexcept { return nodes_[state].open; }
  /// The length of the longest text that ends here; 0: none does.
  [[nodiscard]] std::uint32_t matched(State state) const noexcept { return nodes_[state].matched; }
  [[nodiscard]] std::uint32_t longest() const noexcept { return longest_; }

private:
  struct Node {
    std::uint32_t open = 0; // until it is built: the depth
    std::uint32_t matched = 0;
  };

  void classify();
  void insert(std::string_view text);
  void link();

  WipingVector<char> texts_; // one after the other
  WipingVector<std::size_t> ends_;
  std::array<std::uint8_t, 256> class_of_{}; // bytes that are in no text are all the same: class 0
  std::size_t classes_ = 1;
  WipingVector<State> next_{State{0}};
  WipingVector<Node> nodes_{Node{}};
  std::uint32_t longest_ = 0;
};

} // namespace runbook
