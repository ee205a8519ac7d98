#include "secret/run_secrets.hpp"

#include "pattern.hpp"

#include <algorithm>
#include <exception>
#include <optional>
#include <variant>

#include <fmt/format.h>

namespace runbook {

namespace {

Error unavailable(const std::string& name, const SecretOrigin& origin, std::string_view why) {
  const std::string from = origin.kind == SecretOrigin::Kind::given ? std::string() : " from " + to_string(origin);
  return {errc::secret_unavailable, fmt::format("the secret '{}'{} {}", name, from, why), {}};
}

/// What is thrown may hold anything, a value too: it is not repeated.
Result<Secret> ask(SecretSource& source, const SecretRequest& request) {
  try {
    Result<Secret> got = source.get(request);
    if (got) return got;
    return unavailable(request.name, request.origin, "cannot be got: " + got.error().message);
  } catch (...) {
    return unavailable(request.name, request.origin, "cannot be got: its source threw an exception");
  }
}

std::optional<std::string> problem_with(const Input& input, const Secret& secret) {
  if (secret.empty()) {
    return input.required ? std::optional<std::string>("is required and is not there") : std::nullopt;
  }
  if (auto why = flaw(secret)) return why;
  if (input.pattern.empty()) return std::nullopt;
  std::string why;
  const auto pattern = Pattern::compile(input.pattern, why);
  if (pattern && pattern->matches(secret.reveal())) return std::nullopt;
  return "does not match its pattern";
}

/// The plan's secrets by the names that each scope has for them.
std::vector<Secrets> named_in(const std::vector<PlannedScope>& scopes, const Secrets& secrets) {
  std::vector<Secrets> by_scope;
  for (const PlannedScope& scope : scopes) {
    Secrets& own = by_scope.emplace_back();
    for (const auto& [name, of_plan] : scope.secrets) {
      if (const auto secret = secrets.find(of_plan); secret != secrets.end()) own.emplace(name, secret->second);
    }
  }
  return by_scope;
}

/// Under names of no meaning.
Secrets all_of(const std::vector<Secrets>& by_scope) {
  Secrets all;
  for (const Secrets& secrets : by_scope) {
    for (const auto& [name, secret] : secrets) all.emplace(std::to_string(all.size()), secret);
  }
  return all;
}

/// Masks the texts of an event, each kind by its members.
struct Masking {
  const RunSecrets& secrets;

  void operator()(StepOutcome& e) const {
    secrets.mask(e.outcome.message);
    secrets.mask(e.outcome.value);
    secrets.mask(e.captured);
    secrets.mask(e.printed);
  }
  void operator()(StepSettled& e) const { secrets.mask(e.outcome.message); }
  void operator()(LoopBegun& e) const {
    for (Value& item : e.items) secrets.mask(item);
  }
  void operator()(Claimed& e) const { secrets.mask(e.owner); }
  void operator()(StepDoubt& e) const { secrets.mask(e.evidence); }
  void operator()(DoubtResolved& e) const {
    secrets.mask(e.who);
    secrets.mask(e.evidence);
  }
  void operator()(WaitOpened& e) const {
    secrets.mask(e.text);
    for (std::string& choice : e.wants.choices) secrets.mask(choice);
  }
  void operator()(WaitAnswered& e) const {
    secrets.mask(e.who);
    secrets.mask(e.note);
    secrets.mask(e.value);
  }
  void operator()(WaitUnreachable& e) const { secrets.mask(e.reason); }
  void operator()(CancelRequested& e) const { secrets.mask(e.who); }
  void operator()(RollbackBegun& e) const { secrets.mask(e.reason); }
  void operator()(RunParked& e) const { secrets.mask(e.reason); }
  void operator()(RunClosed& e) const { secrets.mask(e.reason); }
  // No text but what is masked before or comes from the document.
  void operator()(RunCreated&) const {}
  void operator()(StepIntent&) const {}
  void operator()(StepTakenUp&) const {}
  void operator()(StepOutput&) const {}
  void operator()(TimerSet&) const {}
  void operator()(TimerFired&) const {}
};

} // namespace

RunSecrets::RunSecrets(std::vector<Secrets> by_scope)
    : by_scope_(std::move(by_scope)), redactor_(std::make_shared<const Redactor>(all_of(by_scope_))) {}

Result<std::shared_ptr<const RunSecrets>> RunSecrets::get(const Plan& plan, Secrets given, SecretSource& source,
                                                          const std::string& directory,
                                                          const std::vector<std::string>& environment) {
  for (const auto& [name, secret] : given) {
    if (!plan.secrets().contains(name)) {
      return Error{errc::invalid_argument, fmt::format("the plan has no secret '{}'", name), {}};
    }
  }
  if (plan.secrets().empty()) return std::shared_ptr<const RunSecrets>();
  Secrets secrets;
  for (const Input& input : plan.secret_inputs()) {
    SecretOrigin origin = plan.secrets().at(input.name);
    Secret secret;
    if (const auto handed = given.find(input.name); handed != given.end()) {
      secret = handed->second;
      origin = {};
    } else if (origin.kind != SecretOrigin::Kind::given) {
      auto got = ask(source, {input.name, origin, directory, environment});
      if (!got) return got.error();
      secret = std::move(*got);
    }
    if (const auto problem = problem_with(input, secret)) return unavailable(input.name, origin, *problem);
    secrets.emplace(input.name, std::move(secret));
  }
  return std::shared_ptr<const RunSecrets>(new RunSecrets(named_in(plan.scopes(), secrets)));
}

std::shared_ptr<const RunSecrets> RunSecrets::with(const std::shared_ptr<const RunSecrets>& secrets, const Plan& plan,
                                                   std::uint32_t scope, const std::string& name, Secret secret) {
  std::vector<Secrets> by_scope = secrets ? secrets->by_scope_ : std::vector<Secrets>(plan.scopes().size());
  by_scope[scope].insert_or_assign(name, std::move(secret));
  return std::shared_ptr<const RunSecrets>(new RunSecrets(std::move(by_scope)));
}

void RunSecrets::mask(std::string& text) const {
  if (redactor_->harmless(text) < text.size()) text = redact(redactor_, text);
}

void RunSecrets::mask(Value& value) const {
  if (auto* text = value.if_string()) {
    if (redactor_->harmless(*text) < text->size()) *text = redact(redactor_, *text);
  } else if (auto* array = value.if_array()) {
    for (Value& element : *array) mask(element);
  } else if (auto* object = value.if_object()) {
    mask(*object);
  }
}

void RunSecrets::mask(Values& values) const {
  const bool in_names = std::ranges::any_of(values, [this](const auto& member) { return shown_in(member.key()); });
  for (auto& member : values) mask(member.value());
  if (!in_names) return;
  Values renamed;
  for (auto& member : values) renamed.emplace(redact(redactor_, member.key()), std::move(member.value()));
  values = std::move(renamed);
}

void RunSecrets::mask(Error& error) const {
  mask(error.message);
  for (Diagnostic& diagnostic : error.diagnostics) {
    mask(diagnostic.message);
    mask(diagnostic.hint);
  }
}

void RunSecrets::mask(RunHeader& header) const {
  mask(header.title);
  mask(header.inputs);
  mask(header.actor);
  mask(header.directory);
  auto outline = std::make_shared<Outline>(*header.outline);
  for (StepOutline& step : *outline) mask(step.title);
  header.outline = std::move(outline);
}

void RunSecrets::mask(EventData& event) const {
  std::visit(Masking{*this}, event);
}

} // namespace runbook
