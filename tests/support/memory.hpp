// How much memory this process has resident.
#pragma once

#include <cstddef>
#include <fstream>
#include <string>

namespace runbook::testing {

/// A figure of /proc/self/status in bytes, such as "VmRSS:" or "VmHWM:".
inline std::size_t status_bytes(const std::string& name) {
  std::ifstream file("/proc/self/status");
  for (std::string word; file >> word;) {
    std::size_t kib = 0;
    if (word == name && file >> kib) return kib * 1024;
  }
  return 0;
}

inline std::size_t resident_bytes() {
  return status_bytes("VmRSS:");
}

/// Sanitizers keep what was freed.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || defined(__clang__)
inline constexpr bool memory_is_given_back = false;
#else
inline constexpr bool memory_is_given_back = true;
#endif

} // namespace runbook::testing
