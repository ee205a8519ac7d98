// A secret that a test knows and does not hold, and how often it is in the memory of the test's own process.
#pragma once

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::testing {

/// Writes 60 random characters into the file, which this process never sees.
inline void make_random_key(const std::string& path) {
  REQUIRE(std::system(("head -c 45 /dev/urandom | base64 -w0 | tr -d '\\n' > '" + path + "'").c_str()) == 0);
}

inline constexpr unsigned char veil = 0x5A;

/// A value that is never in memory as it is, but for the moment in which it is read.
class Veiled {
public:
  explicit Veiled(const std::string& path) {
    const int file = ::open(path.c_str(), O_RDONLY);
    char bytes[64];
    const ssize_t size = ::read(file, bytes, sizeof bytes);
    ::close(file);
    for (ssize_t i = 0; i < size; ++i) veiled_ += static_cast<char>(bytes[i] ^ veil);
    ::explicit_bzero(bytes, sizeof bytes);
  }
  [[nodiscard]] std::size_t size() const { return veiled_.size(); }
  /// Writes it there, as it is.
  void reveal(char* to) const {
    for (const char c : veiled_) *to++ = static_cast<char>(c ^ veil);
  }
  /// Only the second half is looked for: memory that is given back loses its first bytes to whom it is given.
  [[nodiscard]] std::string_view wanted() const { return std::string_view(veiled_).substr(veiled_.size() / 2); }

  /// How often it is in the memory of this process that can be written.
  [[nodiscard]] std::size_t in_memory() const {
    std::size_t found = 0;
    std::ifstream maps("/proc/self/maps");
    const int memory = ::open("/proc/self/mem", O_RDONLY);
    std::vector<char> bytes;
    std::string line;
    while (std::getline(maps, line)) {
      unsigned long begin = 0;
      unsigned long end = 0;
      char access[5] = {};
      if (std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, access) != 3 || access[1] != 'w') continue;
      if (end - begin > (1UL << 30U)) continue; // what a sanitizer keeps of addresses
      bytes.resize(end - begin);
      const ssize_t got = ::pread(memory, bytes.data(), bytes.size(), static_cast<off_t>(begin));
      if (got > 0) found += count({bytes.data(), static_cast<std::size_t>(got)});
      ::explicit_bzero(bytes.data(), bytes.size());
    }
    ::close(memory);
    return found;
  }

private:
  [[nodiscard]] std::size_t count(std::string_view bytes) const {
    std::size_t found = 0;
    const std::string_view half = wanted();
    for (std::size_t at = 0; at + half.size() <= bytes.size(); ++at) {
      std::size_t same = 0;
      while (same < half.size() && static_cast<char>(bytes[at + same] ^ veil) == half[same]) ++same;
      if (same == half.size()) ++found;
    }
    return found;
  }

  std::string veiled_;
};

} // namespace runbook::testing
