// Running something on a thread with a stack of 256 KiB, as hosts with many threads give them.
#pragma once

#include <pthread.h>

#include <cstddef>
#include <functional>
#include <stdexcept>

namespace runbook_test {

// The address sanitizer keeps a distance between variables, which makes frames several times as large.
#if defined(__SANITIZE_ADDRESS__)
inline constexpr std::size_t frame_factor = 4;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr std::size_t frame_factor = 4;
#else
inline constexpr std::size_t frame_factor = 1;
#endif
#else
inline constexpr std::size_t frame_factor = 1;
#endif
inline constexpr std::size_t small_stack = frame_factor * 256 * 1024;

/// Runs the function on a thread that has only so much stack, and waits for its end. It must not throw.
inline void on_small_stack(std::function<void()> function) {
  pthread_attr_t attributes;
  pthread_t thread{};
  const auto run = [](void* argument) -> void* {
    (*static_cast<std::function<void()>*>(argument))();
    return nullptr;
  };
  const bool started = pthread_attr_init(&attributes) == 0 &&
                       pthread_attr_setstacksize(&attributes, small_stack) == 0 &&
                       pthread_create(&thread, &attributes, run, &function) == 0;
  if (!started) throw std::runtime_error("a thread with a small stack cannot be started");
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&attributes);
}

} // namespace runbook_test
