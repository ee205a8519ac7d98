// How a run begins, and how one is taken up again.
#include "executor/may_resume.hpp"
#include "executor/run.hpp"
#include "plan/stored_document.hpp"
#include "plan/variables.hpp"
#include "process/host_environment.hpp"

#include <algorithm>
#include <filesystem>
#include <random>
#include <utility>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace runbook {

namespace {

// Sorts by time and does not repeat: 20260131T235959-1f0c9a3b.
std::string make_run_id(std::chrono::system_clock::time_point now) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
  std::random_device random;
  return fmt::format("{:%Y%m%dT%H%M%S}-{:08x}", fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), random());
}

std::shared_ptr<const RunHeader> make_header(const Plan& plan, StartOptions& options, const Clock& clock) {
  auto header = std::make_shared<RunHeader>();
  header->run = options.run_id.empty() ? make_run_id(clock.now()) : options.run_id;
  header->title = plan.runbook().title;
  header->path = plan.runbook().path;
  header->document_digest = plan.document_digest();
  header->plan_digest = plan.digest();
  header->inputs = plan.inputs();
  header->actor = options.actor;
  if (plan.continued() != nullptr) header->continues = plan.continued()->run;
  header->secrets = plan.secrets();
  header->selections = plan.content().selections;
  header->runbooks = paths_of_runbooks(plan.runbook());
  header->built_in_code = plan.runbook().source.empty();
  header->directory = options.directory;
  header->risk_level = plan.risk_level();
  header->parallel = options.parallel;
  header->timeout = options.timeout;
  header->rollback = options.rollback;
  header->on_rollback_failure = options.on_rollback_failure;
  header->rules = rules_version;
  header->outline = plan.outline();
  return header;
}

void add_required_variables(const Runbook& runbook, std::vector<std::string>& names) {
  for (const Access& access : runbook.required_access) {
    if (access.kind == Access::Kind::env && is_variable_name(access.name)) names.push_back(access.name);
  }
  for (const Runbook& other : runbook.runbooks) add_required_variables(other, names);
}

// Read when the run begins, and once for all of its steps.
std::vector<std::string> environment_for(const Engine& engine, const Runbook& runbook) {
  std::vector<std::string> names;
  add_required_variables(runbook, names);
  std::vector<std::string> variables = engine.environment();
  for (std::string& named : process::host_environment(names)) {
    if (std::ranges::find(variables, named) == variables.end()) variables.push_back(std::move(named));
  }
  return variables;
}

Result<std::vector<std::shared_ptr<const Handler>>> handlers_of(const Engine& engine, const Plan& plan) {
  std::vector<std::shared_ptr<const Handler>> handlers;
  for (const std::string& name : plan.handlers()) {
    auto handler = engine.handlers().find(name);
    if (!handler) {
      return Error{
          errc::unknown_handler, fmt::format("the executor has no handler '{}', which the plan uses", name), {}};
    }
    handlers.push_back(std::move(handler));
  }
  return handlers;
}

// The host may go elsewhere while the run goes on, and whoever takes it up is elsewhere: its steps and their undos do
// not follow. Where no place can be told, because the host's directory is gone, it stays as it was said.
StartOptions with_fixed_directory(StartOptions options) {
  std::error_code problem;
  const std::filesystem::path here = std::filesystem::current_path(problem);
  if (problem) return options;
  options.directory = options.directory.empty() ? here.string() : (here / options.directory).string();
  return options;
}

} // namespace

Result<std::shared_ptr<Run>> Run::make(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options) {
  auto handlers = handlers_of(*engine, plan);
  if (!handlers) return handlers.error();
  options = with_fixed_directory(std::move(options));
  auto header = make_header(plan, options, engine->system().clock);
  std::shared_ptr<Run> run(
      new Run(std::move(engine), plan, std::move(options), std::move(header), std::move(*handlers)));
  if (auto got = run->get_secrets(); !got) return got.error();
  return run;
}

Result<std::shared_ptr<Run>> Run::resume(std::shared_ptr<Engine> engine, const std::string& id, ResumeOptions options) {
  auto plan = plan_of_run(engine->store(), id, engine->handlers());
  if (!plan) return plan.error();
  auto handlers = handlers_of(*engine, *plan);
  if (!handlers) return handlers.error();
  auto events = engine->store().load(id);
  if (!events) return events.error();
  const auto& header = std::get<RunCreated>(events->front().data).header;
  StartOptions start;
  start.directory = header->directory;
  start.observer = std::move(options.observer);
  start.secrets = std::move(options.secrets);
  std::shared_ptr<Run> run(new Run(std::move(engine), *plan, std::move(start), header, std::move(*handlers)));
  for (const Event& event : *events) run->state_.apply(event.data);
  run->last_message_ = run->state_.last_message();
  run->former_ = std::make_shared<const FormerOwners>(*events);
  if (auto may = may_resume(run->engine_->store(), run->state_, *events, options.take_over); !may) return may.error();
  if (auto got = run->get_secrets(); !got) return got.error();
  if (auto claimed = run->claim(std::move(*events)); !claimed) return claimed.error();
  return run;
}

// What is recorded between the look at the journal and the claim is somebody else's, who owns the run: it is left
// alone.
Result<void> Run::claim(std::vector<Event> earlier) {
  const std::string& owner = engine_->owner();
  const auto now = engine_->system().clock.now();
  const bool supervised = engine_->system().processes.outlives_host();
  engine_->expect(id());
  auto journal = engine_->store().claim(id(), Claimed{owner, supervised}, now, earlier.size());
  if (!journal) engine_->forget(id());
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  seq_ = journal_->last_seq();
  earlier_ = std::move(earlier);
  earlier_.push_back({seq_, journal_->fence(), now, Claimed{owner, supervised}});
  state_.apply(earlier_.back().data);
  decide_and_record();
  stamp_batch();
  if (auto appended = journal_->append(batch_); !appended) {
    engine_->forget(id());
    return appended;
  }
  begin_lease();
  return {};
}

Run::Run(std::shared_ptr<Engine> engine, const Plan& plan, StartOptions options,
         std::shared_ptr<const RunHeader> header, std::vector<std::shared_ptr<const Handler>> handlers)
    : engine_(std::move(engine)), environment_(environment_for(*engine_, plan.runbook())), options_(std::move(options)),
      header_(std::move(header)), handlers_(std::move(handlers)), state_(plan) {
  for (const auto& observer : {engine_->options().observer, options_.observer}) {
    if (observer) observers_.push_back(observer.get());
  }
}

Result<void> Run::get_secrets() {
  auto secrets = RunSecrets::get(state_.plan(), std::exchange(options_.secrets, {}), *engine_->options().secrets,
                                 options_.directory, environment_);
  if (!secrets) return secrets.error();
  secrets_ = std::move(*secrets);
  if (!secrets_) return {};
  auto header = std::make_shared<RunHeader>(*header_);
  secrets_->mask(*header);
  header_ = std::move(header);
  return {};
}

Result<void> Run::record_beginning() {
  record(RunCreated{header_});
  record(Claimed{engine_->owner(), engine_->system().processes.outlives_host()});
  decide_and_record();
  stamp_batch();
  engine_->expect(id());
  auto journal = engine_->store().create(state_.plan().stored_document(), batch_);
  if (!journal) engine_->forget(id());
  if (!journal) return journal.error();
  journal_ = std::move(*journal);
  begin_lease();
  return {};
}

} // namespace runbook
