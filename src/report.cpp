// The report of a run: its events folded.
#include "store/status.hpp"
#include "template.hpp"

#include <runbook/report.hpp>

#include <algorithm>
#include <map>
#include <ranges>
#include <string>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

class Folder {
public:
  Folder(Report& report, const OutputReader& outputs) : report_(report), outputs_(outputs) {}

  void add(const Event& event) {
    event_ = &event;
    report_.status = status_after(report_.status, event.data);
    report_.updated = event.time;
    std::visit([this](const auto& data) { on(data); }, event.data);
  }

  void finish() {
    report_.steps.reserve(steps_.size());
    for (auto& [place, step] : steps_) report_.steps.push_back(std::move(step));
  }

private:
  void on(const RunCreated& data) {
    if (!data.header) return;
    report_.header = *data.header;
    report_.started = event_->time;
    if (!data.header->outline) return;
    for (const StepOutline& outline : *data.header->outline) {
      const auto index = static_cast<std::uint32_t>(loops_.size());
      loops_.push_back(index);
      steps_[{index, 0, index}] = {.outline = outline, .index = index};
      if (outline.in_loop && outline.section == Section::rollback) note_general_rollback(outline.id, index);
    }
  }

  /// Of a runbook that a loop runs. Its items' ids have the id of the step that runs it in front.
  void note_general_rollback(const std::string& id, std::uint32_t index) {
    const std::string opener = id.substr(0, std::min(id.rfind('/'), id.size()));
    general_rollbacks_.try_emplace(opener, index, index).first->second.second = index + 1;
  }

  void on(const Claimed& data) {
    report_.owners.push_back(data.owner);
    if (reason_is_of_parking_) report_.reason.clear();
    reason_is_of_parking_ = false;
  }

  void on(const StepIntent& data) { start(data.at, data.attempt); }

  void on(const StepTakenUp&) {}
  void on(const StepDoubt& data) {
    AttemptReport* attempt = find(data.at, data.attempt);
    if (attempt != nullptr) attempt->doubt = DoubtReport{.kind = data.kind, .evidence = data.evidence};
  }

  void on(const DoubtResolved& data) {
    AttemptReport* attempt = find(data.at, data.attempt);
    if (attempt == nullptr || !attempt->doubt) return;
    attempt->doubt->decision = data.decision;
    attempt->doubt->who = data.who;
    attempt->doubt->reason = data.evidence;
  }

  void on(const StepOutput& data) {
    AttemptReport* attempt = find(data.at, data.attempt);
    if (attempt == nullptr) return;
    auto& output = attempt->outputs.emplace_back();
    output.stream = data.stream;
    output.seq = event_->seq;
    output.size = data.size;
    output.kept = data.kept;
    output.digest = data.digest;
    if (outputs_ && data.kept > 0) output.text = outputs_(event_->seq);
  }

  void on(const StepOutcome& data) {
    AttemptReport* attempt = find(data.at, data.attempt);
    if (attempt == nullptr) return;
    attempt->outcome = data.outcome;
    attempt->ended = event_->time;
  }

  void on(const WaitOpened& data) {
    QuestionReport question;
    question.kind = data.kind;
    question.step = data.at.step;
    question.iteration = data.at.iteration;
    question.text = data.text;
    question.wants = data.wants;
    question.asked = event_->time;
    report_.questions.push_back(std::move(question));
    asked_.push_back({data.token, data.at});
  }

  void on(const WaitAnswered& data) {
    const std::size_t index = find_question(data.token);
    if (index == asked_.size()) return;
    QuestionReport& question = report_.questions[index];
    question.answer = data.yes;
    question.value = data.value;
    question.who = data.who;
    question.note = data.note;
    if (!is_about_action(question.kind)) return;
    if (AttemptReport* attempt = find_last(asked_[index].at)) {
      attempt->answered_by = data.who;
      attempt->note = data.note;
    }
  }

  void on(const WaitUnreachable& data) {
    const std::size_t index = find_question(data.token);
    if (index < asked_.size()) report_.questions[index].unreachable = data.reason;
  }

  void on(const StepSettled& data) {
    if (StepReport* step = find_step(data.step, data.iteration)) step->settled = data.outcome;
  }

  void on(const LoopBegun& data) {
    for (std::uint32_t index = data.step; index < data.end && index < loops_.size(); ++index) {
      const auto rollback = general_rollbacks_.find(steps_[{index, 0, index}].outline.id);
      make_elements(index, data.step, data);
      if (rollback == general_rollbacks_.end()) continue;
      const auto [first, end] = rollback->second;
      for (std::uint32_t item = first; item < end; ++item) make_elements(item, first, data);
    }
  }

  /// `first`: of the steps that are shown together for each element.
  void make_elements(std::uint32_t index, std::uint32_t first, const LoopBegun& data) {
    StepReport step = std::move(steps_[{index, 0, index}]);
    steps_.erase({index, 0, index});
    loops_[index] = first;
    if (data.items.empty()) step.settled = Outcome{OutcomeStatus::skipped, nullptr, "the list is empty"};
    if (data.items.empty()) steps_[{first, 0, index}] = step;
    for (std::uint32_t i = 1; i <= data.items.size(); ++i) {
      StepReport& element = steps_[{first, i, index}] = step;
      element.outline.id += fmt::format("[{}]", i);
      element.outline.title = expand_known(step.outline.title, {{data.as, data.items[i - 1]}});
      element.iteration = i;
      element.element = data.items[i - 1];
    }
  }
  void on(const TimerSet&) {}
  void on(const TimerFired&) {}
  void on(const CancelRequested& data) { report_.cancelled_by.push_back(data.who); }

  void on(const RollbackBegun& data) {
    report_.rollback_begun = true;
    report_.reason = data.reason;
  }

  void on(const RunParked& data) {
    if (!report_.reason.empty()) return;
    report_.reason = data.reason;
    reason_is_of_parking_ = true;
  }

  void on(const RunClosed& data) {
    report_.reason = data.reason;
    report_.ended = event_->time;
    report_.residue = data.residue;
  }

  void start(const ActionRef& at, std::uint32_t number) {
    StepReport* step = find_step(at.step, at.iteration);
    if (step == nullptr) return;
    AttemptReport attempt;
    attempt.seq = event_->seq;
    attempt.kind = at.kind;
    attempt.part = at.part;
    attempt.attempt = number;
    attempt.started = event_->time;
    step->attempts.push_back(std::move(attempt));
  }

  StepReport* find_step(std::uint32_t index, std::uint32_t iteration) {
    if (index >= loops_.size()) return nullptr;
    const auto found = steps_.find({loops_[index], iteration, index});
    return found == steps_.end() ? nullptr : &found->second;
  }

  template <class Matches>
  AttemptReport* find_if(const ActionRef& at, Matches matches) {
    StepReport* step = find_step(at.step, at.iteration);
    if (step == nullptr) return nullptr;
    for (AttemptReport& attempt : step->attempts | std::views::reverse) {
      if (attempt.kind == at.kind && attempt.part == at.part && matches(attempt)) return &attempt;
    }
    return nullptr;
  }

  AttemptReport* find(const ActionRef& at, std::uint32_t number) {
    return find_if(at, [number](const AttemptReport& attempt) { return attempt.attempt == number; });
  }
  AttemptReport* find_last(const ActionRef& at) {
    return find_if(at, [](const AttemptReport&) { return true; });
  }

  /// The newest question with this token that has no answer yet.
  [[nodiscard]] std::size_t find_question(const std::string& token) const {
    for (std::size_t index = asked_.size(); index-- > 0;) {
      if (asked_[index].token == token && !report_.questions[index].answer) return index;
    }
    return asked_.size();
  }

  /// What the report does not keep of a question.
  struct Asked {
    std::string token;
    ActionRef at;
  };

  Report& report_;
  const OutputReader& outputs_;
  const Event* event_ = nullptr;
  /// By the first step of the loop (or the step itself), the element's number and the step: the order of the report.
  std::map<std::tuple<std::uint32_t, std::uint32_t, std::uint32_t>, StepReport> steps_;
  std::vector<std::uint32_t> loops_; // for each step the first of the loop that it is in, or itself
  std::map<std::string, std::pair<std::uint32_t, std::uint32_t>, std::less<>>
      general_rollbacks_; // of runbooks that loops run, by the ids of the steps that run them: first item, behind the
                          // last
  bool reason_is_of_parking_ = false; // and moot once somebody takes the run over
  std::vector<Asked> asked_;          // beside `report_.questions`
};

} // namespace

Report make_report(std::span<const Event> events, const OutputReader& outputs) {
  Report report;
  Folder folder(report, outputs);
  for (const Event& event : events) folder.add(event);
  folder.finish();
  return report;
}

} // namespace runbook
