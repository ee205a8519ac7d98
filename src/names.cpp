#include "names.hpp"

namespace runbook {

std::string_view to_string(errc code) noexcept {
  return name_of(code);
}
std::string_view to_string(Severity severity) noexcept {
  return name_of(severity);
}
std::string_view to_string(Effect effect) noexcept {
  return name_of(effect);
}
std::string_view to_string(OnFailure on_failure) noexcept {
  return name_of(on_failure);
}
std::string_view to_string(OnDoubt on_doubt) noexcept {
  return name_of(on_doubt);
}
std::string_view to_string(RiskLevel level) noexcept {
  return name_of(level);
}
std::string_view to_string(Section section) noexcept {
  return name_of(section);
}
std::string_view to_string(Expectation::Kind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(InputType type) noexcept {
  return name_of(type);
}
std::string_view to_string(OutcomeStatus status) noexcept {
  return name_of(status);
}
std::string_view to_string(Stream stream) noexcept {
  return name_of(stream);
}
std::string_view to_string(QuestionKind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(AnswerKind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(ActionKind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(TimerKind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(DoubtKind kind) noexcept {
  return name_of(kind);
}
std::string_view to_string(DoubtDecision decision) noexcept {
  return name_of(decision);
}
std::string_view to_string(RollbackMode mode) noexcept {
  return name_of(mode);
}
std::string_view to_string(OnRollbackFailure mode) noexcept {
  return name_of(mode);
}
std::string_view to_string(RunStatus status) noexcept {
  return name_of(status);
}
std::string_view to_string(ResidueCause cause) noexcept {
  return name_of(cause);
}

} // namespace runbook
