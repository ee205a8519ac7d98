#include "plan/action_text.hpp"

#include "answer_form.hpp"
#include "http/request_flaws.hpp"
#include "http/request_list.hpp"
#include "plan/requests.hpp"
#include "plan/strings.hpp"
#include "printable.hpp"
#include "runbook_action.hpp"
#include "template.hpp"

#include <array>
#include <span>
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

/// What the handler is told besides the script or the request itself.
std::string options_text(const Values& params, std::span<const std::string_view> names, const Values& inputs) {
  std::string out;
  for (const std::string_view name : names) {
    const Value* value = params.if_contains(name);
    if (value == nullptr) continue;
    out += fmt::format(" [{}: {}]", name, printable(expand_known(to_text(*value), inputs)));
  }
  return out;
}

ActionText script_text(const Values& params, const Values& inputs) {
  static constexpr std::array<std::string_view, 3> options{"cwd", "user", "env"};
  const std::string shell = string_param(params, "shell");
  return {"run " + printable(shell.empty() ? "sh" : shell) + options_text(params, options, inputs),
          shown_lines(string_param(params, "script"))};
}

std::string_view question_head(AnswerKind kind) {
  switch (kind) {
  case AnswerKind::yes_no: break;
  case AnswerKind::text: return "ask a person for a text";
  case AnswerKind::choice: return "ask a person to choose";
  case AnswerKind::secret: return "ask a person for a secret";
  }
  return "ask a person";
}

ActionText question_text(const Values& params, const Values& inputs) {
  const AnswerForm form = answer_form(params);
  ActionText text{std::string(question_head(form.kind)),
                  shown_lines(expand_known(string_param(params, "prompt"), inputs))};
  if (!form.pattern.empty()) text.head += fmt::format(" [pattern: {}]", printable(form.pattern));
  for (const std::string& choice : form.choices) text.lines.push_back("- " + printable(expand_known(choice, inputs)));
  return text;
}

/// The request's first line, and its headers and body.
ActionText request_lines(const HttpRequest& request) {
  ActionText text{printable(fmt::format("{} {}", request.method, request.url)), {}};
  for (const auto& [name, value] : request.headers) text.lines.push_back(printable(fmt::format("{}: {}", name, value)));
  if (request.body.empty()) return text;
  text.lines.emplace_back();
  append(text.lines, shown_lines(request.body));
  return text;
}

/// A request that depends on a capture: as the document has it, because how a value is escaped depends on all of it.
HttpRequest undecided_request(const Values& params) {
  HttpRequest request;
  request.method = http::method_of(params);
  request.url = string_param(params, "url");
  request.body = string_param(params, "body");
  if (const Value* headers = params.if_contains("headers"); headers != nullptr && headers->is_object()) {
    for (const auto& [name, value] : headers->get_object()) request.headers.emplace_back(name, to_text(value));
  }
  return request;
}

/// A request, below it what is expected and captured.
ActionText one_request(const Action& action, bool flawless, const Values& params, const Values& inputs) {
  const auto request = flawless ? request_of(action, params, inputs) : std::nullopt;
  ActionText text = request_lines(request && *request ? **request : undecided_request(params));
  for (const std::string& line : shown_lines(expand_known(http::text_of(params, "expect"), inputs))) {
    text.lines.push_back("expects " + line);
  }
  if (const Value* captures = params.if_contains("captures"); captures != nullptr && captures->is_object()) {
    for (const auto& [name, source] : captures->get_object()) {
      text.lines.push_back(printable(fmt::format("captures '{}' = {}", std::string_view(name), to_text(source))));
    }
  }
  return text;
}

ActionText request_text(const Action& action, const Values& inputs) {
  static constexpr std::array<std::string_view, 5> options{"ca_file", "client_cert", "client_key", "proxy",
                                                           "follow_redirects"};
  const std::vector<const Values*> requests = http::requests_in(action.params);
  const bool flawless = !has_errors(http::request_flaws(action));
  ActionText text;
  if (action.params.contains("requests")) text.head = fmt::format("send {} requests", requests.size());
  for (const Values* request : requests) {
    ActionText one = one_request(action, flawless, *request, inputs);
    if (text.head.empty()) {
      text = std::move(one);
      break;
    }
    const std::string_view name = http::text_of(*request, "name");
    text.lines.push_back(name.empty() ? "###" : "### " + printable(name));
    text.lines.push_back(std::move(one.head));
    append(text.lines, std::move(one.lines));
  }
  text.head += options_text(action.params, options, inputs);
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
    for (auto&& member : *object) member.value() = filled(member.value(), inputs);
  }
  return out;
}

ActionText runbook_text(const Action& action, const Values& inputs) {
  ActionText text{fmt::format("run the runbook {}", printable(runbook_file(action))), {}};
  const Value* given = action.params.if_contains("inputs");
  if (given == nullptr || !given->is_object()) return text;
  for (const auto& [name, value] : given->get_object()) {
    text.lines.push_back(printable(fmt::format("{}: {}", std::string_view(name), to_text(filled(value, inputs)))));
  }
  return text;
}

ActionText params_text(const PlannedAction& planned, const std::string& handler, const Values& inputs) {
  ActionText text{printable(handler), {}};
  for (const auto& [key, value] : planned.action.params) {
    const Value shown = is_filled_in(planned, key) ? filled(value, inputs) : value;
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
  if (handler == "shell" && params.contains("script")) return script_text(params, inputs);
  if (handler == "http" && (params.contains("url") || params.contains("requests")))
    return request_text(action.action, inputs);
  if (handler == runbook_handler) return runbook_text(action.action, inputs);
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
