#include "enums.hpp"

#include <cctype>

namespace runbook::python {

namespace {

template <class Enum>
void bind_enum(py::module_& m, const py::object& base) {
  py::list members;
  for (const Enum value : TextEnum<Enum>::values) {
    const std::string text(to_string(value));
    std::string name = text;
    for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    members.append(py::make_tuple(name, text));
  }
  m.attr(TextEnum<Enum>::name) = base(TextEnum<Enum>::name, members, py::arg("module") = "runbook");
}

} // namespace

void bind_enums(py::module_& m) {
  // As `enum.StrEnum`, which older Pythons do not have.
  const py::object str = py::module_::import("builtins").attr("str");
  const py::object enum_type = py::module_::import("enum").attr("Enum");
  const py::dict members = enum_type.attr("__prepare__")("TextEnum", py::make_tuple(str, enum_type));
  members["__str__"] = str.attr("__str__");
  members["__format__"] = str.attr("__format__");
  members["__module__"] = "runbook";
  const py::object base = py::type::of(enum_type)("TextEnum", py::make_tuple(str, enum_type), members);
  bind_enum<Severity>(m, base);
  bind_enum<Effect>(m, base);
  bind_enum<OnFailure>(m, base);
  bind_enum<RiskLevel>(m, base);
  bind_enum<InputType>(m, base);
  bind_enum<Stream>(m, base);
  bind_enum<QuestionKind>(m, base);
  bind_enum<AnswerKind>(m, base);
  bind_enum<RollbackMode>(m, base);
  bind_enum<OnRollbackFailure>(m, base);
  bind_enum<RunStatus>(m, base);
  bind_enum<ResidueCause>(m, base);
}

} // namespace runbook::python
