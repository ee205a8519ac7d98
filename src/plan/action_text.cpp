#include "plan/action_text.hpp"

#include "printable.hpp"
#include "template.hpp"

#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string string_param(const Values& params, std::string_view name) {
  const Value* value = params.if_contains(name);
  return value == nullptr ? std::string() : to_text(*value);
}

void append(std::vector<std::string>& lines, std::vector<std::string> more) {
  lines.insert(lines.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

ActionText script_text(const Values& params) {
  const std::string shell = string_param(params, "shell");
  return {"run " + printable(shell.empty() ? "sh" : shell), shown_lines(string_param(params, "script"))};
}

ActionText question_text(const Values& params, const Values& inputs) {
  return {"ask a person", shown_lines(expand_known(string_param(params, "prompt"), inputs))};
}

/// The place of values in a body: a JSON document escapes them, other text does not.
Place place_in_body(std::string_view body) {
  const std::size_t first = body.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (body[first] == '{' || body[first] == '[');
  return json ? Place::json : Place::text;
}

/// A value that a URL begins with is a base and stands as it is; what is put in further on is encoded.
std::string filled_url(std::string_view url, const Values& inputs) {
  const std::vector<TemplatePart> parts = template_parts(url);
  std::string out;
  if (!parts.empty() && parts.front().kind == TemplatePart::Kind::name) {
    out = expand_known(parts.front().text, inputs);
    url.remove_prefix(parts.front().text.size());
  }
  return out + expand_known(url, inputs, Place::url_path);
}

ActionText request_text(const Values& params, const Values& inputs) {
  const std::string method = string_param(params, "method");
  const std::string url = filled_url(string_param(params, "url"), inputs);
  ActionText text{printable(fmt::format("{} {}", method.empty() ? "GET" : method, url)), {}};
  if (const Value* headers = params.if_contains("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->get_object()) {
      const std::string filled = expand_known(to_text(value), inputs, Place::header);
      text.lines.push_back(printable(fmt::format("{}: {}", std::string_view(name), filled)));
    }
  }
  const std::string body = string_param(params, "body");
  if (body.empty()) return text;
  text.lines.emplace_back();
  append(text.lines, shown_lines(expand_known(body, inputs, place_in_body(body))));
  return text;
}

/// The value with the inputs in its strings.
Value filled(const Value& value, const Values& inputs) {
  if (Result<Value> all = expand_value(value, inputs)) return std::move(*all);
  if (const auto* text = value.if_string()) return Value(expand_known(*text, inputs));
  Value out = value;
  if (auto* array = out.if_array()) {
    for (Value& element : *array) element = filled(element, inputs);
  } else if (auto* object = out.if_object()) {
    for (auto member : *object) member.value() = filled(member.value(), inputs);
  }
  return out;
}

ActionText params_text(const PlannedAction& planned, const std::string& handler, const Values& inputs) {
  ActionText text{printable(handler), {}};
  for (const auto& [key, value] : planned.action.params) {
    const Value shown = planned.expands ? filled(value, inputs) : value;
    const std::string name = printable(std::string_view(key));
    if (shown.is_string() && std::string_view(shown.get_string()).find('\n') != std::string_view::npos) {
      text.lines.push_back(name + ":");
      for (const std::string& line : shown_lines(shown.get_string())) text.lines.push_back("  " + line);
    } else {
      text.lines.push_back(fmt::format("{}: {}", name, printable(canonical_json(shown))));
    }
  }
  return text;
}

} // namespace

ActionText action_text(const PlannedAction& action, const std::string& handler, const Values& inputs) {
  const Values& params = action.action.params;
  if (action.asks) return question_text(params, inputs);
  if (handler == "shell" && params.contains("script")) return script_text(params);
  if (handler == "http" && params.contains("url")) return request_text(params, inputs);
  return params_text(action, handler, inputs);
}

std::vector<std::string> shown_lines(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(printable(line, "\t"));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string duration_text(std::chrono::milliseconds duration) {
  constexpr std::array<std::pair<std::int64_t, std::string_view>, 5> units{
      {{86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1000, "s"}, {1, "ms"}}};
  std::int64_t rest = duration.count();
  std::string out;
  for (const auto& [size, name] : units) {
    if (rest < size) continue;
    out += fmt::format("{}{}", rest / size, name);
    rest %= size;
  }
  return out.empty() ? "0s" : out;
}

} // namespace runbook
