// Values and secrets together, for as long as something is filled in with them.
//
// Ownership: refers to the values if there are no secrets; what it copies is overwritten with it. Thread-safety:
// belongs to one thread.
#pragma once

#include <runbook/secret.hpp>
#include <runbook/value.hpp>

#include <optional>

namespace runbook {

class RevealedValues {
public:
  RevealedValues(const Values& values, const Secrets& secrets);
  ~RevealedValues();
  RevealedValues(const RevealedValues&) = delete;
  RevealedValues& operator=(const RevealedValues&) = delete;

  [[nodiscard]] const Values& get() const noexcept { return all_ ? *all_ : values_; }

private:
  const Values& values_;
  std::optional<Values> all_;
};

} // namespace runbook
