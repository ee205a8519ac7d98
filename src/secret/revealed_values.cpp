#include "secret/revealed_values.hpp"

#include "secret/wiping.hpp"

namespace runbook {

// The room is made first: an object that grows moves its members and leaves copies of short strings behind.
RevealedValues::RevealedValues(const Values& values, const Secrets& secrets) : values_(values) {
  if (secrets.empty()) return;
  all_.emplace();
  all_->reserve(values.size() + secrets.size());
  for (const auto& member : values) all_->emplace(member.key(), member.value());
  for (const auto& [name, secret] : secrets) (*all_)[name].emplace_string() = secret.reveal();
}

RevealedValues::~RevealedValues() {
  if (all_) wipe(*all_);
}

} // namespace runbook
