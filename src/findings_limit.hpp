// How many findings about one document are kept: a hostile document could have millions.
//
// Ownership: plain value. Thread-safety: as with any value type.
#pragma once

#include <runbook/error.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace runbook {

class FindingsLimit {
public:
  static constexpr std::size_t most = 10'000;

  /// Whether one more may be kept; if not, it is counted.
  [[nodiscard]] bool admit(Severity severity) noexcept;
  /// Whether the next one will not be kept. Nobody has to look for a hint then.
  [[nodiscard]] bool reached() const noexcept { return kept_ == most; }
  /// Says how many were not kept, as an error if there was one among them.
  void tell(std::vector<Diagnostic>& kept, const std::string& path) const;

private:
  std::size_t kept_ = 0;
  std::size_t untold_ = 0;
  bool untold_errors_ = false;
};

} // namespace runbook
