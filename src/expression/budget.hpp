// The budget of one evaluation: units of work, of which a step of evaluation, an element looked at or copied, and 64
// bytes of text cost one each. It is what makes every evaluation end soon, on any data.
#pragma once

#include <runbook/expression.hpp>

#include <cstddef>

namespace runbook::expression {

class Budget {
public:
  static constexpr std::size_t deepest_value = 128; ///< how deep a value may be nested that is compared or copied

  /// False once more was asked for than there is.
  [[nodiscard]] bool spend(std::size_t units) noexcept {
    left_ = units < left_ ? left_ - units : 0;
    return left_ > 0;
  }
  [[nodiscard]] bool spend_on_text(std::size_t bytes) noexcept { return spend(1 + bytes / 64); }
  [[nodiscard]] bool spent() const noexcept { return left_ == 0; }

private:
  std::size_t left_ = Expression::max_cost + 1;
};

enum class Equality : unsigned char { different, equal, unaffordable };

/// Equal as CEL has it: numbers by their value, whatever their types; values of different types are different. NaN
/// equals nothing.
[[nodiscard]] Equality equality(const Value& a, const Value& b, Budget& budget, std::size_t depth = 0);

/// Pays for a copy of the value. False if the budget does not allow it.
[[nodiscard]] bool pay_for_copy(const Value& value, Budget& budget, std::size_t depth = 0);

} // namespace runbook::expression
