// What a person reads in a document, written down by hand as JSON, and how it differs from what the reader made of it.
//
//   {"title": "…", "steps": [{"title": "…", "do": ["a script", {"ask": "…"}], "undo": […], "steps": […]}],
//    "diagnostics": ["14: no-language"]}
//
// What is left out is expected to be empty; `id`, `shell`, `capture` and `headers` are compared where they are given.
// `shown` lists texts that the notes of a step must hold. Every error must be among the diagnostics.
#pragma once

#include <runbook/parse.hpp>

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

namespace runbook::testing {

/// Text may be written as a list of lines.
inline std::string joined_lines(const Value& value) {
  if (!value.is_array()) return to_text(value);
  std::string text;
  for (const Value& line : value.get_array()) {
    if (&line != value.get_array().data()) text += '\n';
    text += to_text(line);
  }
  return text;
}

/// An action in the form in which the expectations write it.
inline Values written(const Action& action) {
  Values out;
  const auto take = [&](std::string_view param, std::string_view name) {
    if (const Value* value = action.params.if_contains(param)) out[name] = *value;
  };
  if (action.handler == "shell") {
    take("script", "run");
    take("shell", "shell");
  } else if (action.handler == "confirm") {
    take("prompt", "ask");
  } else if (action.handler == "runbook") {
    take("file", "runbook");
  } else if (action.handler == "http") {
    out["request"] = to_text(action.params.at("method")) + " " + to_text(action.params.at("url"));
    take("headers", "headers");
    take("body", "body");
  } else {
    out["handler"] = action.handler;
  }
  if (!action.capture.empty()) out["capture"] = action.capture;
  if (action.expect) out["expects"] = Values{{to_string(action.expect->kind), action.expect->text}};
  return out;
}

/// The same for an action of an expectation, which may be a script alone.
inline Values written(const Value& action) {
  if (!action.is_object()) return {{"run", joined_lines(action)}};
  Values out = action.get_object();
  for (const std::string_view name : {"run", "ask", "body"}) {
    if (const Value* text = out.if_contains(name); text != nullptr && text->is_array()) out[name] = joined_lines(*text);
  }
  if (Value* expects = out.if_contains("expects")) {
    for (auto& [kind, text] : expects->get_object()) text = joined_lines(text);
  }
  return out;
}

class BookDifferences {
public:
  [[nodiscard]] static std::vector<std::string> between(const Values& expected, const Parsed& found) {
    BookDifferences differences;
    differences.front(expected, found.runbook);
    differences.inputs(list(expected, "inputs"), found.runbook.inputs);
    differences.related(list(expected, "related"), found.runbook.related);
    const Runbook& book = found.runbook;
    differences.steps("prerequisite", list(expected, "prerequisites"), book.prerequisites);
    differences.steps("step", list(expected, "steps"), book.steps);
    differences.steps("verification", list(expected, "verification"), book.verification);
    differences.steps("rollback item", list(expected, "rollback"), book.rollback);
    differences.steps("state item", list(expected, "state"), book.state);
    differences.diagnostics(list(expected, "diagnostics"), found.diagnostics);
    return std::move(differences.all_);
  }

private:
  static boost::json::array list(const Values& object, std::string_view name) {
    const Value* value = object.if_contains(name);
    return value == nullptr ? boost::json::array() : value->as_array();
  }

  static std::string text(const Values& object, std::string_view name) {
    const Value* value = object.if_contains(name);
    return value == nullptr ? std::string() : joined_lines(*value);
  }

  void compare(std::string_view what, const std::string& expected, const std::string& found) {
    if (expected != found)
      all_.push_back(fmt::format("{}\n    a person: {}\n    the reader: {}", what, expected, found));
  }

  void front(const Values& expected, const Runbook& book) {
    compare("the title", text(expected, "title"), book.title);
    compare("the purpose", text(expected, "purpose"), book.purpose);
    compare("the frequency", text(expected, "frequency"), book.frequency.text);
    const Value* risk = expected.if_contains("risk_level");
    compare("the risk level", risk == nullptr ? "unspecified" : to_text(*risk),
            std::string(to_string(book.risk_level)));
    const Value* metadata = expected.if_contains("metadata");
    compare("the metadata", canonical_json(metadata == nullptr ? Value(Values()) : *metadata),
            canonical_json(Value(book.metadata)));
  }

  void inputs(const boost::json::array& expected, const std::vector<Input>& found) {
    std::vector<std::string> lines(2);
    for (const Value& input : expected) lines[0] += "\n      " + canonical_json(input);
    for (const Input& input : found) {
      Values all{{"name", input.name}, {"type", to_string(input.type)}, {"required", input.required}};
      if (input.default_value) all["default"] = *input.default_value;
      if (!input.pattern.empty()) all["pattern"] = input.pattern;
      if (!input.description.empty()) all["description"] = input.description;
      lines[1] += "\n      " + canonical_json(Value(all));
    }
    compare("the inputs", lines[0], lines[1]);
  }

  void related(const boost::json::array& expected, const std::vector<Link>& found) {
    std::vector<std::string> lines(2);
    for (const Value& target : expected) lines[0] += to_text(target) + " ";
    for (const Link& link : found) lines[1] += link.target + " ";
    compare("the related runbooks", lines[0], lines[1]);
  }

  void steps(const std::string& where, const boost::json::array& expected, const std::vector<Step>& found) {
    if (expected.size() != found.size()) {
      std::vector<std::string> titles(2);
      for (const Value& step : expected) titles[0] += "\n      " + text(step.as_object(), "title");
      for (const Step& step : found) titles[1] += "\n      " + step.title;
      compare(fmt::format("{}: a person reads {}, the reader {}", where, expected.size(), found.size()), titles[0],
              titles[1]);
    }
    for (std::size_t i = 0; i < std::min(expected.size(), found.size()); ++i) {
      step(fmt::format("{} {}", where, i + 1), expected[i].as_object(), found[i]);
    }
  }

  void step(const std::string& where, const Values& expected, const Step& found) {
    compare(where + ", its title", text(expected, "title"), found.title);
    if (expected.contains("id")) compare(where + ", its id", text(expected, "id"), found.id);
    actions(where + ", what it does", list(expected, "do"), found.actions);
    actions(where + ", its checks", list(expected, "check"), found.checks);
    actions(where + ", its undo", list(expected, "undo"), found.undo);
    actions(where + ", its probe", list(expected, "probe"), found.probe);
    for (const Value& shown : list(expected, "shown")) {
      if (found.notes.find(to_text(shown)) == std::string::npos)
        compare(where + ", what is shown", to_text(shown), found.notes);
    }
    steps(where + ", its step", list(expected, "steps"), found.steps);
  }

  void actions(const std::string& where, const boost::json::array& expected, const std::vector<Action>& found) {
    std::vector<std::string> lines(2);
    for (std::size_t i = 0; i < std::max(expected.size(), found.size()); ++i) {
      const Values action = i < expected.size() ? written(expected[i]) : Values();
      if (i < expected.size()) lines[0] += "\n      " + canonical_json(Value(action));
      if (i >= found.size()) continue;
      Values reader = written(found[i]);
      for (const std::string_view optional : {"shell", "capture", "headers"}) {
        if (!action.contains(optional)) reader.erase(optional);
      }
      lines[1] += "\n      " + canonical_json(Value(reader));
    }
    compare(where, lines[0], lines[1]);
  }

  void diagnostics(const boost::json::array& expected, const std::vector<Diagnostic>& found) {
    const auto name = [](const Diagnostic& d) { return fmt::format("{}: {}", d.span.line, d.code); };
    for (const Value& value : expected) {
      const auto is_it = [&](const Diagnostic& d) { return name(d) == to_text(value); };
      if (std::ranges::none_of(found, is_it)) all_.push_back("the reader does not say " + to_text(value));
    }
    for (const Diagnostic& d : found) {
      const bool known = std::ranges::any_of(expected, [&](const Value& value) { return to_text(value) == name(d); });
      if (d.severity == Severity::error && !known) all_.push_back("no person expects: " + to_string(d));
    }
  }

  std::vector<std::string> all_;
};

} // namespace runbook::testing
