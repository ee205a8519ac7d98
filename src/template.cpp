#include "template.hpp"

#include <algorithm>
#include <optional>

#include <boost/json/serialize.hpp>
#include <fmt/format.h>

namespace runbook {

namespace {

constexpr bool is_letter(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// `name` or `name.member.member`: the first as variables are named, members may also have digits first and dashes.
bool is_dotted_name(std::string_view text) noexcept {
  if (text.empty() || !(is_letter(text.front()) || text.front() == '_')) return false;
  bool first = true;
  char before = ' ';
  for (const char c : text) {
    if (c == '.') {
      if (before == '.') return false;
      first = false;
    } else if (!is_letter(c) && !is_digit(c) && c != '_' && (first || c != '-')) {
      return false;
    }
    before = c;
  }
  return before != '.';
}

std::string_view without_blanks(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out += c;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

/// Puts a text together and knows whether its end is inside a JSON string.
class Expansion {
public:
  explicit Expansion(Place place) : place_(place) {}

  void literal(std::string_view text) {
    text_ += text;
    if (place_ != Place::json) return;
    for (const char c : text) {
      if (quoted_ && escaped_) {
        escaped_ = false;
      } else if (quoted_ && c == '\\') {
        escaped_ = true;
      } else if (c == '"') {
        quoted_ = !quoted_;
      }
    }
  }

  /// False if the value cannot stand in this place.
  [[nodiscard]] bool value(const Value& value) {
    if (place_ == Place::json && !quoted_) {
      text_ += canonical_json(value);
      return true;
    }
    const std::string text = to_text(value);
    switch (place_) {
    case Place::text: text_ += text; break;
    case Place::json: text_ += string_content(text); break;
    case Place::url_path:
    case Place::url_query: text_ += percent_encoded(text); break;
    case Place::header:
      if (text.find_first_of(std::string_view{"\r\n\0", 3}) != std::string::npos) return false;
      text_ += text;
      break;
    }
    return true;
  }

  [[nodiscard]] std::string take() { return std::move(text_); }

private:
  /// The text as it is written between the quotes of a JSON string.
  static std::string string_content(std::string_view text) {
    const std::string quoted = boost::json::serialize(text);
    return quoted.substr(1, quoted.size() - 2);
  }

  Place place_;
  std::string text_;
  bool quoted_ = false;
  bool escaped_ = false;
};

Error unknown(std::string_view name, std::string_view why) {
  return {errc::invalid_input, fmt::format("'{{{{ {} }}}}' stands for nothing: {}", name, why), {}};
}

} // namespace

std::vector<TemplatePart> template_parts(std::string_view text) {
  using Kind = TemplatePart::Kind;
  std::vector<TemplatePart> parts;
  const auto literal = [&](std::string_view piece) {
    if (!piece.empty()) parts.push_back({Kind::literal, piece, {}});
  };
  while (!text.empty()) {
    const std::size_t close = text.find("}}");
    if (close == std::string_view::npos) break;
    // The innermost pair counts: in `{{ {{ name }}` the first two braces are text.
    const std::size_t open = text.substr(0, close).rfind("{{");
    const std::size_t end = close + 2;
    if (open == std::string_view::npos) {
      literal(text.substr(0, end));
    } else {
      literal(text.substr(0, open));
      const std::string_view name = without_blanks(text.substr(open + 2, close - open - 2));
      const std::string_view piece = text.substr(open, end - open);
      parts.push_back(is_dotted_name(name) ? TemplatePart{Kind::name, piece, name}
                                           : TemplatePart{Kind::other, piece, {}});
    }
    text.remove_prefix(end);
  }
  literal(text);
  return parts;
}

Result<const Value*> find_value(std::string_view name, const Values& values) {
  std::size_t end = std::min(name.find('.'), name.size());
  const Value* value = values.if_contains(name.substr(0, end));
  if (value == nullptr) return unknown(name, fmt::format("there is no input or capture '{}'", name.substr(0, end)));
  while (end < name.size()) {
    const std::size_t next = std::min(name.find('.', end + 1), name.size());
    const std::string_view member = name.substr(end + 1, next - end - 1);
    const Values* object = value->if_object();
    if (object == nullptr) return unknown(name, fmt::format("'{}' is not an object", name.substr(0, end)));
    value = object->if_contains(member);
    if (value == nullptr) return unknown(name, fmt::format("'{}' has no member '{}'", name.substr(0, end), member));
    end = next;
  }
  return value;
}

Result<std::string> expand(std::string_view text, const Values& values, Place place) {
  Expansion out(place);
  for (const TemplatePart& part : template_parts(text)) {
    if (part.kind != TemplatePart::Kind::name) {
      out.literal(part.text);
      continue;
    }
    const Result<const Value*> value = find_value(part.name, values);
    if (!value) return value.error();
    if (!out.value(**value)) {
      return Error{
          errc::invalid_input,
          fmt::format("the value of '{}' holds a line break or NUL and cannot be put into a header", part.name),
          {}};
    }
  }
  return out.take();
}

std::string expand_known(std::string_view text, const Values& values, Place place) {
  Expansion out(place);
  for (const TemplatePart& part : template_parts(text)) {
    if (part.kind == TemplatePart::Kind::name) {
      const Result<const Value*> value = find_value(part.name, values);
      if (value && out.value(**value)) continue;
    }
    out.literal(part.text);
  }
  return out.take();
}

std::vector<std::string> template_names(std::string_view text) {
  std::vector<std::string> names;
  for (const TemplatePart& part : template_parts(text)) {
    if (part.kind == TemplatePart::Kind::name) names.emplace_back(part.name);
  }
  return names;
}

namespace {

/// The name, if the text is nothing but one `{{ name }}`: then the value keeps its type.
std::optional<std::string_view> only_name(std::string_view text) {
  const std::vector<TemplatePart> parts = template_parts(text);
  if (parts.size() != 1 || parts.front().kind != TemplatePart::Kind::name) return std::nullopt;
  return parts.front().name;
}

Result<Value> expand_string(std::string_view text, const Values& values) {
  if (const auto name = only_name(text)) {
    const Result<const Value*> value = find_value(*name, values);
    if (!value) return value.error();
    return **value;
  }
  Result<std::string> expanded = expand(text, values, Place::text);
  if (!expanded) return expanded.error();
  return Value(*expanded);
}

} // namespace

Result<Value> expand_value(const Value& value, const Values& values) {
  if (const auto* text = value.if_string()) return expand_string(*text, values);
  if (const auto* array = value.if_array()) {
    boost::json::array out;
    out.reserve(array->size());
    for (const Value& element : *array) {
      Result<Value> expanded = expand_value(element, values);
      if (!expanded) return expanded.error();
      out.push_back(std::move(*expanded));
    }
    return Value(std::move(out));
  }
  if (const auto* object = value.if_object()) {
    Values out;
    out.reserve(object->size());
    for (const auto& [key, member] : *object) {
      Result<Value> expanded = expand_value(member, values);
      if (!expanded) return expanded.error();
      out.emplace(key, std::move(*expanded));
    }
    return Value(std::move(out));
  }
  return value;
}

} // namespace runbook
