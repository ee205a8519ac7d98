// The library's enums in Python: `str` enums with the names that the library prints, so that `status == "succeeded"`
// and `status is RunStatus.SUCCEEDED` are the same, and either is accepted as an argument.
#pragma once

#include "values.hpp"

#include <runbook/event.hpp>
#include <runbook/model.hpp>
#include <runbook/outcome.hpp>

#include <array>
#include <concepts>
#include <string>

namespace runbook::python {

template <class Enum>
struct TextEnum; // specialised for each enum: its name in Python and its values

template <>
struct TextEnum<Severity> {
  static constexpr auto name = "Severity";
  static constexpr std::array values{Severity::note, Severity::warning, Severity::error};
};

template <>
struct TextEnum<Effect> {
  static constexpr auto name = "Effect";
  static constexpr std::array values{Effect::pure, Effect::idempotent, Effect::mutating};
};

template <>
struct TextEnum<OnFailure> {
  static constexpr auto name = "OnFailure";
  static constexpr std::array values{OnFailure::rollback, OnFailure::proceed, OnFailure::stop};
};

template <>
struct TextEnum<RiskLevel> {
  static constexpr auto name = "RiskLevel";
  static constexpr std::array values{RiskLevel::unspecified, RiskLevel::low, RiskLevel::medium, RiskLevel::high,
                                     RiskLevel::critical};
};

template <>
struct TextEnum<InputType> {
  static constexpr auto name = "InputType";
  static constexpr std::array values{InputType::string,  InputType::integer, InputType::number,
                                     InputType::boolean, InputType::path,    InputType::secret};
};

template <>
struct TextEnum<Stream> {
  static constexpr auto name = "Stream";
  static constexpr std::array values{Stream::out, Stream::err};
};

template <>
struct TextEnum<QuestionKind> {
  static constexpr auto name = "QuestionKind";
  static constexpr std::array values{QuestionKind::step, QuestionKind::rollback, QuestionKind::stop_rollback,
                                     QuestionKind::continue_rollback, QuestionKind::doubt};
};

template <>
struct TextEnum<AnswerKind> {
  static constexpr auto name = "AnswerKind";
  static constexpr std::array values{AnswerKind::yes_no, AnswerKind::text, AnswerKind::choice, AnswerKind::secret};
};

template <>
struct TextEnum<RollbackMode> {
  static constexpr auto name = "RollbackMode";
  static constexpr std::array values{RollbackMode::automatic, RollbackMode::ask, RollbackMode::never};
};

template <>
struct TextEnum<OnRollbackFailure> {
  static constexpr auto name = "OnRollbackFailure";
  static constexpr std::array values{OnRollbackFailure::proceed, OnRollbackFailure::stop, OnRollbackFailure::ask};
};

template <>
struct TextEnum<RunStatus> {
  static constexpr auto name = "RunStatus";
  static constexpr std::array values{
      RunStatus::running, RunStatus::succeeded, RunStatus::rolled_back, RunStatus::partially_rolled_back,
      RunStatus::failed,  RunStatus::cancelled, RunStatus::parked};
};

template <>
struct TextEnum<ResidueCause> {
  static constexpr auto name = "ResidueCause";
  static constexpr std::array values{ResidueCause::no_undo, ResidueCause::irreversible, ResidueCause::undo_failed,
                                     ResidueCause::undo_declined, ResidueCause::undo_abandoned};
};

template <class Enum>
concept HasTextEnum = requires { TextEnum<Enum>::values; };

template <HasTextEnum Enum>
Enum enum_from(py::handle object) {
  std::string known;
  if (py::isinstance<py::str>(object)) {
    const std::string text = from_str(object);
    for (const Enum value : TextEnum<Enum>::values) {
      if (to_string(value) == text) return value;
      known += (known.empty() ? "'" : ", '") + std::string(to_string(value)) + "'";
    }
    throw py::value_error("'" + text + "' is no " + TextEnum<Enum>::name + "; it is one of " + known);
  }
  throw py::type_error(std::string("a ") + TextEnum<Enum>::name + " or its name is needed, not " +
                       std::string(py::repr(object)));
}

} // namespace runbook::python

namespace pybind11::detail {

template <class Enum>
  requires runbook::python::HasTextEnum<Enum>
struct type_caster_enum_type_enabled<Enum> : std::false_type {};

template <class Enum>
  requires runbook::python::HasTextEnum<Enum>
struct type_caster<Enum> {
  PYBIND11_TYPE_CASTER(Enum, const_name("str"));

  bool load(handle source, bool) {
    value = runbook::python::enum_from<Enum>(source);
    return true;
  }
  static handle cast(Enum source, return_value_policy, handle) {
    const std::string_view name = to_string(source);
    return module_::import("runbook._core").attr(runbook::python::TextEnum<Enum>::name)(name).release();
  }
};

} // namespace pybind11::detail
