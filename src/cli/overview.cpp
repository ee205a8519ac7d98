#include "overview.hpp"

#include "shown_text.hpp"

#include <algorithm>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::cli {

namespace {

constexpr std::size_t columns_of_script = 100;
constexpr std::size_t deepest_indent = 30; // of a step inside of steps

std::string text_of(const Values& values, std::string_view name) {
  const Value* value = values.if_contains(name);
  return value == nullptr ? std::string() : to_text(*value);
}

// Method and URL, of several requests a line each.
std::string requests_of(const Values& params) {
  const Value* list = params.if_contains("requests");
  if (list == nullptr || !list->is_array()) return text_of(params, "method") + " " + text_of(params, "url");
  std::string lines;
  for (const Value& request : list->get_array()) {
    if (request.is_object()) lines += requests_of(request.get_object()) + "\n";
  }
  return lines;
}

// What an action does, in one line: its program's first line, its request, its question.
std::string essence(const Action& action) {
  const auto text = [&](std::string_view name) { return text_of(action.params, name); };
  if (action.handler == "http") return requests_of(action.params);
  if (action.handler == "confirm") return text("prompt");
  if (action.handler == "shell") return text("script");
  if (action.handler == "runbook") return text("file");
  if (action.handler == "wait") return text("duration");
  if (action.handler == "file") return text("path");
  return canonical_json(action.params);
}

std::string first_line(const std::string& text) {
  const std::vector<std::string> lines = shown_lines(text, columns_of_script);
  if (lines.empty()) return {};
  return lines.size() == 1 ? lines.front() : fmt::format("{}  (+{} lines)", lines.front(), lines.size() - 1);
}

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:g}s", static_cast<double>(time.count()) / 1000);
}

// What the handler is told besides what `essence` shows.
std::string surroundings(const Action& action) {
  std::string text;
  for (const std::string_view name : {"cwd", "user", "env"}) {
    const Value* value = action.handler == "shell" ? action.params.if_contains(name) : nullptr;
    if (value != nullptr) text += fmt::format("  {}={}", name, shown_line(to_text(*value)));
  }
  return text;
}

std::string attributes(const Action& action) {
  std::string text = surroundings(action);
  if (action.effect) text += fmt::format("  {}", to_string(*action.effect));
  if (action.timeout) text += fmt::format("  timeout={}", seconds(*action.timeout));
  if (action.retry.retries > 0) text += fmt::format("  retries={}", action.retry.retries);
  if (action.until) text += fmt::format("  until=\"{}\"", shown_line(action.until->text));
  if (!action.capture.empty()) text += fmt::format("  capture={}", shown_line(action.capture));
  if (action.expect) text += fmt::format("  expects={}", to_string(action.expect->kind));
  return text;
}

// When the step is done, how often and after which others; what is said of it as a whole.
std::string attributes(const Step& step) {
  std::string text;
  if (step.flow) {
    const Flow& flow = *step.flow;
    if (!flow.when.text.empty()) text += fmt::format("  when=\"{}\"", shown_line(flow.when.text));
    if (flow.loop) {
      text += fmt::format("  foreach=\"{}\" as={}", shown_line(flow.loop->over.text), shown_line(flow.loop->as));
      if (flow.loop->parallel != 1) text += fmt::format(" parallel={}", flow.loop->parallel);
    }
    if (!flow.needs.empty())
      text += fmt::format("  needs=\"{}\"", shown_line(fmt::format("{}", fmt::join(flow.needs, ", "))));
  }
  if (step.irreversible) text += "  irreversible";
  if (step.isolated) text += "  isolated";
  if (step.on_failure != OnFailure::rollback) text += fmt::format("  on_failure={}", to_string(step.on_failure));
  if (step.on_doubt != OnDoubt::ask) text += fmt::format("  on_doubt={}", to_string(step.on_doubt));
  return text;
}

std::string access_text(const std::vector<Access>& list) {
  std::string text;
  for (const Access& access : list) text += (text.empty() ? "" : "; ") + to_string(access);
  return text;
}

class Overview {
public:
  std::string of(const Runbook& runbook) {
    line("{}", shown_line(runbook.title));
    field("Purpose", runbook.purpose);
    field("Frequency", runbook.frequency.text);
    if (runbook.risk_level != RiskLevel::unspecified) field("Risk level", std::string(to_string(runbook.risk_level)));
    field("Required access", access_text(runbook.required_access));
    for (const auto& [key, value] : runbook.metadata) field(shown_line(key), to_text(value));
    add_inputs(runbook.inputs);
    add_section("Prerequisites", runbook.prerequisites);
    add_section("Steps", runbook.steps);
    add_section("Verification", runbook.verification);
    add_section("General rollback", runbook.rollback);
    add_section("State, printed and compared, no part of a run", runbook.state);
    add_related(runbook.related);
    return std::move(text_);
  }

private:
  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }

  void field(std::string_view name, const std::string& value) {
    if (!value.empty()) line("  {:<17}{}", name, shown_line(value));
  }

  void add_inputs(const std::vector<Input>& inputs) {
    if (inputs.empty()) return;
    line("\nInputs");
    for (const Input& input : inputs) {
      std::string text = fmt::format("{}  {}", shown_line(input.name), to_string(input.type));
      if (input.required) text += ", required";
      if (input.default_value) text += fmt::format(", default {}", shown_line(canonical_json(*input.default_value)));
      if (!input.pattern.empty()) text += fmt::format(", pattern {}", shown_line(input.pattern));
      line("  {}", text);
      if (!input.description.empty()) line("      {}", shown_line(input.description));
    }
  }

  void add_section(std::string_view name, const std::vector<Step>& steps) {
    if (steps.empty()) return;
    line("\n{}", name);
    for (std::size_t i = 0; i < steps.size(); ++i) add_step(std::to_string(i + 1), 2, steps[i]);
  }

  /// Steps inside of steps are numbered 2.1, 2.2 … and indented.
  void add_step(const std::string& number, std::size_t indent, const Step& step) {
    line("{:{}}{}. {}  {{#{}}}{}", "", indent, number, shown_line(step.title), shown_line(step.id), attributes(step));
    const std::size_t inside = indent + 5;
    add_actions(inside, "probe: ", step.probe);
    add_actions(inside, "", step.actions);
    add_actions(inside, "check: ", step.checks);
    add_actions(inside, "undo: ", step.undo);
    const std::size_t deeper = std::min(indent + 3, deepest_indent);
    for (std::size_t i = 0; i < step.steps.size(); ++i) {
      add_step(fmt::format("{}.{}", number, i + 1), deeper, step.steps[i]);
    }
  }

  void add_actions(std::size_t indent, std::string_view what, const std::vector<Action>& actions) {
    for (const Action& action : actions) {
      line("{:{}}{}{}{}", "", indent, what, shown_line(action.handler), attributes(action));
      if (const std::string text = first_line(essence(action)); !text.empty()) line("{:{}}{}", "", indent + 2, text);
    }
  }

  void add_related(const std::vector<Link>& links) {
    if (links.empty()) return;
    line("\nRelated runbooks");
    for (const Link& link : links) line("  {}  {}", shown_line(link.text), shown_line(link.target));
  }

  std::string text_;
};

} // namespace

std::string overview(const Runbook& runbook) {
  return Overview().of(runbook);
}

} // namespace runbook::cli
