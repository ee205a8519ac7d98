// The names of enumerators, in one table per enum: printing and reading use the same one.
#pragma once

#include <runbook/answer.hpp>
#include <runbook/error.hpp>
#include <runbook/event.hpp>
#include <runbook/model.hpp>
#include <runbook/outcome.hpp>
#include <runbook/standing.hpp>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

namespace runbook {

template <class Enum>
struct Names; // specialised for each enum: a constexpr array `table` of (enumerator, name)

template <class Enum>
constexpr std::string_view name_of(Enum value) noexcept {
  for (const auto& [enumerator, name] : Names<Enum>::table) {
    if (enumerator == value) return name;
  }
  return "unknown";
}

template <class Enum>
constexpr std::optional<Enum> enum_from(std::string_view text) noexcept {
  for (const auto& [enumerator, name] : Names<Enum>::table) {
    if (name == text) return enumerator;
  }
  return std::nullopt;
}

template <class Enum, std::size_t n>
using NameTable = std::array<std::pair<Enum, std::string_view>, n>;

template <>
struct Names<errc> {
  static constexpr NameTable<errc, 18> table{{{errc::invalid_document, "invalid_document"},
                                              {errc::invalid_input, "invalid_input"},
                                              {errc::unknown_handler, "unknown_handler"},
                                              {errc::io_error, "io_error"},
                                              {errc::store_error, "store_error"},
                                              {errc::fenced, "fenced"},
                                              {errc::not_found, "not_found"},
                                              {errc::approver_unavailable, "approver_unavailable"},
                                              {errc::exec_failed, "exec_failed"},
                                              {errc::timed_out, "timed_out"},
                                              {errc::cancelled, "cancelled"},
                                              {errc::http_error, "http_error"},
                                              {errc::invalid_argument, "invalid_argument"},
                                              {errc::handler_failed, "handler_failed"},
                                              {errc::limit_exceeded, "limit_exceeded"},
                                              {errc::unexpected, "unexpected"},
                                              {errc::in_doubt, "in_doubt"},
                                              {errc::secret_unavailable, "secret_unavailable"}}};
};

template <>
struct Names<Severity> {
  static constexpr NameTable<Severity, 3> table{
      {{Severity::note, "note"}, {Severity::warning, "warning"}, {Severity::error, "error"}}};
};

template <>
struct Names<Effect> {
  static constexpr NameTable<Effect, 3> table{
      {{Effect::pure, "pure"}, {Effect::idempotent, "idempotent"}, {Effect::mutating, "mutating"}}};
};

template <>
struct Names<OnFailure> {
  static constexpr NameTable<OnFailure, 3> table{
      {{OnFailure::rollback, "rollback"}, {OnFailure::proceed, "continue"}, {OnFailure::stop, "stop"}}};
};

template <>
struct Names<OnDoubt> {
  static constexpr NameTable<OnDoubt, 5> table{{{OnDoubt::ask, "ask"},
                                                {OnDoubt::retry, "retry"},
                                                {OnDoubt::assume_done, "assume_done"},
                                                {OnDoubt::assume_failed, "assume_failed"},
                                                {OnDoubt::probe, "probe"}}};
};

template <>
struct Names<RiskLevel> {
  static constexpr NameTable<RiskLevel, 5> table{{{RiskLevel::unspecified, "unspecified"},
                                                  {RiskLevel::low, "low"},
                                                  {RiskLevel::medium, "medium"},
                                                  {RiskLevel::high, "high"},
                                                  {RiskLevel::critical, "critical"}}};
};

template <>
struct Names<Section> {
  static constexpr NameTable<Section, 4> table{{{Section::prerequisites, "prerequisites"},
                                                {Section::steps, "steps"},
                                                {Section::verification, "verification"},
                                                {Section::rollback, "rollback"}}};
};

template <>
struct Names<Expectation::Kind> {
  static constexpr NameTable<Expectation::Kind, 5> table{{{Expectation::Kind::text, "text"},
                                                          {Expectation::Kind::json, "json"},
                                                          {Expectation::Kind::http, "http"},
                                                          {Expectation::Kind::contains, "contains"},
                                                          {Expectation::Kind::regex, "regex"}}};
};

template <>
struct Names<SecretOrigin::Kind> {
  static constexpr NameTable<SecretOrigin::Kind, 4> table{{{SecretOrigin::Kind::given, "given"},
                                                           {SecretOrigin::Kind::env, "env"},
                                                           {SecretOrigin::Kind::file, "file"},
                                                           {SecretOrigin::Kind::command, "command"}}};
};

template <>
struct Names<InputType> {
  static constexpr NameTable<InputType, 6> table{{{InputType::string, "string"},
                                                  {InputType::integer, "integer"},
                                                  {InputType::number, "number"},
                                                  {InputType::boolean, "boolean"},
                                                  {InputType::path, "path"},
                                                  {InputType::secret, "secret"}}};
};

template <>
struct Names<OutcomeStatus> {
  static constexpr NameTable<OutcomeStatus, 5> table{{{OutcomeStatus::ok, "ok"},
                                                      {OutcomeStatus::failed, "failed"},
                                                      {OutcomeStatus::timed_out, "timed_out"},
                                                      {OutcomeStatus::cancelled, "cancelled"},
                                                      {OutcomeStatus::skipped, "skipped"}}};
};

template <>
struct Names<Stream> {
  static constexpr NameTable<Stream, 2> table{{{Stream::out, "out"}, {Stream::err, "err"}}};
};

template <>
struct Names<QuestionKind> {
  static constexpr NameTable<QuestionKind, 5> table{{{QuestionKind::step, "step"},
                                                     {QuestionKind::rollback, "rollback"},
                                                     {QuestionKind::stop_rollback, "stop_rollback"},
                                                     {QuestionKind::continue_rollback, "continue_rollback"},
                                                     {QuestionKind::doubt, "doubt"}}};
};

template <>
struct Names<AnswerKind> {
  static constexpr NameTable<AnswerKind, 4> table{{{AnswerKind::yes_no, "yes-no"},
                                                   {AnswerKind::text, "text"},
                                                   {AnswerKind::choice, "choice"},
                                                   {AnswerKind::secret, "secret"}}};
};

template <>
struct Names<ActionKind> {
  static constexpr NameTable<ActionKind, 4> table{{{ActionKind::forward, "forward"},
                                                   {ActionKind::check, "check"},
                                                   {ActionKind::undo, "undo"},
                                                   {ActionKind::probe, "probe"}}};
};

template <>
struct Names<TimerKind> {
  static constexpr NameTable<TimerKind, 3> table{
      {{TimerKind::retry, "retry"}, {TimerKind::deadline, "deadline"}, {TimerKind::run, "run"}}};
};

template <>
struct Names<DoubtKind> {
  static constexpr NameTable<DoubtKind, 2> table{
      {{DoubtKind::unknown, "unknown"}, {DoubtKind::not_started, "not_started"}}};
};

template <>
struct Names<DoubtDecision> {
  static constexpr NameTable<DoubtDecision, 3> table{
      {{DoubtDecision::done, "done"}, {DoubtDecision::repeat, "repeat"}, {DoubtDecision::failed, "failed"}}};
};

template <>
struct Names<RollbackMode> {
  static constexpr NameTable<RollbackMode, 3> table{
      {{RollbackMode::automatic, "auto"}, {RollbackMode::ask, "ask"}, {RollbackMode::never, "never"}}};
};

template <>
struct Names<OnRollbackFailure> {
  static constexpr NameTable<OnRollbackFailure, 3> table{
      {{OnRollbackFailure::proceed, "continue"}, {OnRollbackFailure::stop, "stop"}, {OnRollbackFailure::ask, "ask"}}};
};

template <>
struct Names<RunStatus> {
  static constexpr NameTable<RunStatus, 7> table{{{RunStatus::running, "running"},
                                                  {RunStatus::succeeded, "succeeded"},
                                                  {RunStatus::rolled_back, "rolled_back"},
                                                  {RunStatus::partially_rolled_back, "partially_rolled_back"},
                                                  {RunStatus::failed, "failed"},
                                                  {RunStatus::cancelled, "cancelled"},
                                                  {RunStatus::parked, "parked"}}};
};

template <>
struct Names<StandingKind> {
  static constexpr NameTable<StandingKind, 6> table{{{StandingKind::running, "running"},
                                                     {StandingKind::waiting, "waiting"},
                                                     {StandingKind::in_doubt, "in_doubt"},
                                                     {StandingKind::parked, "parked"},
                                                     {StandingKind::abandoned, "abandoned"},
                                                     {StandingKind::ended, "ended"}}};
};

template <>
struct Names<ResidueCause> {
  static constexpr NameTable<ResidueCause, 5> table{{{ResidueCause::no_undo, "no_undo"},
                                                     {ResidueCause::irreversible, "irreversible"},
                                                     {ResidueCause::undo_failed, "undo_failed"},
                                                     {ResidueCause::undo_declined, "undo_declined"},
                                                     {ResidueCause::undo_abandoned, "undo_abandoned"}}};
};

} // namespace runbook
