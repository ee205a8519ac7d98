// Choices of a generator of random values: the same seed makes the same ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace runbook::testing {

inline bool chance(std::mt19937& random, int percent) {
  return std::uniform_int_distribution<int>(1, 100)(random) <= percent;
}

inline std::size_t up_to(std::mt19937& random, std::size_t most) {
  return std::uniform_int_distribution<std::size_t>(0, most)(random);
}

class RandomChoice {
public:
  explicit RandomChoice(std::uint32_t seed) : random_(seed) {}

protected:
  int number(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
  bool chance() { return number(2) == 0; }
  template <class T>
  T pick(const std::vector<T>& from) {
    return from[std::size_t(number(int(from.size())))];
  }
  template <class F>
  void repeat(const F& f) {
    for (int i = number(4); i > 0; --i) f();
  }
  template <class F>
  void maybe(const F& f) {
    if (number(3) == 0) f();
  }

private:
  std::mt19937 random_;
};

} // namespace runbook::testing
