// A run as the executor hosts it, over virtual time and over a store that may fail: what happened and what follows from
// it is one append, and nothing is carried out before that is durable. Owners end at any moment, in the middle of
// carrying out too, or are taken for dead and live on; the next one takes the run up. One seed is one history.
#pragma once

#include "support/random_choice.hpp"

#include <runbook/decider.hpp>
#include <runbook/store.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace runbook::testing {

/// How much of what goes on in a history. All are in percent.
struct Trouble {
  int actions = 15;    ///< an action fails
  int answers = 15;    ///< a question is answered with no
  int nobody = 3;      ///< a question reaches nobody
  int cancels = 2;     ///< a cancel comes before the next thing happens
  int appends = 3;     ///< an append fails
  int ends = 4;        ///< the owner ends before the next thing happens
  int ends_inside = 2; ///< the owner ends between two commands that it carries out
  int strangers = 2;   ///< the owner is taken for dead and lives
};

/// What came of all histories, to show that they were not idle.
struct HistoryCounts {
  std::uint64_t events = 0;
  std::uint64_t starts = 0;
  std::uint64_t owners = 0;
  std::uint64_t failed_appends = 0;
  std::uint64_t fenced = 0;
  std::uint64_t taken_up = 0;
  std::uint64_t unknown = 0;
  std::uint64_t not_started = 0;
  std::uint64_t decisions = 0; ///< that were compared with those of a replay
  std::uint64_t parked = 0;
};

/// Says of two lists of commands whether they are the same.
class CommandText {
public:
  static std::string of(const std::vector<Command>& commands) {
    CommandText text;
    for (const Command& command : commands) {
      text.add(command.index());
      std::visit([&](const auto& c) { text.note(c); }, command);
    }
    return std::move(text.bytes_);
  }

private:
  void add(std::uint64_t number) { bytes_ += std::to_string(number) + ','; }
  template <class C>
  void note(const C& command) {
    if constexpr (requires { command.at; }) {
      for (const std::uint64_t n : {std::uint64_t{command.at.step}, std::uint64_t{command.at.iteration},
                                    std::uint64_t{command.at.part}, static_cast<std::uint64_t>(command.at.kind)})
        add(n);
    }
    if constexpr (requires { command.attempt; }) add(command.attempt);
    if constexpr (requires { command.outcome; }) {
      add(static_cast<std::uint64_t>(command.outcome.status));
      bytes_ += command.outcome.message;
    }
    if constexpr (requires { command.decision; }) add(static_cast<std::uint64_t>(command.decision));
    if constexpr (requires { command.delay; }) add(static_cast<std::uint64_t>(command.delay.count()));
    if constexpr (requires { command.reason; }) bytes_ += command.reason;
    if constexpr (requires { command.closed; }) {
      add(static_cast<std::uint64_t>(command.closed.status));
      for (const Residue& residue : command.closed.residue) add(residue.step), add(residue.iteration);
    }
  }
  std::string bytes_;
};

class StoredHistory {
public:
  using Time = std::chrono::milliseconds;

  StoredHistory(const Plan& plan, std::mt19937& random, Trouble trouble, std::shared_ptr<RunStore> store,
                std::string run)
      : plan_(plan), random_(random), trouble_(trouble), store_(std::move(store)), run_(std::move(run)) {}

  struct Options {
    std::uint32_t parallel = 1;
    Time timeout{0};
    RollbackMode rollback = RollbackMode::automatic;
    OnRollbackFailure on_rollback_failure = OnRollbackFailure::proceed;
  };

  /// To the end, or to where it stays parked. What is broken is in `broken()`.
  void run(const Options& options) {
    begin(options);
    for (int turn = 0; turn < 20'000; ++turn) {
      if (!broken_.empty() || is_over()) return;
      if (!owner_) {
        take_up();
      } else if (chance(random_, trouble_.cancels)) {
        happened(*owner_, CancelRequested{"somebody"});
      } else if (chance(random_, trouble_.ends)) {
        owner_.reset();
      } else if (chance(random_, trouble_.strangers)) {
        stale_ = std::move(owner_);
      } else if (!let_something_happen()) {
        broken_.emplace_back("the run stands still");
      }
    }
    broken_.emplace_back("the run does not end");
  }

  [[nodiscard]] const std::vector<std::string>& broken() const { return broken_; }
  /// The journal, as the store acknowledged it or had to.
  [[nodiscard]] const std::vector<Event>& events() const { return journal_; }
  [[nodiscard]] const HistoryCounts& counts() const { return counts_; }
  [[nodiscard]] int cancels() const { return cancels_; }
  /// What the owners decided, by the number of the last event that they knew then.
  [[nodiscard]] const std::map<std::uint64_t, std::string>& decisions() const { return decisions_; }

private:
  /// Something that was started, whoever started it.
  struct Effect {
    ActionRef at;
    std::uint32_t attempt = 1;
    std::uint64_t fence = 0; // of the owner that waits for it
    Time ends{0};
    bool stopped = false;
    bool told = false;
    bool overdue = false;
  };
  struct Timer {
    Time over;
    TimerFired fired;
  };
  struct Asked {
    Time answered;
    std::string token;
  };
  struct Owner {
    explicit Owner(const Plan& plan) : state(plan) {}
    RunState state;
    std::unique_ptr<Journal> journal;
    std::vector<Event> batch;
    std::vector<Command> effects;
    std::vector<Timer> timers;
    std::vector<Asked> asked;
    std::map<std::uint64_t, std::string> decided; // since the last append
    std::uint64_t seq = 0;
    bool halted = false;
    bool gone = false; // ended while it carried out
    [[nodiscard]] std::uint64_t fence() const { return journal ? journal->fence() : 1; }
  };

  void wrong(std::string words) { broken_.push_back(std::move(words)); }
  Time some_time(std::size_t most) { return Time{1 + static_cast<Time::rep>(up_to(random_, most))}; }

  void begin(const Options& options) {
    auto header = std::make_shared<RunHeader>();
    header->run = run_;
    header->rules = rules_version;
    header->parallel = options.parallel;
    header->timeout = options.timeout;
    header->rollback = options.rollback;
    header->on_rollback_failure = options.on_rollback_failure;
    header->outline = plan_.outline();
    header->plan_digest = plan_.digest();
    owner_ = std::make_unique<Owner>(plan_);
    Owner& owner = *owner_;
    record(owner, RunCreated{header});
    record(owner, Claimed{"owner 1"});
    decide_and_record(owner);
    auto journal = store_->create("document", owner.batch);
    if (!journal) return wrong("the run cannot be recorded: " + journal.error().message);
    owner.journal = std::move(*journal);
    ++counts_.owners;
    acknowledged(owner);
    carry_out(owner);
    go_on(owner);
  }

  // What the store has, it has for good.
  void acknowledged(Owner& owner) {
    journal_.insert(journal_.end(), owner.batch.begin(), owner.batch.end());
    decisions_.merge(owner.decided);
    owner.decided.clear();
    owner.batch.clear();
  }

  [[nodiscard]] bool is_over() {
    const RunStatus status = status_of_journal();
    if (status == RunStatus::running) return false;
    if (status != RunStatus::parked) return true;
    owner_.reset();
    ++counts_.parked;
    return chance(random_, 50); // else somebody takes it up
  }

  [[nodiscard]] RunStatus status_of_journal() const {
    const auto* closed = std::get_if<RunClosed>(&journal_.back().data);
    if (closed != nullptr) return closed->status;
    return std::holds_alternative<RunParked>(journal_.back().data) ? RunStatus::parked : RunStatus::running;
  }

  // As Run::resume.
  void take_up() {
    const auto events = store_->load(run_);
    if (!events) return wrong("the journal cannot be read");
    if (events->size() != journal_.size()) return wrong("the store has another number of events than it acknowledged");
    auto owner = std::make_unique<Owner>(plan_);
    for (const Event& event : *events) owner->state.apply(event.data);
    const std::string name = "owner " + std::to_string(++counts_.owners);
    auto journal = store_->claim(run_, Claimed{name}, {}, events->size());
    if (!journal) return wrong("the run cannot be claimed: " + journal.error().message);
    owner->journal = std::move(*journal);
    owner->seq = owner->journal->last_seq();
    journal_.push_back({owner->seq, owner->fence(), {}, Claimed{name}});
    owner->state.apply(journal_.back().data);
    decide_and_record(*owner);
    owner_ = std::move(owner);
    Owner& now = *owner_;
    if (!commit(now)) return settle(now);
    carry_out(now);
    go_on(now);
    stale_goes_on();
  }

  // Who has lost the run and does not know it hears of something.
  void stale_goes_on() {
    if (!stale_ || chance(random_, 30)) return;
    const auto waits = std::ranges::find_if(
        effects_, [&](const Effect& effect) { return !effect.told && effect.fence == stale_->fence(); });
    if (waits == effects_.end()) return happened(*stale_, CancelRequested{"who knows no better"});
    waits->told = true;
    end(*stale_, Effect(*waits));
  }

  void record(Owner& owner, EventData data) {
    owner.state.apply(data);
    owner.batch.push_back(Event{++owner.seq, owner.fence(), {}, std::move(data)});
  }

  void decide_and_record(Owner& owner) {
    for (bool recorded = true; recorded;) {
      recorded = false;
      std::vector<Command> commands = decide(owner.state);
      owner.decided.emplace(owner.seq, CommandText::of(commands));
      for (Command& command : commands) {
        if (auto event = to_event(owner.state, command)) {
          record(owner, std::move(*event));
          recorded = true;
        }
        if (!is_there_already(owner.effects, command)) owner.effects.push_back(std::move(command));
      }
    }
  }

  // What is to be taken up is said each time until something is known of it.
  static bool is_there_already(const std::vector<Command>& effects, const Command& command) {
    const auto* take_up = std::get_if<TakeUpAction>(&command);
    return take_up != nullptr && std::ranges::any_of(effects, [&](const Command& other) {
             const auto* same = std::get_if<TakeUpAction>(&other);
             return same != nullptr && same->at == take_up->at;
           });
  }

  void happened(Owner& owner, EventData data) {
    if (owner.halted || owner.gone) return;
    if (std::holds_alternative<CancelRequested>(data)) ++cancels_;
    record(owner, std::move(data));
    go_on(owner);
  }

  // As Run::go_on.
  void go_on(Owner& owner) {
    while (!owner.halted && !owner.gone) {
      decide_and_record(owner);
      if (owner.batch.empty() && owner.effects.empty()) break;
      if (!commit(owner)) break;
      carry_out(owner);
      if (owner.state.status() != RunStatus::running || owner.batch.empty()) break;
    }
    settle(owner);
  }

  // An owner that has ended or halted is nobody's.
  void settle(const Owner& owner) {
    if (!owner.halted && !owner.gone) return;
    if (owner_.get() == &owner) dead_ = std::move(owner_);
    if (stale_.get() == &owner) dead_ = std::move(stale_);
  }

  bool commit(Owner& owner) {
    if (owner.batch.empty()) return true;
    const bool newest = owner.fence() == journal_.back().fence;
    const bool fails = chance(random_, trouble_.appends);
    const bool kept = !fails || chance(random_, 30); // by a disk that says that it was not
    if (kept) {
      const auto appended = owner.journal->append(owner.batch);
      if (appended && !newest) wrong("an owner that had lost the run wrote to it");
      if (!appended && newest) wrong("an append was refused: " + appended.error().message);
      if (!appended) ++counts_.fenced;
      if (appended) acknowledged(owner);
      if (appended && !fails) return true;
    }
    counts_.failed_appends += fails ? 1 : 0;
    halt(owner);
    return false;
  }

  // As Run::halt: nothing more is started, and what runs is stopped.
  void halt(Owner& owner) {
    owner.halted = true;
    owner.batch.clear();
    owner.effects.clear();
    for (auto& effect : effects_) {
      if (effect.fence == owner.fence()) effect.stopped = true;
    }
  }

  void carry_out(Owner& owner) {
    const std::vector<Command> commands = std::exchange(owner.effects, {});
    for (const Command& command : commands) {
      if (chance(random_, trouble_.ends_inside)) owner.gone = true;
      if (owner.gone) break;
      std::visit([&](const auto& c) { perform(owner, c); }, command);
    }
    settle(owner);
  }

  void perform(Owner& owner, const StartAction& command) {
    const PlannedAction& planned = plan_.action(command.at);
    if (planned.asks) return;
    ++counts_.starts;
    check_start(owner, command);
    Effect effect{command.at, command.attempt, owner.fence(), now_ + some_time(500)};
    if (planned.action.timeout && !planned.until && effect.ends > now_ + *planned.action.timeout) {
      effect.ends = now_ + *planned.action.timeout;
      effect.overdue = true;
    }
    effects_.push_back(effect);
  }

  void check_start(const Owner& owner, const StartAction& command) {
    if (owner.fence() != journal_.back().fence) wrong("something was started by an owner that had lost the run");
    const bool recorded = std::ranges::any_of(journal_, [&](const Event& event) {
      const auto* intent = std::get_if<StepIntent>(&event.data);
      return intent != nullptr && intent->at == command.at && intent->attempt == command.attempt &&
             event.fence == owner.fence();
    });
    if (!recorded) wrong("something was started whose intent is not in the store");
    if (command.at.kind != ActionKind::probe && find_effect(command.at, command.attempt) != nullptr)
      wrong("an attempt was started twice");
  }

  [[nodiscard]] Effect* find_effect(const ActionRef& at, std::uint32_t attempt) {
    const auto found = std::find_if(effects_.rbegin(), effects_.rend(),
                                    [&](const Effect& effect) { return effect.at == at && effect.attempt == attempt; });
    return found == effects_.rend() ? nullptr : &*found;
  }

  // What the world knows of what a former owner has started; whoever asks may learn less.
  void perform(Owner& owner, const TakeUpAction& command) {
    Effect* effect = find_effect(command.at, command.attempt);
    if (effect != nullptr && effect->fence == owner.fence()) return; // it was taken up already
    if (chance(random_, 40)) {
      ++counts_.unknown;
      record(owner, StepDoubt{command.at, command.attempt, DoubtKind::unknown, "nobody knows"});
    } else if (effect == nullptr) {
      ++counts_.not_started;
      record(owner, StepDoubt{command.at, command.attempt, DoubtKind::not_started, "it never was"});
    } else {
      ++counts_.taken_up;
      effect->fence = owner.fence();
      effect->told = false;
      effect->ends = std::max(effect->ends, now_ + Time{1});
      record(owner, StepTakenUp{command.at, command.attempt});
    }
  }

  void perform(Owner& owner, const Ask& command) {
    const std::string token = question_token(plan_, command.kind, command.at);
    if (!owner.state.open_question(token)) return;
    if (chance(random_, trouble_.nobody)) return record(owner, WaitUnreachable{token, "nobody is there"});
    owner.asked.push_back({now_ + some_time(2000), token});
  }
  void perform(Owner& owner, const SetTimer& command) {
    owner.timers.push_back({now_ + command.delay, {command.at, command.attempt, command.kind}});
  }
  void perform(Owner& owner, const StopAction& command) {
    for (Effect& effect : effects_) {
      if (effect.at != command.at || effect.fence != owner.fence() || effect.told) continue;
      effect.stopped = true;
      effect.ends = std::min(effect.ends, now_ + Time{5});
    }
  }
  void perform(Owner& owner, const BeginRollback&) { owner.timers.clear(); }
  void perform(Owner&, const auto&) {}

  // The next thing in time: the end of an effect, of a timer, an answer.
  bool let_something_happen() {
    Owner& owner = *owner_;
    const auto effect =
        next(effects_, &Effect::ends, [&](const Effect& e) { return !e.told && e.fence == owner.fence(); });
    const auto timer = next(owner.timers, &Timer::over, [](const Timer&) { return true; });
    const auto asked = next(owner.asked, &Asked::answered, [](const Asked&) { return true; });
    if (!effect && !timer && !asked) return false;
    const auto time_of = [](const auto* it, auto member) { return it == nullptr ? Time::max() : it->*member; };
    const Time first =
        std::min({time_of(effect, &Effect::ends), time_of(timer, &Timer::over), time_of(asked, &Asked::answered)});
    now_ = std::max(now_, first);
    if (effect != nullptr && effect->ends == first) {
      effect->told = true;
      end(owner, *effect);
    } else if (timer != nullptr && timer->over == first) {
      const TimerFired fired = timer->fired;
      owner.timers.erase(owner.timers.begin() + (timer - owner.timers.data()));
      if (owner.state.awaits(fired)) happened(owner, fired);
    } else {
      const std::string token = asked->token;
      owner.asked.erase(owner.asked.begin() + (asked - owner.asked.data()));
      if (owner.state.open_question(token)) happened(owner, answer(owner, token));
    }
    return true;
  }

  template <class T, class Member, class Filter>
  static T* next(std::vector<T>& all, Member member, const Filter& filter) {
    T* first = nullptr;
    for (T& one : all) {
      if (filter(one) && (first == nullptr || one.*member < first->*member)) first = &one;
    }
    return first;
  }

  void end(Owner& owner, const Effect& effect) {
    if (effect.at.kind != ActionKind::probe && chance(random_, 1)) { // who looked after it is gone
      ++counts_.unknown;
      return happened(owner, StepDoubt{effect.at, effect.attempt, DoubtKind::unknown, "it was lost"});
    }
    const bool repeated = plan_.action(effect.at).until.has_value();
    const int code = chance(random_, repeated ? 40 : trouble_.actions) ? 1 : 0;
    Outcome outcome{code == 0 ? OutcomeStatus::ok : OutcomeStatus::failed, Value{{"exit_code", code}}, {}};
    if (effect.overdue) outcome.status = OutcomeStatus::timed_out;
    if (effect.stopped && !outcome.ok()) outcome.status = OutcomeStatus::cancelled;
    happened(owner, owner.state.judged(StepOutcome{.at = effect.at, .attempt = effect.attempt, .outcome = outcome}));
  }

  EventData answer(const Owner& owner, const std::string& token) {
    WaitAnswered said{token, !chance(random_, trouble_.answers), "somebody", {}, {}};
    const auto wants = owner.state.open_question(token)->wants;
    if (!wants.choices.empty()) said.value = Value(wants.choices[up_to(random_, wants.choices.size() - 1)]);
    return said;
  }

  const Plan& plan_;
  std::mt19937& random_;
  Trouble trouble_;
  std::shared_ptr<RunStore> store_;
  std::string run_;
  Time now_{0};
  std::vector<Event> journal_;
  std::vector<Effect> effects_; // all that were ever started
  std::map<std::uint64_t, std::string> decisions_;
  std::unique_ptr<Owner> owner_; // who owns the run
  std::unique_ptr<Owner> stale_; // who believes so
  std::unique_ptr<Owner> dead_;  // ended in the middle of something: kept until that has returned
  std::vector<std::string> broken_;
  HistoryCounts counts_;
  int cancels_ = 0;
};

} // namespace runbook::testing
