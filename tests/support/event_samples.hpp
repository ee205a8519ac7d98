// Random events, and comparing events member by member: for the tests of the JSON form, the stores and the reports.
#pragma once

#include "names.hpp"

#include <runbook/event.hpp>

#include <boost/json/array.hpp>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <tuple>

namespace samples {

using namespace runbook;

// Members of each kind of event, for comparison. A member that is forgotten here shows up as a size that is not the
// struct's in nobody's test, so keep these next to event.hpp when it grows.
inline auto members(const RunHeader& e) {
  return std::tie(e.run, e.title, e.path, e.document_digest, e.plan_digest, e.actor, e.risk_level, e.rollback,
                  e.on_rollback_failure, e.rules, e.continues, e.parallel, e.timeout, e.secrets, e.selections,
                  e.runbooks, e.built_in_code, e.directory);
}
inline auto members(const Claimed& e) {
  return std::tie(e.owner, e.supervised);
}
inline auto members(const StepTakenUp& e) {
  return std::tie(e.at, e.attempt);
}
inline auto members(const StepDoubt& e) {
  return std::tie(e.at, e.attempt, e.kind, e.evidence);
}
inline auto members(const DoubtResolved& e) {
  return std::tie(e.at, e.attempt, e.decision, e.who, e.evidence);
}
inline auto members(const StepIntent& e) {
  return std::tie(e.at, e.attempt, e.timeout);
}
inline auto members(const StepOutput& e) {
  return std::tie(e.at, e.attempt, e.stream, e.size, e.kept, e.digest);
}
inline auto members(const StepOutcome& e) {
  return std::tie(e.at, e.attempt, e.outcome.status, e.outcome.message);
}
inline auto members(const WaitOpened& e) {
  return std::tie(e.token, e.kind, e.at, e.text, e.wants);
}
inline auto members(const WaitAnswered& e) {
  return std::tie(e.token, e.yes, e.who, e.note, e.value, e.message);
}
inline auto members(const WaitUnreachable& e) {
  return std::tie(e.token, e.reason);
}
inline auto members(const TimerSet& e) {
  return std::tie(e.at, e.attempt, e.delay, e.kind);
}
inline auto members(const TimerFired& e) {
  return std::tie(e.at, e.attempt, e.kind);
}
inline auto members(const CancelRequested& e) {
  return std::tie(e.who, e.message);
}
inline auto members(const RollbackBegun& e) {
  return std::tie(e.reason);
}
inline auto members(const StepSettled& e) {
  return std::tie(e.step, e.iteration, e.outcome.status, e.outcome.message);
}
inline auto members(const LoopBegun& e) {
  return std::tie(e.step, e.end, e.as);
}
inline auto members(const RunParked& e) {
  return std::tie(e.reason);
}
inline auto members(const RunClosed& e) {
  return std::tie(e.status, e.reason, e.residue);
}

/// Equal to the last bit: NaN equals NaN, 1 and 1.0 differ.
inline bool same(const Value& a, const Value& b) {
  if (a.is_double() && b.is_double()) {
    const double x = a.get_double();
    const double y = b.get_double();
    return std::isnan(x) ? std::isnan(y) : std::memcmp(&x, &y, sizeof x) == 0;
  }
  if (a.is_array() && b.is_array()) {
    const auto& x = a.get_array();
    const auto& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const Value& l, const Value& r) { return same(l, r); });
  }
  if (a.is_object() && b.is_object()) {
    const auto& x = a.get_object();
    const auto& y = b.get_object();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                      [](const auto& l, const auto& r) { return l.key() == r.key() && same(l.value(), r.value()); });
  }
  return a.is_double() == b.is_double() && a == b;
}

template <class T>
bool same_data(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, RunCreated>) {
    return members(*a.header) == members(*b.header) && same(Value(a.header->inputs), Value(b.header->inputs)) &&
           *a.header->outline == *b.header->outline;
  } else if constexpr (std::is_same_v<T, StepOutcome>) {
    return members(a) == members(b) && same(a.outcome.value, b.outcome.value) && same(a.captured, b.captured) &&
           a.terminal == b.terminal && same(a.printed, b.printed);
  } else if constexpr (std::is_same_v<T, LoopBegun>) {
    return members(a) == members(b) && same(Value(a.items), Value(b.items));
  } else {
    return members(a) == members(b);
  }
}

inline bool same(const Event& a, const Event& b) {
  if (std::tie(a.seq, a.fence, a.time) != std::tie(b.seq, b.fence, b.time)) return false;
  if (a.data.index() != b.data.index()) return false;
  return std::visit([&](const auto& data) { return same_data(data, std::get<std::decay_t<decltype(data)>>(b.data)); },
                    a.data);
}

class Random {
public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t below(std::uint64_t limit) {
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(engine_);
  }
  bool coin() { return below(2) == 1; }
  std::uint64_t bits() { return engine_() >> below(64); }

  template <class Enum>
  Enum one_of() {
    const auto& table = Names<Enum>::table;
    return table[below(table.size())].first;
  }

  /// Mostly plain words, sometimes everything else: quotes, control characters, NUL, bytes that are no UTF-8.
  std::string text() {
    static const std::string odd[] = {
        "",     "\"",           "\\", "\n", "\t",     std::string(1, '\0'), "\x1b[31m", "\xff",
        "\xc3", "\xed\xa0\x80", "ä",  "😀", "$bytes", "</script>",          "|",        "`"};
    std::string out;
    for (std::uint64_t n = below(6); n > 0; --n) {
      out += below(3) == 0 ? odd[below(std::size(odd))] : "word ";
    }
    return out;
  }

  double number() {
    switch (below(6)) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return std::numeric_limits<double>::infinity() * (coin() ? 1 : -1);
    case 2: return coin() ? 0.0 : -0.0;
    default: break;
    }
    const std::uint64_t raw = engine_();
    double value = 0;
    std::memcpy(&value, &raw, sizeof value);
    return value;
  }

  Value value(unsigned depth = 0) {
    switch (below(depth < 4 ? 8 : 6)) {
    case 0: return nullptr;
    case 1: return coin();
    case 2: return static_cast<std::int64_t>(engine_());
    case 3: return std::uint64_t{1} << 63U | engine_();
    case 4: return number();
    case 5: return Value(text());
    case 6: {
      boost::json::array array;
      for (std::uint64_t n = below(4); n > 0; --n) array.push_back(value(depth + 1));
      return array;
    }
    default: return values(depth + 1);
    }
  }

  Values values(unsigned depth = 0) {
    static const std::string odd[] = {"$bytes", "$$bytes", "$number", "$object", "$", "a", "\xff", ""};
    Values object;
    for (std::uint64_t n = below(4); n > 0; --n) {
      object[coin() ? odd[below(std::size(odd))] : text()] = value(depth + 1);
    }
    return object;
  }

  ActionRef at() {
    return {static_cast<std::uint32_t>(below(4)), static_cast<std::uint32_t>(bits()),
            static_cast<std::uint16_t>(bits()), one_of<ActionKind>()};
  }
  std::uint32_t attempt() { return static_cast<std::uint32_t>(bits()); }
  std::chrono::milliseconds duration() { return std::chrono::milliseconds{static_cast<std::int64_t>(engine_())}; }

  EventData data() {
    switch (below(std::variant_size_v<EventData>)) {
    case 0: return RunCreated{header()};
    case 1: return Claimed{text(), coin()};
    case 2: return StepIntent{at(), attempt(), duration()};
    case 3: return StepOutput{at(), attempt(), one_of<Stream>(), bits(), bits(), text()};
    case 4:
      return StepOutcome{at(), attempt(), {one_of<OutcomeStatus>(), value(), text()}, value(), terminal(), value()};
    case 5: return WaitOpened{text(), one_of<QuestionKind>(), at(), text(), wanted()};
    case 6: return WaitAnswered{text(), coin(), text(), text(), coin() ? Value(text()) : Value()};
    case 7: return WaitUnreachable{text(), text()};
    case 8: return TimerSet{at(), attempt(), duration(), one_of<TimerKind>()};
    case 9: return TimerFired{at(), attempt(), one_of<TimerKind>()};
    case 10: return CancelRequested{text()};
    case 11: return RollbackBegun{text()};
    case 12: return RunParked{text()};
    case 13: return StepSettled{attempt(), attempt(), {one_of<OutcomeStatus>(), nullptr, text()}};
    case 15: return StepTakenUp{at(), attempt()};
    case 16: return StepDoubt{at(), attempt(), one_of<DoubtKind>(), text()};
    case 17: return DoubtResolved{at(), attempt(), one_of<DoubtDecision>(), text(), text()};
    case 14: return LoopBegun{attempt(), attempt(), text(), boost::json::array{value(), value()}};
    default: return closed();
    }
  }

  AnswerForm wanted() {
    if (coin()) return {};
    return {one_of<AnswerKind>(), coin() ? std::vector<std::string>{text(), text()} : std::vector<std::string>(),
            text()};
  }

  Boxed<TerminalChange> terminal() {
    if (coin()) return {};
    TerminalChange change;
    for (std::uint64_t n = below(4); n > 0; --n) change.variables[text()] = coin() ? Value(text()) : Value(nullptr);
    if (coin()) change.directory = "/" + text();
    return change;
  }

  std::shared_ptr<const RunHeader> header() {
    auto header = std::make_shared<RunHeader>();
    header->run = text();
    header->title = text();
    header->path = text();
    header->document_digest = text();
    header->plan_digest = text();
    header->inputs = values();
    header->actor = text();
    header->risk_level = one_of<RiskLevel>();
    header->rollback = one_of<RollbackMode>();
    header->on_rollback_failure = one_of<OnRollbackFailure>();
    header->rules = static_cast<std::uint32_t>(bits());
    header->continues = text();
    header->parallel = static_cast<std::uint32_t>(bits());
    header->timeout = duration();
    Outline outline;
    for (std::uint64_t n = below(5); n > 0; --n) {
      outline.push_back({text(), text(), one_of<Section>(), one_of<Effect>(), coin(), coin(),
                         static_cast<std::uint32_t>(bits()), coin()});
    }
    header->outline = std::make_shared<const Outline>(std::move(outline));
    return header;
  }

  RunClosed closed() {
    RunClosed closed{one_of<RunStatus>(), text(), {}};
    for (std::uint64_t n = below(4); n > 0; --n) {
      closed.residue.push_back(
          {static_cast<std::uint32_t>(bits()), one_of<ResidueCause>(), static_cast<std::uint32_t>(bits())});
    }
    return closed;
  }

  /// Some time between 1970 and 2100, in whole milliseconds.
  std::chrono::system_clock::time_point time() {
    return std::chrono::system_clock::time_point{std::chrono::milliseconds{below(4'102'444'800'000)}};
  }

  Event event() { return Event{bits(), bits(), time(), data()}; }

private:
  std::mt19937_64 engine_;
};

} // namespace samples
