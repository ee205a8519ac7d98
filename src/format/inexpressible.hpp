// What a model says and no document in Markdown can.
//
// Ownership: plain values. Thread-safety: belongs to one thread.
#pragma once

#include <runbook/error.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace runbook::format {

class Inexpressible {
public:
  /// `pointer` is a JSON pointer into the JSON form.
  void add(const std::string& pointer, std::string_view message, std::string_view hint = {});

  [[nodiscard]] bool empty() const noexcept { return all_.empty(); }
  [[nodiscard]] std::vector<Diagnostic> take() { return std::move(all_); }

private:
  std::vector<Diagnostic> all_;
};

} // namespace runbook::format
