// Memory that is overwritten before it is given back.
#pragma once

#include <runbook/value.hpp>

#include <cstddef>
#include <cstring> // explicit_bzero
#include <memory>
#include <string>
#include <vector>

namespace runbook {

/// Gives memory back overwritten, also when a container grows.
template <class T>
struct WipingAllocator {
  using value_type = T;

  WipingAllocator() = default;
  template <class U>
  WipingAllocator(const WipingAllocator<U>&) noexcept {}

  T* allocate(std::size_t n) { return std::allocator<T>().allocate(n); }
  void deallocate(T* memory, std::size_t n) noexcept {
    ::explicit_bzero(static_cast<void*>(memory), n * sizeof(T));
    std::allocator<T>().deallocate(memory, n);
  }
  friend bool operator==(const WipingAllocator&, const WipingAllocator&) noexcept { return true; }
};

template <class T>
using WipingVector = std::vector<T, WipingAllocator<T>>;

/// Overwrites the text, and what it had before within the same memory, and leaves it empty.
inline void wipe(std::string& text) noexcept {
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

/// Overwrites every string inside the value.
void wipe(Value& value) noexcept;
void wipe(Values& values) noexcept;

} // namespace runbook
