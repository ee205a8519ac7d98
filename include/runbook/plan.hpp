// Plans: a runbook with its inputs bound and everything checked that can be checked before anything runs.
//
// Ownership: a `Plan` is an immutable value that shares its content; copies are cheap. Thread-safety: immutable.
#pragma once

#include <runbook/event.hpp>
#include <runbook/expression.hpp>
#include <runbook/handler.hpp>
#include <runbook/model.hpp>
#include <runbook/terminal.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// One action of a plan.
struct PlannedAction {
  Action action;
  std::uint32_t handler = 0; ///< index into `Plan::handlers()`
  Effect effect = Effect::mutating;
  bool asks = false;                      ///< a person is asked; no handler is started
  bool expands = false;                   ///< `{{ name }}` in its parameters is filled in
  std::vector<std::string> expanded{};    ///< parameters in which it is filled in although `expands` is false
  std::vector<std::string> expressions{}; ///< that the handler evaluates over inputs and captures
  std::vector<std::string> captures{};    ///< the names that the handler gives to parts of what it brings
  std::optional<Expression> until{};      ///< repeated until this is true
};

/// One step of a plan: an item of any section.
struct PlannedStep {
  std::string id{};
  std::string title{}; ///< with the inputs in it
  Section section = Section::steps;
  Effect effect = Effect::mutating; ///< the strongest of its actions'
  std::string group{}; ///< the titles of the steps that it stands in, outermost first, parted by " › "; empty: none
  std::vector<std::uint32_t> conditions{}; ///< all must be true for it to be done: indices into `Plan::conditions()`
  std::uint32_t unit = 0;                  ///< index into `Plan::units()`; in a general rollback its loop, if any
  std::uint32_t scope = 0;                 ///< index into `Plan::scopes()`: the runbook that it belongs to
  std::uint32_t opens = 0;                 ///< the scope that it opens: it runs another runbook; 0: none
  bool observed = false;                   ///< a condition asks how it went
  bool chosen = true;                      ///< else it is left out: see `choose`
  bool irreversible = false;
  bool isolated = false;
  OnFailure on_failure = OnFailure::rollback;
  OnDoubt on_doubt = OnDoubt::ask;
  std::vector<PlannedAction> forward{};
  std::vector<PlannedAction> checks{};
  std::vector<PlannedAction> undo{};
  std::vector<PlannedAction> probe{};
  SourceSpan span{};

  [[nodiscard]] const std::vector<PlannedAction>& of(ActionKind kind) const noexcept {
    switch (kind) {
    case ActionKind::check: return checks;
    case ActionKind::undo: return undo;
    case ActionKind::probe: return probe;
    case ActionKind::forward: break;
    }
    return forward;
  }
};

/// Steps that are done once for each element of a list.
struct PlannedLoop {
  Expression over;                         ///< gives the list
  std::string as{};                        ///< the name of the value that holds the element
  std::uint32_t parallel = 1;              ///< how many elements at once
  std::vector<std::uint32_t> conditions{}; ///< of what the loop stands in; where one is false there is no list
};

/// What a run takes up as a whole before the general rollback: a step, or the steps of a loop.
struct PlannedUnit {
  struct Range {
    std::uint32_t begin = 0;
    std::uint32_t end = 0;
    friend bool operator==(const Range&, const Range&) = default;
  };
  std::uint32_t first = 0;    ///< index of its first step
  std::uint32_t end = 0;      ///< behind its last step
  std::vector<Range> after{}; ///< the units that must be done before it begins
  bool apart = false; ///< others may run meanwhile: it finds the terminal of its beginning, and hands nothing on
  std::optional<PlannedLoop> loop{};
};

/// A runbook in a plan: the one that was planned, or one that a step runs. Names mean something within their scope
/// alone: inputs, captures, steps in conditions. Each has a terminal and a general rollback of its own.
struct PlannedScope {
  std::uint32_t opener = 0;         ///< the step that runs it; without meaning for the first scope
  std::uint32_t parent = 0;         ///< the scope of that step
  std::uint32_t rollback_begin = 0; ///< its general rollback: the first step
  std::uint32_t rollback_end = 0;   ///< behind the last one
  bool in_loop = false;             ///< its opener is done for each element of a list
  std::string prefix{};             ///< of its steps' ids: "deploy/"; empty for the first scope
  Values inputs{};                  ///< those whose values are known before the run
  std::map<std::string, std::string, std::less<>>
      secrets{}; ///< by their names in it, the names that the plan has for them

  /// A step's id as the runbook itself has it.
  [[nodiscard]] std::string_view local(std::string_view id) const noexcept { return id.substr(prefix.size()); }
};

/// What an earlier run has done and left, for a plan that goes on from there: see `continue_from`.
struct Continued {
  /// What it left in one of the plan's scopes.
  struct Scope {
    Values values{};  ///< inputs and captures
    Values results{}; ///< how the steps went that conditions ask about, by id
    Terminal terminal{};
  };
  std::string run{}; ///< the earlier run's id
  std::vector<Scope> scopes{};
};

class RUNBOOK_EXPORT Plan {
public:
  struct Content {
    Runbook runbook;
    Values inputs;
    SecretOrigins secrets;
    std::vector<Input> secret_inputs; ///< the declarations of `secrets`, under the same names
    /// Access, prerequisites, steps, verification, general rollback: in this order. What another runbook does stands
    /// behind the step that runs it, but its general rollback in front of the one of the runbook that runs it.
    std::vector<PlannedStep> steps;
    std::vector<PlannedUnit> units;   ///< in the order of their steps
    std::vector<PlannedScope> scopes; ///< the first is the runbook itself
    std::vector<Expression> conditions;
    std::vector<std::string> handlers;
    std::vector<Diagnostic> warnings;
    std::shared_ptr<const Outline> outline;
    std::vector<Selection> selections;          ///< what was chosen, one after the other
    std::shared_ptr<const Continued> continued; ///< null: the run begins at the beginning
    RiskLevel risk_level = RiskLevel::unspecified;
    std::string built_document; ///< the canonical JSON form of a runbook that was built in code; else empty
    std::string document_digest;
    std::string digest;
  };

  /// Used by `make_plan`.
  explicit Plan(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  [[nodiscard]] const Content& content() const noexcept { return *content_; }
  [[nodiscard]] const Runbook& runbook() const noexcept { return content_->runbook; }
  /// The inputs with their values, defaults included; without those that are secret.
  [[nodiscard]] const Values& inputs() const noexcept { return content_->inputs; }
  [[nodiscard]] const std::vector<PlannedStep>& steps() const noexcept { return content_->steps; }
  [[nodiscard]] const std::vector<PlannedUnit>& units() const noexcept { return content_->units; }
  /// Never empty: the first is the runbook itself.
  [[nodiscard]] const std::vector<PlannedScope>& scopes() const noexcept { return content_->scopes; }
  [[nodiscard]] const std::vector<Expression>& conditions() const noexcept { return content_->conditions; }
  [[nodiscard]] const Continued* continued() const noexcept { return content_->continued.get(); }
  /// The inputs that are secret, and where their values come from. One of a runbook that a step runs has the step's id
  /// in front: "deploy/token". A plan holds no secret's value.
  [[nodiscard]] const SecretOrigins& secrets() const noexcept { return content_->secrets; }
  /// How the secrets are declared, each under its name in `secrets()`.
  [[nodiscard]] const std::vector<Input>& secret_inputs() const noexcept { return content_->secret_inputs; }
  /// The highest of the runbook and those that its steps run.
  [[nodiscard]] RiskLevel risk_level() const noexcept { return content_->risk_level; }
  /// The names of the handlers that the plan uses.
  [[nodiscard]] const std::vector<std::string>& handlers() const noexcept { return content_->handlers; }
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const noexcept { return content_->warnings; }
  [[nodiscard]] const std::shared_ptr<const Outline>& outline() const noexcept { return content_->outline; }
  /// The document's bytes, or its canonical JSON form when it was built in code.
  [[nodiscard]] const std::string& document() const noexcept {
    return runbook().source.empty() ? content_->built_document : runbook().source;
  }
  /// What a store keeps with a run: `document()`; for a runbook whose steps run others the canonical JSON of all of
  /// them, {"document": text, "runbooks": {path: {"text": text} or {"json": JSON form}}}.
  [[nodiscard]] std::string stored_document() const;
  /// SHA-256 in hex of `document()`.
  [[nodiscard]] const std::string& document_digest() const noexcept { return content_->document_digest; }
  /// SHA-256 in hex of everything that the plan will do: document, inputs, steps, the
  /// names and origins of secrets, and the rules' version.
  [[nodiscard]] const std::string& digest() const noexcept { return content_->digest; }

  [[nodiscard]] const PlannedAction& action(const ActionRef& at) const { return steps()[at.step].of(at.kind)[at.part]; }

private:
  std::shared_ptr<const Content> content_;
};

/// Binds the inputs and checks everything. Fails with every problem at once: unknown, missing or wrong inputs
/// (`errc::invalid_input`), unknown handlers (`errc::unknown_handler`), errors of the document
/// (`errc::invalid_document`). Where there are several kinds the code is that of the last one named here.
///
/// `inputs` may hold strings for any type: they are converted as a command line's words would be. Null is the same as
/// not given. An input that is neither given nor has a default is null, which is the empty string to programs and in
/// templates. Text must be UTF-8 without NUL. A default is used even where the input is said to be required.
///
/// A step of the handler `runbook` is planned together with the runbook that it runs, which stands in
/// `Runbook::runbooks`: its steps stand in the plan with the step's id in front ("deploy/unpack"). Its inputs are those
/// that the step gives it, and nothing else is known in it. A runbook that would run itself is refused.
///
/// A secret has no value here: it comes when a run starts, from where `secrets` says, else from where the document
/// says, else from `StartOptions::secrets`. A value for it among the inputs is an error that does not repeat it, and so
/// is `{{ name }}` of a secret in what is shown: titles, questions, expected output and conditions.
///
/// An action's effect is what the document states, else what the handler says. But what is only checked (prerequisites,
/// verification, a step's checks) is pure unless stated otherwise; an item with an undo of its own is not a mere check.
[[nodiscard]] RUNBOOK_EXPORT Result<Plan> make_plan(const Runbook& runbook, const HandlerRegistry& handlers,
                                                    const Values& inputs = {}, const SecretOrigins& secrets = {});

/// The same plan, of which a run leaves out what is not chosen: it has a digest of its own. Prerequisites are done all
/// the same, unless they are skipped by name; so is the general rollback when the run fails. Fails with
/// `errc::invalid_argument` if there is no such step, and if a chosen step needs what a left-out one would have given:
/// a capture, or a result that a condition asks for. What left-out steps would have exported is not known to any check.
[[nodiscard]] RUNBOOK_EXPORT Result<Plan> choose(const Plan& plan, const Selection& selection);

/// The dry run as text: what would happen, in order, with the undo of each step; what depends on a result that a run
/// would have to bring is marked `unverifiable`.
[[nodiscard]] RUNBOOK_EXPORT std::string to_text(const Plan& plan);

/// The dry run as JSON: the digests, the inputs, the origins of secrets and the steps with their actions.
[[nodiscard]] RUNBOOK_EXPORT Value to_json(const Plan& plan);

} // namespace runbook
