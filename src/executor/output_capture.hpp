// What an attempt printed on one stream: the first bytes up to a cap, and of all of it the length and the digest.
#pragma once

#include "digest.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace runbook {

class OutputCapture {
public:
  explicit OutputCapture(std::size_t cap) : cap_(cap) {}

  void add(std::string_view bytes);
  /// So many bytes came that nobody has. What comes behind them is counted and not kept.
  void lose(std::uint64_t size);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] bool truncated() const noexcept { return size_ > kept_.size(); }
  [[nodiscard]] const std::string& kept() const noexcept { return kept_; }
  [[nodiscard]] std::string take_kept() noexcept { return std::move(kept_); }
  /// SHA-256 of everything that was added, in hex; empty if some of it was lost. Call once, before `take_kept`.
  [[nodiscard]] std::string digest();

private:
  std::size_t cap_;
  std::uint64_t size_ = 0;
  std::string kept_;
  std::optional<Sha256> overflow_; // only when more came than is kept
  bool lost_ = false;
};

} // namespace runbook
