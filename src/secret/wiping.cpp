#include "secret/wiping.hpp"

namespace runbook {

void wipe(Value& value) noexcept {
  if (auto* text = value.if_string()) {
    ::explicit_bzero(text->data(), text->size());
  } else if (auto* array = value.if_array()) {
    for (Value& element : *array) wipe(element);
  } else if (auto* object = value.if_object()) {
    wipe(*object);
  }
}

void wipe(Values& values) noexcept {
  for (auto& member : values) wipe(member.value());
}

} // namespace runbook
