#include "plan/secrets.hpp"

#include "plan/asked_secrets.hpp"
#include "plan/references.hpp"
#include "plan/strings.hpp"
#include "suggest.hpp"
#include "template.hpp"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace runbook {

namespace {

void check_declaration(const Input& input, Findings& findings) {
  const Where where{{}, input.span};
  if (input.type != InputType::secret) {
    if (input.from == SecretOrigin{}) return;
    findings.document_error("secret-input", where,
                            fmt::format("input '{}' says where it comes from, which only a secret does", input.name),
                            "make it a secret, or remove that");
  } else if (input.default_value) {
    findings.document_error("secret-input", where,
                            fmt::format("the secret '{}' has a default, for all to read", input.name),
                            "remove it, and make it invalid where it counts: it has been read already");
  }
}

/// Calls `visit(step, action)` for every question whose answer is a secret.
template <class Visit>
void for_each_asked_secret(const PlannedSteps& planned, const Visit& visit) {
  for (const PlannedStep& step : planned.steps) {
    for (const auto* actions : {&step.forward, &step.checks, &step.undo, &step.probe}) {
      for (const PlannedAction& action : *actions) {
        if (asks_for_secret(action)) visit(step, action.action);
      }
    }
  }
}

/// The secrets by name, and those that somebody will be asked for.
SecretOrigins with_asked(SecretOrigins secrets, const PlannedSteps& planned, const std::vector<PlannedUnit>& units,
                         Findings& findings) {
  for_each_asked_secret(planned, [&](const PlannedStep& step, const Action& action) {
    secrets.try_emplace(action.capture);
    if (step.section == Section::rollback || !units[step.unit].loop) return;
    findings.document_error("question-answer", {step.id, action.span.known() ? action.span : step.span},
                            "a loop cannot ask for a secret: there would be several of one name",
                            "ask for it in front of the loop");
  });
  return secrets;
}

class SecretPlaces {
public:
  SecretPlaces(const SecretOrigins& secrets, const HandlerRegistry& handlers, Findings& findings)
      : secrets_(secrets), handlers_(handlers), findings_(findings) {}

  void check(const PlannedSteps& planned) {
    for (const PlannedStep& step : planned.steps) {
      shown({step.id, step.span}, step.title, "a title");
      for (const auto* actions : {&step.forward, &step.checks, &step.undo, &step.probe}) {
        for (const PlannedAction& action : *actions) check(step, action, planned.handlers);
      }
    }
  }

  void shown(const Where& where, std::string_view text, std::string_view what) {
    for (const std::string& name : template_names(text)) {
      const std::string_view first = std::string_view(name).substr(0, name.find('.'));
      if (!secrets_.contains(first)) continue;
      findings_.document_error("secret-shown", where, fmt::format("the secret '{}' would be seen in {}", first, what),
                               "scripts have it as an environment variable, requests may hold it");
    }
  }

private:
  void check(const PlannedStep& step, const PlannedAction& planned, const std::vector<std::string>& names) {
    const Action& action = planned.action;
    const Where where{step.id, action.span.known() ? action.span : step.span};
    if (action.expect) shown(where, action.expect->text, "the expected output");
    if (planned.handler >= names.size()) return; // an unknown handler
    const auto handler = handlers_.find(names[planned.handler]);
    for (const std::string& expression : planned.expressions) {
      for (const std::string& name : expression_names(expression)) {
        if (!secrets_.contains(name)) continue;
        findings_.document_error("secret-shown", where,
                                 fmt::format("an expression cannot ask about the secret '{}'", name),
                                 "its answer would be in the journal: ask about something else");
      }
    }
    for (const auto& [name, value] : action.params) {
      const bool exposed = planned.asks || is_exposed(handler->info(), name);
      if (!exposed || !is_filled_in(planned, name)) continue;
      for_each_string(value,
                      [&](std::string_view text) { shown(where, text, fmt::format("'{}'", std::string_view(name))); });
    }
  }

  static bool is_exposed(const HandlerInfo& info, std::string_view name) {
    const auto param = std::ranges::find(info.params, name, &HandlerParam::name);
    return param != info.params.end() && param->exposed;
  }

  const SecretOrigins& secrets_;
  const HandlerRegistry& handlers_;
  Findings& findings_;
};

} // namespace

SecretOrigins bind_secrets(const Runbook& runbook, const SecretOrigins& given, Findings& findings) {
  SecretOrigins secrets;
  std::vector<std::string> names;
  for (const Input& input : runbook.inputs) {
    check_declaration(input, findings);
    if (input.type != InputType::secret) continue;
    const auto said = given.find(input.name);
    secrets.emplace(input.name, said == given.end() ? input.from : said->second);
    names.push_back(input.name);
  }
  for (const auto& [name, origin] : given) {
    if (secrets.contains(name)) continue;
    std::string hint = did_you_mean(name, names);
    if (hint.empty())
      hint = names.empty() ? "the runbook has no secrets" : fmt::format("the secrets are {}", fmt::join(names, ", "));
    findings.input_error("unknown-input", {}, fmt::format("there is no secret '{}'", name), hint);
  }
  return secrets;
}

void check_secret_places(const Runbook& runbook, const SecretOrigins& given, const PlannedSteps& planned,
                         const std::vector<PlannedUnit>& units, const HandlerRegistry& handlers, Findings& findings) {
  const SecretOrigins secrets = with_asked(given, planned, units, findings);
  if (secrets.empty()) return;
  SecretPlaces places(secrets, handlers, findings);
  places.shown({}, runbook.title, "the title");
  places.check(planned);
}

} // namespace runbook
