#include "values.hpp"

#include <boost/json/array.hpp>

#include <algorithm>
#include <cmath>

namespace runbook::python {

namespace {

constexpr int max_depth = 64; // the library reads no deeper JSON either

// What JSON cannot hold. The place grows outwards while the exception passes the containers.
struct NotJson {
  PyObject* type; // of the Python exception
  std::string place;
  std::string message;
};

py::str decode(std::string_view text, const char* errors) {
  PyObject* str = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), errors);
  if (str == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(str);
}

std::string type_name(py::handle object) {
  const std::string name = Py_TYPE(object.ptr())->tp_name;
  return name.substr(name.rfind('.') + 1);
}

std::string quoted(std::string_view key) {
  return std::string(py::repr(to_str(key)));
}

Value integer(py::handle object) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(object.ptr(), &overflow);
  if (overflow == 0) return Value(static_cast<std::int64_t>(number));
  if (overflow > 0) {
    const unsigned long long large = PyLong_AsUnsignedLongLong(object.ptr());
    if (PyErr_Occurred() == nullptr) return Value(static_cast<std::uint64_t>(large));
    PyErr_Clear();
  }
  throw NotJson{PyExc_ValueError, {}, "an integer of more than 64 bits"};
}

Value real(double number) {
  if (!std::isfinite(number)) throw NotJson{PyExc_ValueError, {}, "a number that is not finite"};
  return Value(number);
}

Value convert(py::handle object, int depth);

Value convert_sequence(py::handle object, int depth) {
  boost::json::array array;
  std::size_t index = 0;
  for (const py::handle element : object) {
    try {
      array.push_back(convert(element, depth + 1));
    } catch (NotJson& e) {
      e.place.insert(0, "[" + std::to_string(index) + "]");
      throw;
    }
    ++index;
  }
  return array;
}

Values convert_dict(const py::dict& dict, int depth) {
  Values values;
  for (const auto& [key, element] : dict) {
    if (!py::isinstance<py::str>(key)) throw NotJson{PyExc_TypeError, {}, "a key that is no string: " + type_name(key)};
    const std::string name = from_str(key);
    try {
      values[name] = convert(element, depth + 1);
    } catch (NotJson& e) {
      e.place.insert(0, "[" + quoted(name) + "]");
      throw;
    }
  }
  return values;
}

Value convert(py::handle object, int depth) {
  if (depth > max_depth) throw NotJson{PyExc_ValueError, {}, "nested more than 64 deep"};
  if (object.is_none()) return nullptr;
  if (PyBool_Check(object.ptr())) return Value(object.ptr() == Py_True);
  if (PyLong_Check(object.ptr())) return integer(object);
  if (PyFloat_Check(object.ptr())) return real(PyFloat_AsDouble(object.ptr()));
  if (PyUnicode_Check(object.ptr())) return Value(from_str(object));
  if (PyDict_Check(object.ptr())) return convert_dict(py::reinterpret_borrow<py::dict>(object), depth);
  if (PyList_Check(object.ptr()) || PyTuple_Check(object.ptr())) return convert_sequence(object, depth);
  if (py::hasattr(object, "__fspath__")) return Value(to_path(object));
  throw NotJson{PyExc_TypeError, {}, "a value of type '" + type_name(object) + "' is no JSON value"};
}

template <class Convert>
auto convert_or_raise(std::string_view what, Convert convert_it) {
  try {
    return convert_it();
  } catch (const NotJson& e) {
    py::set_error(e.type, to_words(std::string(what) + e.place + ": " + e.message));
    throw py::error_already_set();
  }
}

} // namespace

py::object to_python(const Value& value) {
  switch (value.kind()) {
  case boost::json::kind::null: return py::none();
  case boost::json::kind::bool_: return py::bool_(value.get_bool());
  case boost::json::kind::int64: return py::int_(value.get_int64());
  case boost::json::kind::uint64: return py::int_(value.get_uint64());
  case boost::json::kind::double_: return py::float_(value.get_double());
  case boost::json::kind::string: return to_str(value.get_string());
  case boost::json::kind::object: return to_python(value.get_object());
  case boost::json::kind::array: break;
  }
  py::list list;
  for (const Value& element : value.get_array()) list.append(to_python(element));
  return list;
}

py::dict to_python(const Values& values) {
  py::dict dict;
  for (const auto& member : values) dict[to_str(member.key())] = to_python(member.value());
  return dict;
}

Value to_value(py::handle object, std::string_view what) {
  return convert_or_raise(what, [&] { return convert(object, 0); });
}

Values to_values(py::handle object, std::string_view what) {
  if (object.is_none()) return {};
  if (!PyDict_Check(object.ptr()) && !py::hasattr(object, "keys")) {
    throw py::type_error(std::string(what) + ": a dict is needed, not a value of type '" + type_name(object) + "'");
  }
  const py::dict dict(py::reinterpret_borrow<py::object>(object));
  return convert_or_raise(what, [&] { return convert_dict(dict, 0); });
}

py::str to_str(std::string_view text) {
  return decode(text, "surrogateescape");
}

py::str to_words(std::string_view text) {
  return decode(text, "backslashreplace");
}

std::string from_str(py::handle str) {
  Py_ssize_t size = 0;
  if (const char* text = PyUnicode_AsUTF8AndSize(str.ptr(), &size)) return {text, static_cast<std::size_t>(size)};
  PyErr_Clear(); // it has surrogates
  const auto bytes = py::reinterpret_steal<py::bytes>(PyUnicode_AsEncodedString(str.ptr(), "utf-8", "surrogateescape"));
  if (!bytes) throw py::error_already_set();
  return std::string(bytes);
}

std::string to_path(py::handle path) {
  PyObject* bytes = nullptr;
  if (PyUnicode_FSConverter(path.ptr(), &bytes) == 0) throw py::error_already_set();
  return std::string(py::reinterpret_steal<py::bytes>(bytes));
}

py::object to_seconds(std::optional<std::chrono::milliseconds> time) {
  if (!time) return py::none();
  return py::float_(std::chrono::duration<double>(*time).count());
}

std::chrono::milliseconds from_seconds(double seconds) {
  if (!(seconds >= 0)) throw py::value_error("a time in seconds must not be negative");
  constexpr double ten_years = 10.0 * 366 * 24 * 3600;
  return std::chrono::milliseconds{std::llround(std::min(seconds, ten_years) * 1000)};
}

py::object to_datetime(std::chrono::system_clock::time_point time) {
  const auto datetime = py::module_::import("datetime");
  const auto epoch = datetime.attr("datetime")(1970, 1, 1, py::arg("tzinfo") = datetime.attr("timezone").attr("utc"));
  const auto since = std::chrono::floor<std::chrono::microseconds>(time.time_since_epoch());
  return epoch + datetime.attr("timedelta")(py::arg("microseconds") = since.count());
}

} // namespace runbook::python
