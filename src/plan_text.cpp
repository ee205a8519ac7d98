#include "plan/action_text.hpp"
#include "plan/flow_text.hpp"
#include "plan/json.hpp"
#include "plan/references.hpp"
#include "printable.hpp"
#include "template.hpp"

#include <runbook/plan.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t digest_digits = 12;

std::string_view heading_of(Section section) noexcept {
  switch (section) {
  case Section::prerequisites: return "Prerequisites";
  case Section::steps: return "Steps";
  case Section::verification: return "Verification";
  case Section::rollback: return "General rollback, after the steps' own undos";
  }
  return "Items";
}

std::string_view item_name(Section section) noexcept {
  switch (section) {
  case Section::prerequisites: return "prerequisite";
  case Section::verification: return "verification";
  case Section::rollback: return "general rollback";
  case Section::steps: break;
  }
  return "step";
}

std::string_view label_of(ActionKind kind) noexcept {
  switch (kind) {
  case ActionKind::check: return "check: ";
  case ActionKind::undo: return "undo: ";
  case ActionKind::probe: return "probe: ";
  case ActionKind::forward: break;
  }
  return "";
}

/// What else is said of an action, behind its head.
std::string qualifiers(const Action& action) {
  std::vector<std::string> parts;
  if (action.timeout) parts.push_back("timeout " + duration_text(*action.timeout));
  const RetryPolicy& retry = action.retry;
  if (retry.retries > 0) {
    parts.push_back(fmt::format("{} {} after {} to {}", retry.retries, retry.retries == 1 ? "retry" : "retries",
                                duration_text(std::min(retry.delay, retry.max_delay)), duration_text(retry.max_delay)));
  }
  if (action.until) parts.push_back(fmt::format("until {}", action.until->text));
  if (!action.capture.empty()) parts.push_back(fmt::format("captures '{}'", action.capture));
  return parts.empty() ? std::string() : fmt::format(" ({})", fmt::join(parts, ", "));
}

/// Whether the run may have to leave the step's effect behind.
bool lacks_undo(const PlannedStep& step) noexcept {
  return step.section != Section::rollback && step.effect != Effect::pure && step.undo.empty() && !step.irreversible;
}

std::string_view what_is_expected(Expectation::Kind kind) noexcept {
  switch (kind) {
  case Expectation::Kind::http: return "this response";
  case Expectation::Kind::json: return "at least this JSON";
  case Expectation::Kind::contains: return "these lines somewhere in the output";
  case Expectation::Kind::regex: return "output that matches";
  case Expectation::Kind::text: break;
  }
  return "this output";
}

class PlanText {
public:
  explicit PlanText(const Plan& plan) : plan_(plan), captures_(captures_of(plan.steps())) {
    for (const PlannedStep& step : plan.steps()) {
      // Numbered within its section, as the document numbers them.
      numbers_.push_back(++counts_[static_cast<std::size_t>(step.section)]);
    }
  }

  std::string write() {
    write_head();
    write_inputs();
    write_named("Cannot be undone", [](const PlannedStep& step) { return step.irreversible; });
    write_named("Nothing undoes these if the run fails",
                [&](const PlannedStep& step) { return lacks_undo(step) && !has_general_rollback(step.scope); });
    write_named("Without an undo of their own: left to the general rollback",
                [&](const PlannedStep& step) { return lacks_undo(step) && has_general_rollback(step.scope); });
    for (std::size_t i = 0; i < plan_.steps().size(); ++i) {
      write_heading(i);
      write_step(i);
    }
    write_warnings();
    return std::move(out_);
  }

private:
  void line(std::size_t indent, std::string_view text) {
    if (!text.empty()) out_.append(indent, ' ');
    out_ += text;
    out_ += '\n';
  }

  /// Of the runbook, or of one that runs it.
  [[nodiscard]] bool has_general_rollback(std::uint32_t scope) const {
    const auto has = [&](const PlannedScope& each) { return each.rollback_begin < each.rollback_end; };
    while (scope != 0 && !has(plan_.scopes()[scope])) scope = plan_.scopes()[scope].parent;
    return has(plan_.scopes()[scope]);
  }

  void write_heading(std::size_t index) {
    const PlannedStep& step = plan_.steps()[index];
    const bool rolls_back = step.section == Section::rollback;
    if (index > 0) {
      const PlannedStep& before = plan_.steps()[index - 1];
      if (before.section == step.section && (!rolls_back || before.scope == step.scope)) return;
    }
    line(0, "");
    if (!rolls_back || step.scope == 0) return line(0, heading_of(step.section));
    line(0, fmt::format("General rollback of '{}', when what it has started is undone",
                        plan_.steps()[plan_.scopes()[step.scope].opener].id));
  }

  void block(std::size_t indent, const std::vector<std::string>& lines) {
    for (const std::string& text : lines) line(indent, text.empty() ? "|" : "| " + text);
  }

  void write_head() {
    const Runbook& book = plan_.runbook();
    line(0, printable(expand_known(book.title, plan_.inputs())));
    line(2, "dry run: nothing has been started");
    const std::string path = book.path.empty() ? "" : printable(book.path) + "  ";
    line(2, fmt::format("document  {}sha256 {}", path, plan_.document_digest().substr(0, digest_digits)));
    line(2, fmt::format("plan      sha256 {}", plan_.digest().substr(0, digest_digits)));
    line(2, fmt::format("risk      {}", to_string(plan_.risk_level())));
  }

  void write_inputs() {
    if (plan_.inputs().empty() && plan_.secrets().empty()) return;
    line(0, "");
    line(0, "Inputs");
    std::size_t width = 0;
    for (const auto& member : plan_.inputs()) width = std::max(width, member.key().size());
    for (const auto& [name, origin] : plan_.secrets()) width = std::max(width, name.size());
    for (const auto& [name, value] : plan_.inputs()) {
      const std::string text = value.is_null() ? "(not given)" : printable(canonical_json(value));
      line(2, fmt::format("{:<{}}  {}", std::string_view(name), width, text));
    }
    for (const auto& [name, origin] : plan_.secrets()) {
      const bool given = origin.kind == SecretOrigin::Kind::given;
      const std::string from = given ? "given when the run starts" : "from " + printable(to_string(origin));
      line(2, fmt::format("{:<{}}  (secret, {})", name, width, from));
    }
  }

  template <class Matches>
  void write_named(std::string_view heading, const Matches& matches) {
    if (std::ranges::none_of(plan_.steps(), matches)) return;
    line(0, "");
    line(0, heading);
    for (std::size_t i = 0; i < plan_.steps().size(); ++i) {
      if (matches(plan_.steps()[i])) line(2, named(i));
    }
  }

  /// `step 3 'migrate': Migrate the database`
  std::string named(std::size_t index) const {
    const PlannedStep& step = plan_.steps()[index];
    const std::string_view kind = item_name(step.section);
    return printable(fmt::format("{} {} '{}': {}", kind, numbers_[index], step.id, step.title));
  }

  void write_step(std::size_t index) {
    const PlannedStep& step = plan_.steps()[index];
    std::string marks(step.chosen ? to_string(step.effect) : "left out");
    if (step.irreversible) marks += ", cannot be undone";
    if (lacks_undo(step)) marks += ", no undo";
    if (step.on_failure != OnFailure::rollback) {
      marks += fmt::format(", on failure: {}", to_string(step.on_failure));
    }
    line(2, fmt::format("{}. {}  ({})  [{}]", numbers_[index], printable(step.title), printable(step.id), marks));
    if (!step.group.empty()) line(5, fmt::format("part of: {}", printable(step.group)));
    for (const std::string& text : flow_lines(plan_, index)) line(5, text);
    for (const PlannedAction& action : step.probe) write_action(step.scope, "probe: ", action);
    for (const ActionKind kind : {ActionKind::forward, ActionKind::check, ActionKind::undo}) {
      for (const PlannedAction& action : step.of(kind)) write_action(step.scope, label_of(kind), action);
    }
    if (step.opens != 0) write_secrets(plan_.scopes()[step.opens]);
  }

  /// Those of a runbook that a step runs.
  void write_secrets(const PlannedScope& scope) {
    for (const auto& [name, of_plan] : scope.secrets) {
      line(7, fmt::format("| {}: the secret '{}'", name, printable(of_plan)));
    }
  }

  void write_action(std::uint32_t scope, std::string_view label, const PlannedAction& planned) {
    const Values& inputs = plan_.scopes()[scope].inputs;
    const ActionText text = action_text(planned, plan_.handlers()[planned.handler], inputs);
    line(5, fmt::format("{}{}{}", label, text.head, printable(qualifiers(planned.action))));
    block(7, text.lines);
    if (const auto& expect = planned.action.expect) {
      line(5, fmt::format("expects {}", what_is_expected(expect->kind)));
      const Place place = expect->kind == Expectation::Kind::json ? Place::json : Place::text;
      block(7, shown_lines(expand_known(expect->text, inputs, place)));
    }
    for (const std::string& name : captures_used(planned, captures_[scope])) {
      const PlannedStep& source = plan_.steps()[captures_[scope].find(name)->second.step];
      line(5, fmt::format("unverifiable: depends on '{}' from step '{}'", name, printable(source.id)));
    }
  }

  void write_warnings() {
    if (plan_.warnings().empty()) return;
    line(0, "");
    line(0, "Warnings");
    for (const Diagnostic& warning : plan_.warnings()) line(2, printable(to_string(warning)));
  }

  const Plan& plan_;
  std::vector<Captures> captures_; // by scope
  std::array<std::size_t, 4> counts_{};
  std::vector<std::size_t> numbers_;
  std::string out_;
};

/// Adds what a dry run knows beyond what the plan's digest is taken of.
void add_unverifiable(boost::json::array& actions, const std::vector<PlannedAction>& planned, const Plan& plan,
                      const Captures& captures) {
  for (std::size_t i = 0; i < planned.size(); ++i) {
    boost::json::array depends;
    for (const std::string& name : captures_used(planned[i], captures)) {
      const PlannedStep& source = plan.steps()[captures.find(name)->second.step];
      depends.push_back(Values{{"name", name}, {"step", source.id}});
    }
    if (!depends.empty()) actions[i].as_object()["unverifiable"] = std::move(depends);
  }
}

} // namespace

std::string to_text(const Plan& plan) {
  return PlanText(plan).write();
}

Value to_json(const Plan& plan) {
  const std::vector<Captures> scopes = captures_of(plan.steps());
  boost::json::array steps;
  for (const PlannedStep& step : plan.steps()) {
    const Captures& captures = scopes[step.scope];
    Values out = step_json(step, plan.content());
    if (step.span.known()) out["line"] = step.span.line;
    add_unverifiable(out["actions"].as_array(), step.forward, plan, captures);
    add_unverifiable(out["checks"].as_array(), step.checks, plan, captures);
    add_unverifiable(out["undo"].as_array(), step.undo, plan, captures);
    if (!step.probe.empty()) add_unverifiable(out["probe"].as_array(), step.probe, plan, captures);
    steps.emplace_back(std::move(out));
  }
  Values out;
  out["title"] = expand_known(plan.runbook().title, plan.inputs());
  out["path"] = plan.runbook().path;
  out["risk_level"] = to_string(plan.risk_level());
  out["document_digest"] = plan.document_digest();
  out["digest"] = plan.digest();
  out["inputs"] = plan.inputs();
  if (!plan.secrets().empty()) out["secrets"] = secrets_json(plan.secrets());
  out["steps"] = std::move(steps);
  boost::json::array& units = out["units"].emplace_array();
  for (const PlannedUnit& unit : plan.units()) units.emplace_back(unit_json(unit));
  return out;
}

} // namespace runbook
