// What a part of an expression was evaluated to: a value of its own, a value that lies elsewhere (in the variables or
// the program, which outlive the evaluation), or nothing because there is a problem.
//
// Ownership: as said. Thread-safety: belongs to one evaluation.
#pragma once

#include <runbook/value.hpp>

#include <string_view>
#include <utility>

namespace runbook::expression {

class Computed {
public:
  /// Nothing: the evaluation knows why.
  Computed() = default;
  explicit Computed(Value value) : own_(std::move(value)), state_(State::own) {}
  [[nodiscard]] static Computed elsewhere(const Value& value) noexcept {
    Computed computed;
    computed.other_ = &value;
    computed.state_ = State::elsewhere;
    return computed;
  }

  explicit operator bool() const noexcept { return state_ != State::nothing; }
  [[nodiscard]] bool is_own() const noexcept { return state_ == State::own; }
  [[nodiscard]] const Value& operator*() const noexcept { return state_ == State::own ? own_ : *other_; }
  [[nodiscard]] const Value* operator->() const noexcept { return &**this; }
  /// The value of its own, to be changed or moved from.
  [[nodiscard]] Value& own() noexcept { return own_; }

private:
  enum class State : unsigned char { nothing, own, elsewhere };

  Value own_;
  const Value* other_ = nullptr;
  State state_ = State::nothing;
};

/// The characters of a value that is a string.
[[nodiscard]] inline std::string_view text_of(const Value& value) noexcept {
  return {value.get_string().data(), value.get_string().size()};
}

} // namespace runbook::expression
