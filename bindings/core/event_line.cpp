// An event as one line for people.
#include "events.hpp"

#include <string>
#include <variant>

namespace runbook::python {

namespace {

std::string in_seconds(std::chrono::milliseconds time) {
  std::string text = std::to_string(time.count() / 1000);
  if (const auto rest = time.count() % 1000) text += "." + std::to_string(1000 + rest).substr(1);
  return text + " s";
}

std::string also(const std::string& text) {
  return text.empty() ? std::string() : ": " + text;
}

std::string by(const std::string& who) {
  return who.empty() ? std::string() : " by " + who;
}

struct Words {
  const Outline* outline;

  [[nodiscard]] std::string path(const ActionRef& at) const {
    return outline == nullptr ? "#" + std::to_string(at.step) : action_path(*outline, at);
  }
  [[nodiscard]] std::string attempt(const ActionRef& at, std::uint32_t number) const {
    return number == 1 ? path(at) : path(at) + " (attempt " + std::to_string(number) + ")";
  }

  [[nodiscard]] std::string timer(const ActionRef& at, std::uint32_t number, TimerKind kind) const {
    if (kind == TimerKind::run) return "end of the run's time";
    return kind == TimerKind::deadline ? "end of the time of " + path(at) : attempt(at, number);
  }

  std::string operator()(const RunCreated& e) const {
    return e.header->run + also(e.header->title) + by(e.header->actor);
  }
  std::string operator()(const Claimed& e) const { return e.owner; }
  std::string operator()(const StepIntent& e) const { return attempt(e.at, e.attempt); }
  std::string operator()(const StepTakenUp& e) const { return attempt(e.at, e.attempt); }
  std::string operator()(const StepDoubt& e) const {
    return attempt(e.at, e.attempt) + " " + std::string(to_string(e.kind)) + also(e.evidence);
  }
  std::string operator()(const DoubtResolved& e) const {
    return attempt(e.at, e.attempt) + " " + std::string(to_string(e.decision)) + by(e.who) + also(e.evidence);
  }
  std::string operator()(const StepOutput& e) const {
    return path(e.at) + " " + std::string(to_string(e.stream)) + ": " + std::to_string(e.size) + " bytes";
  }
  std::string operator()(const StepOutcome& e) const {
    return attempt(e.at, e.attempt) + " " + std::string(to_string(e.outcome.status)) + also(e.outcome.message);
  }
  std::string operator()(const StepSettled& e) const {
    return path({.step = e.step, .iteration = e.iteration}) + " " + std::string(to_string(e.outcome.status)) +
           also(e.outcome.message);
  }
  std::string operator()(const LoopBegun& e) const {
    return path({.step = e.step}) + " for " + std::to_string(e.items.size()) + " elements";
  }
  std::string operator()(const WaitOpened& e) const { return e.token + also(e.text); }
  std::string operator()(const WaitAnswered& e) const {
    const std::string said = e.value.is_null() ? (e.yes ? "yes" : "no") : to_text(e.value);
    return e.token + " " + said + by(e.who) + also(e.note);
  }
  std::string operator()(const WaitUnreachable& e) const { return e.token + also(e.reason); }
  std::string operator()(const TimerSet& e) const {
    return timer(e.at, e.attempt, e.kind) + " in " + in_seconds(e.delay);
  }
  std::string operator()(const TimerFired& e) const { return timer(e.at, e.attempt, e.kind); }
  std::string operator()(const CancelRequested& e) const { return e.who; }
  std::string operator()(const RollbackBegun& e) const { return e.reason; }
  std::string operator()(const RunParked& e) const { return e.reason; }
  std::string operator()(const RunClosed& e) const { return std::string(to_string(e.status)) + also(e.reason); }
};

} // namespace

std::string to_line(const PyEvent& event) {
  std::string line = std::to_string(event.event.seq) + " " + std::string(type_name(event.event));
  const std::string words = std::visit(Words{event.steps()}, event.event.data);
  return words.empty() ? line : line + " " + words;
}

} // namespace runbook::python
