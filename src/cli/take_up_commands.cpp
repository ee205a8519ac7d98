// `resume`, `answer`, `resolve` and `cancel`: what is done with a run that was started elsewhere.
#include "actor.hpp"
#include "commands.hpp"
#include "open_store.hpp"
#include "output.hpp"
#include "secret_prompt.hpp"
#include "stage.hpp"
#include "stored_run.hpp"

#include <runbook/executor.hpp>
#include <runbook/handlers.hpp>
#include <runbook/standing.hpp>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace runbook::cli {

namespace {

// An owner looks for messages four times a second.
constexpr std::chrono::milliseconds longest_wait{5000};
constexpr std::chrono::milliseconds between_looks{100};

std::shared_ptr<RunStore> open_for_writing(const std::string& path) {
  if (path.empty()) {
    complain("no store: name it with --store FILE or in the environment variable RUNBOOK_STORE");
    return nullptr;
  }
  auto store = open_store(path, StoreUse::go_on);
  if (store) return *store;
  complain(to_string(store.error()));
  return nullptr;
}

const std::string& id_of(const std::vector<Event>& events) {
  return std::get<RunCreated>(events.front().data).header->run;
}

/// "drain", "drain:undo"
std::string doubted_action(const std::vector<Event>& events, const ActionRef& at) {
  const auto& outline = std::get<RunCreated>(events.front().data).header->outline;
  return action_path(*outline, at);
}

std::string actor_of(const std::string& named) {
  return named.empty() ? default_actor() : named;
}

/// The question that is meant, or nothing and a word about why.
std::optional<WaitOpened> find_question(const std::vector<Event>& events, const std::string& token) {
  const std::vector<WaitOpened> open = standing_of(events).questions;
  const auto found = std::ranges::find(open, token, &WaitOpened::token);
  if (found != open.end()) return *found;
  std::vector<std::string> tokens;
  for (const WaitOpened& question : open) tokens.push_back(question.token);
  complain(fmt::format("run {} has no open question '{}'; {}", id_of(events), token,
                       tokens.empty() ? "nothing is asked" : fmt::format("open are: {}", fmt::join(tokens, ", "))));
  return std::nullopt;
}

/// The question about the doubt that is meant, or nothing and a word about why.
std::string doubt_token(const std::vector<Event>& events, const std::string& action) {
  const Standing standing = standing_of(events);
  std::vector<std::string> in_doubt;
  for (const WaitOpened& question : standing.questions) {
    if (question.kind != QuestionKind::doubt) continue;
    const std::string path = doubted_action(events, question.at);
    if (path == action) return question.token;
    in_doubt.push_back(path);
  }
  std::string words = fmt::format("in doubt are: {}", fmt::join(in_doubt, ", "));
  if (in_doubt.empty()) words = "nothing of it waits for such a word";
  if (in_doubt.empty() && !standing.under_way.empty()) {
    words += fmt::format("; if its owner is gone, 'runbook resume {}' finds out what it left", id_of(events));
  }
  complain(fmt::format("'{}' of run {} is not in doubt; {}", action, id_of(events), words));
  return {};
}

/// The message that says it, or nothing and a word about why.
std::optional<Message> message_of(const AnswerOptions& options, const WaitOpened& question) {
  Message message{
      .token = question.token, .yes = !options.decline, .who = actor_of(options.actor), .note = options.note};
  if (options.decline) return message;
  if (question.wants.kind == AnswerKind::secret) {
    complain("a secret can only be typed where the run is: a store would keep it");
    return std::nullopt;
  }
  if (question.wants.kind == AnswerKind::yes_no) {
    if (options.answer != "yes" && options.answer != "no") {
      complain("the question is answered by yes or no");
      return std::nullopt;
    }
    message.yes = options.answer == "yes";
    return message;
  }
  if (const auto flaw = answer_flaw(question.wants, options.answer)) {
    complain(fmt::format("the answer does not count: it {}", *flaw));
    return std::nullopt;
  }
  message.text = options.answer;
  return message;
}

bool is_taken_up(const Event& event, std::uint64_t number) {
  if (const auto* answered = std::get_if<WaitAnswered>(&event.data)) return answered->message == number;
  if (const auto* cancelled = std::get_if<CancelRequested>(&event.data)) return cancelled->message == number;
  return false;
}

/// Leaves the message and waits a little for the run's owner.
ExitCode leave(RunStore& store, const std::vector<Event>& events, const Message& message) {
  const std::string& run = id_of(events);
  const auto number = store.post(run, message);
  if (!number) {
    complain(to_string(number.error()));
    return ExitCode::refused;
  }
  if (std::holds_alternative<RunParked>(events.back().data)) {
    static_cast<void>(print(fmt::format("the run is parked: 'runbook resume {}' goes on with this\n", run)));
    return ExitCode::succeeded;
  }
  const auto end = std::chrono::steady_clock::now() + longest_wait;
  while (std::chrono::steady_clock::now() < end) {
    std::this_thread::sleep_for(between_looks);
    const auto now = store.load(run);
    if (now && std::ranges::any_of(*now, [&](const Event& event) { return is_taken_up(event, *number); })) {
      return print("taken up\n") ? ExitCode::succeeded : ExitCode::output_lost;
    }
  }
  static_cast<void>(print(fmt::format("left for the run's owner, who has not taken it up yet: if it is gone, 'runbook "
                                      "resume {}' does\n",
                                      run)));
  return ExitCode::succeeded;
}

} // namespace

ExitCode resume(const ResumeOptions& options) {
  auto store = open_for_writing(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  const std::string run = id_of(*events);
  const Result<Plan> plan = plan_of_run(*store, run, builtin_handlers());
  if (!plan) {
    complain(to_string(plan.error()));
    return ExitCode::refused;
  }
  std::optional<Secrets> secrets = ask_for_secrets(*plan);
  if (!secrets) return ExitCode::refused;
  return put_on_stage(*plan, {actor_of(options.actor), options.store, options.yes, options.json, options.no_color},
                      store, [&](Executor& executor, std::shared_ptr<Observer> observer) {
                        return executor.resume(run,
                                               {std::move(observer), std::exchange(*secrets, {}), options.take_over});
                      });
}

ExitCode answer(const AnswerOptions& options) {
  const auto store = open_for_writing(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  const auto question = find_question(*events, options.question);
  if (!question) return ExitCode::refused;
  const auto message = message_of(options, *question);
  return message ? leave(*store, *events, *message) : ExitCode::refused;
}

ExitCode resolve(const ResolveOptions& options) {
  const auto store = open_for_writing(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  const std::string token = doubt_token(*events, options.action);
  if (token.empty()) return ExitCode::refused;
  return leave(
      *store, *events,
      {.token = token, .yes = true, .text = options.decision, .who = actor_of(options.actor), .note = options.note});
}

ExitCode cancel(const CancelOptions& options) {
  const auto store = open_for_writing(options.store);
  if (!store) return ExitCode::refused;
  const auto events = load_run(*store, options.run);
  if (!events) return ExitCode::refused;
  return leave(*store, *events, {.who = actor_of(options.actor)});
}

} // namespace runbook::cli
