#include "format/pretty_json.hpp"

#include <boost/json/array.hpp>

namespace runbook::format {

namespace {

class Printer {
public:
  std::string print(const Value& value) {
    add(value);
    return std::move(out_) + '\n';
  }

private:
  void add(const Value& value) {
    if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
      list('{', '}', *object, [&](const auto& member) {
        out_ += canonical_json(Value(member.key()));
        out_ += ": ";
        add(member.value());
      });
    } else if (const auto* array = value.if_array(); array != nullptr && !array->empty()) {
      list('[', ']', *array, [&](const Value& element) { add(element); });
    } else {
      out_ += canonical_json(value);
    }
  }

  template <class Elements, class Add>
  void list(char open, char close, const Elements& elements, const Add& add_element) {
    out_ += open;
    indent_ += 2;
    bool first = true;
    for (const auto& element : elements) {
      if (!first) out_ += ',';
      first = false;
      new_line();
      add_element(element);
    }
    indent_ -= 2;
    new_line();
    out_ += close;
  }

  void new_line() { out_.append(1, '\n').append(indent_, ' '); }

  std::string out_;
  std::size_t indent_ = 0;
};

} // namespace

std::string pretty_json(const Value& value) {
  return Printer().print(value);
}

} // namespace runbook::format
