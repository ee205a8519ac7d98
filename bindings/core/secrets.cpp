#include "secrets.hpp"

namespace runbook::python {

namespace {

/// Calls `take(name, value)` for each member.
template <class Take>
void each_secret(const py::object& secrets, const Take& take) {
  if (secrets.is_none()) return;
  if (!py::hasattr(secrets, "items")) throw py::type_error("secrets: a mapping is needed, or None");
  for (const py::handle member : secrets.attr("items")()) {
    const auto pair = py::reinterpret_borrow<py::tuple>(member);
    if (!py::isinstance<py::str>(pair[0])) throw py::type_error("secrets: the names are text");
    take(from_str(pair[0]), py::object(pair[1]));
  }
}

Secret to_secret(const std::string& name, py::object value) {
  if (PyCallable_Check(value.ptr()) != 0) value = value();
  if (py::isinstance<py::bytes>(value)) return Secret(std::string_view(py::reinterpret_borrow<py::bytes>(value)));
  if (py::isinstance<py::str>(value)) return Secret::take(from_str(value));
  throw py::type_error("secrets['" + name + "']: text, bytes or a function that returns them is needed");
}

} // namespace

SecretOrigins to_origins(const py::object& secrets) {
  SecretOrigins origins;
  each_secret(secrets, [&](const std::string& name, const py::object& value) {
    const auto origin = py::isinstance<py::str>(value) ? parse_secret_origin(from_str(value)) : std::nullopt;
    if (!origin) {
      throw py::value_error("secrets['" + name +
                            "']: 'env:NAME', 'file:PATH' or 'command:COMMAND' is needed; a value is given when a run "
                            "starts");
    }
    origins.insert_or_assign(name, *origin);
  });
  return origins;
}

Secrets to_secrets(const py::object& secrets) {
  Secrets all;
  each_secret(secrets, [&](const std::string& name, const py::object& value) {
    all.insert_or_assign(name, to_secret(name, value));
  });
  return all;
}

} // namespace runbook::python
