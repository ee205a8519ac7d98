#include "crash_matrix/judgement.hpp"

#include "crash_matrix/life.hpp"
#include "digest.hpp"
#include "store/status.hpp"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <utility>

#include <boost/json/serialize.hpp>

#include <fmt/format.h>

namespace runbook::testing::crash {

namespace {

using Element = std::pair<std::uint32_t, std::uint32_t>; // a step and its iteration

class Judge {
public:
  explicit Judge(const Evidence& evidence) : e_(evidence) {}

  std::vector<std::string> run() {
    numbers();
    starts();
    for (const Event& event : e_.events) std::visit([this](const auto& data) { repeats(data); }, event.data);
    undos();
    outputs();
    end();
    if (e_.scenario.check) std::ranges::move(e_.scenario.check(e_.life, e_.events), std::back_inserter(problems_));
    return std::move(problems_);
  }

private:
  template <class... Parts>
  void wrong(fmt::format_string<Parts...> text, Parts&&... parts) {
    problems_.push_back(fmt::format(text, std::forward<Parts>(parts)...));
  }

  [[nodiscard]] std::string name(const ActionRef& at) const { return effect_name(e_.plan, at); }

  void numbers() {
    std::uint64_t fence = 1;
    for (std::size_t i = 0; i < e_.events.size(); ++i) {
      const Event& event = e_.events[i];
      if (event.seq != i + 1) wrong("event {} has the number {}", i + 1, event.seq);
      const bool claims = i > 1 && std::holds_alternative<Claimed>(event.data);
      if (event.fence != fence + (claims ? 1 : 0)) wrong("event {} has the fence {}", event.seq, event.fence);
      fence = event.fence;
      const bool closed = std::holds_alternative<RunClosed>(event.data);
      if (closed && i + 1 != e_.events.size()) wrong("events follow the end of the run, which is event {}", event.seq);
    }
  }

  // What is in the log of effects is on record, and was started once.
  void starts() {
    std::set<std::string> recorded;
    std::set<std::string> probes;
    for (const Event& event : e_.events) {
      const auto* intent = std::get_if<StepIntent>(&event.data);
      if (intent == nullptr) continue;
      const std::string line = fmt::format("{} {}", intent->attempt, name(intent->at));
      recorded.insert(line);
      if (intent->at.kind == ActionKind::probe) probes.insert(line);
    }
    std::set<std::string> started;
    std::istringstream log(e_.effects);
    for (std::string line; std::getline(log, line);) {
      if (!line.starts_with("START ")) continue;
      line.erase(0, 6);
      if (!recorded.contains(line)) wrong("an attempt was started that is not on record: {}", line);
      if (!started.insert(line).second && !probes.contains(line)) wrong("an attempt was started twice: {}", line);
    }
  }

  void repeats(const StepIntent& event) {
    const PlannedAction& action = e_.plan.action(event.at);
    if (action.asks || event.at.kind == ActionKind::probe) return;
    auto [at, is_new] = actions_.try_emplace(name(event.at));
    if (at->second.done) wrong("what was done was started again: {}", at->first);
    if (!is_new && !at->second.may_begin) wrong("what may have been done was started again: {}", at->first);
    at->second.may_begin = false;
  }
  void repeats(const StepOutcome& event) {
    const auto at = actions_.find(name(event.at));
    if (at == actions_.end()) return;
    at->second.done = event.outcome.ok() && !e_.plan.action(event.at).until;
    at->second.may_begin = true;
  }
  void repeats(const StepDoubt& event) {
    if (event.kind == DoubtKind::not_started) actions_[name(event.at)].may_begin = true;
  }
  // Somebody, a probe or the document must have said so.
  void repeats(const DoubtResolved& event) {
    if (event.decision != DoubtDecision::repeat) return;
    actions_[name(event.at)].may_begin = true;
    const OnDoubt on_doubt = e_.plan.steps()[event.at.step].on_doubt;
    const bool said = on_doubt == OnDoubt::retry || on_doubt == OnDoubt::probe || !event.who.empty();
    if (e_.plan.action(event.at).effect == Effect::mutating && !said) {
      wrong("an action in doubt is repeated and nobody has said so: {}", name(event.at));
    }
  }
  void repeats(const auto&) {}

  void undos() {
    std::vector<Element> armed;
    std::vector<Element> begun;
    std::set<Element> undone;
    for (const Event& event : e_.events) {
      if (const auto* intent = std::get_if<StepIntent>(&event.data)) note_intent(intent->at, armed, begun);
      const auto* outcome = std::get_if<StepOutcome>(&event.data);
      if (outcome == nullptr || outcome->at.kind != ActionKind::undo || !outcome->outcome.ok()) continue;
      if (outcome->at.part + 1U == e_.plan.steps()[outcome->at.step].undo.size())
        undone.emplace(outcome->at.step, outcome->at.iteration);
    }
    const std::vector<Element> expected(armed.rbegin(), armed.rend());
    const bool in_order = begun.size() <= expected.size() && std::equal(begun.begin(), begun.end(), expected.begin());
    if (!in_order) wrong("undos did not begin newest first, each once");
    account_for(armed, begun, undone);
  }

  void note_intent(const ActionRef& at, std::vector<Element>& armed, std::vector<Element>& begun) const {
    const PlannedStep& step = e_.plan.steps()[at.step];
    if (step.undo.empty() || step.section == Section::rollback || at.kind == ActionKind::probe) return;
    auto& list = at.kind == ActionKind::undo ? begun : armed;
    const Element element{at.step, at.iteration};
    if (std::ranges::find(list, element) == list.end()) list.push_back(element);
  }

  // Each undo that was armed is done or residue, and not both.
  void account_for(const std::vector<Element>& armed, const std::vector<Element>& begun,
                   const std::set<Element>& undone) {
    const auto* closed = std::get_if<RunClosed>(&e_.events.back().data);
    if (closed == nullptr) return;
    if (closed->status == RunStatus::succeeded) {
      if (!begun.empty()) wrong("a run that succeeded has undone something");
      return;
    }
    for (const Element& element : armed) {
      const auto left = std::ranges::count_if(closed->residue, [&](const Residue& residue) {
        return residue.step == element.first && residue.iteration == element.second;
      });
      if (left + (undone.contains(element) ? 1 : 0) == 1) continue;
      wrong("the undo of '{}' is {}done and {} times residue", e_.plan.steps()[element.first].id,
            undone.contains(element) ? "" : "not ", left);
    }
  }

  void outputs() {
    for (const Event& event : e_.events) {
      const auto* output = std::get_if<StepOutput>(&event.data);
      if (output == nullptr) continue;
      const auto bytes = e_.store.output(e_.life.run(), event.seq);
      if (!bytes) {
        wrong("the output of event {} cannot be read: {}", event.seq, bytes.error().message);
      } else if (bytes->size() != output->kept) {
        wrong("the output of event {} has {} bytes and not {}", event.seq, bytes->size(), output->kept);
      } else if (output->kept == output->size && !output->digest.empty() && sha256_hex(*bytes) != output->digest) {
        wrong("the output of event {} has another digest", event.seq);
      }
    }
  }

  void end() {
    const auto* closed = std::get_if<RunClosed>(&e_.events.back().data);
    const bool parked = std::holds_alternative<RunParked>(e_.events.back().data);
    const RunStatus status = closed != nullptr ? closed->status : parked ? RunStatus::parked : RunStatus::running;
    if (std::ranges::find(e_.scenario.ends, status) != e_.scenario.ends.end()) return;
    wrong("the run is '{}': {}", runbook::to_string(status), closed == nullptr ? "" : closed->reason);
  }

  struct Progress {
    bool done = false;
    bool may_begin = false;
  };

  const Evidence& e_;
  std::vector<std::string> problems_;
  std::map<std::string, Progress> actions_;
};

} // namespace

std::vector<std::string> judge(const Evidence& evidence) {
  if (evidence.events.empty()) return {"the run has no events"};
  return Judge(evidence).run();
}

std::string story(const std::vector<Event>& events, const std::string& effects) {
  std::string text = "journal:\n";
  const Outline* outline = nullptr;
  for (const Event& event : events) {
    const auto* created = std::get_if<RunCreated>(&event.data);
    if (created != nullptr) outline = created->header->outline.get();
    text += created != nullptr ? "  run_created" : "  " + boost::json::serialize(to_json(event, outline));
    text += '\n';
  }
  text += "effects:\n";
  std::istringstream log(effects);
  for (std::string line; std::getline(log, line);) text += "  " + line + '\n';
  return text;
}

} // namespace runbook::testing::crash
