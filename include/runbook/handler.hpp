// Handlers: what a step's actions do. Some are built in (handlers.hpp); embedders register their own.
//
//   rb::HandlerRegistry handlers = rb::builtin_handlers();
//   handlers.add({.name = "drain_node", .effect = rb::Effect::idempotent},
//                [](rb::StepContext& ctx) -> rb::Result<rb::Value> {
//                  return rb::Value{{"drained", ctx.param("node")}};
//                });
//
// Ownership: a registry shares its handlers; copies of it are cheap. Thread-safety: a registry must not be changed
// while another thread uses it. Handlers are used by many steps at once and must not keep a step's state in members.
#pragma once

#include <runbook/model.hpp>
#include <runbook/outcome.hpp>
#include <runbook/secret.hpp>
#include <runbook/terminal.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace runbook {

struct System; // system.hpp

/// A parameter that a handler takes.
struct HandlerParam {
  std::string name{};
  bool required = false;
  std::string description{};
  bool expand = false;  ///< `{{ name }}` in it is filled in, also where `HandlerInfo::expand` says that others are not
  bool exposed = false; ///< others can see what it holds (a process list, a folder's name): no secret is filled in
};

/// What a handler says of itself.
struct HandlerInfo {
  std::string name{};
  std::string description{};
  Effect effect = Effect::mutating;
  std::vector<HandlerParam> params{};   ///< if empty, any parameters are accepted
  std::vector<std::string> languages{}; ///< fence languages whose blocks it runs; the block arrives as parameter `text`
  bool quick = false;    ///< a function handler that returns at once: called on the engine's thread, not on a worker
  bool expand = true;    ///< `{{ name }}` in all parameters' strings is expanded before the handler sees them
  bool prints = false;   ///< its result is what it prints: `capture` takes that rather than the value it returns
  bool asks = false;     ///< the engine puts the parameter `prompt` to a person; `start` is never called
  bool takes_up = false; ///< knows what to do if `StepContext::takes_up`; others are never started then
  std::string dry_run{}; ///< what a plan shows of its actions, in words; a plan never starts a handler
};

/// One attempt at one action, as its handler sees it. Valid until the handler has completed.
/// Thread-safety: `output`, `log` and `stop_token` may be used from any thread, the rest from one at a time.
class RUNBOOK_EXPORT StepContext {
public:
  virtual ~StepContext() = default;

  [[nodiscard]] virtual const std::string& run() const = 0;
  [[nodiscard]] virtual const std::string& step() const = 0; ///< the step's id
  [[nodiscard]] virtual std::uint32_t attempt() const = 0;   ///< 1 for the first
  /// The same for all attempts at the same action of the same run: pass it to services that recognise repeats.
  [[nodiscard]] virtual std::string idempotency_key() const = 0;
  /// Names this attempt for ever, unlike every other one of any run: for `ProcessSpec::name`.
  [[nodiscard]] virtual std::string attempt_name() const { return {}; }
  /// The attempt was started by a former owner of the run, which has ended. The handler starts nothing: it finds what
  /// goes on of it or has come of it, and completes as if it had started it.
  [[nodiscard]] virtual bool takes_up() const { return false; }
  /// Says before the attempt completes that nobody can tell how it went, or with `errc::not_found`, where it takes up,
  /// that it was never started and never will be. Then the outcome does not count.
  virtual void in_doubt(const Error&) {}
  /// The action as the document has it, with nothing expanded.
  [[nodiscard]] virtual const Action& action() const = 0;
  /// The action's parameters, expanded as the handler's `info()` says.
  [[nodiscard]] virtual const Values& params() const = 0;
  /// Inputs that are no secrets, and what earlier actions captured.
  [[nodiscard]] virtual const Values& values() const = 0;
  /// The run's secrets by the names of their inputs. They are masked in whatever the handler prints, returns or says.
  [[nodiscard]] virtual const Secrets& secrets() const;
  /// The environment for programs, each name once: the allowed part of the host's, over it what earlier steps have
  /// exported, over that `values()` and `secrets()`.
  [[nodiscard]] virtual std::vector<std::string> environment() const = 0;
  /// Where programs start: where an earlier step has gone to, or where the run was started. Empty: where the host is.
  [[nodiscard]] virtual const std::string& directory() const = 0;
  /// Where the run was started, whatever its steps have done: what relative paths in a document are relative to. Empty:
  /// where the host is.
  [[nodiscard]] virtual const std::string& run_directory() const { return directory(); }
  /// Whether an action after this one may see what `leave` says.
  [[nodiscard]] virtual bool hands_on() const { return false; }
  /// Says what the attempt has left in the terminal, compared with `environment()` and `directory()`. At most once,
  /// before it completes.
  virtual void leave(TerminalChange) {}
  /// The time that this attempt has as a whole. The engine keeps it by requesting a stop.
  [[nodiscard]] virtual std::optional<std::chrono::milliseconds> timeout() const = 0;
  /// How long a program that is asked to stop has before it is killed.
  [[nodiscard]] virtual std::chrono::milliseconds grace() const { return std::chrono::milliseconds{5000}; }
  /// Signalled when the attempt shall end early. A handler that ignores it delays the run's end.
  [[nodiscard]] virtual std::stop_token stop_token() = 0;
  /// Reports output: shown live, and recorded up to a cap together with its digest and full length.
  virtual void output(Stream stream, std::string_view bytes) = 0;
  /// So many bytes of an attempt that is taken up went by while the run had no owner and are not kept anywhere. They
  /// belong behind what was reported before.
  virtual void output_lost(Stream, std::uint64_t) {}
  [[nodiscard]] virtual System& system() = 0;

  /// A parameter by name, null if it is not there.
  [[nodiscard]] const Value& param(std::string_view name) const;
  /// Reports one line on the error stream.
  void log(std::string_view line);
};

/// Says how an attempt ended. Call it exactly once, from any thread; a completion that is destroyed without having been
/// called reports a failure, so that no run can hang on a forgotten one.
class RUNBOOK_EXPORT Completion {
public:
  explicit Completion(std::function<void(Outcome&&)> sink) : sink_(std::move(sink)) {}
  Completion(Completion&& other) noexcept : sink_(std::exchange(other.sink_, nullptr)) {}
  Completion& operator=(Completion&&) = delete;
  ~Completion();

  void operator()(Outcome outcome);
  /// Success with the value, or failure with the error's message.
  void operator()(Result<Value> result);

private:
  std::function<void(Outcome&&)> sink_;
};

class RUNBOOK_EXPORT Handler {
public:
  virtual ~Handler() = default;
  [[nodiscard]] virtual const HandlerInfo& info() const = 0;
  /// Looks at an action before anything runs. The default compares its parameters with `info().params`.
  [[nodiscard]] virtual std::vector<Diagnostic> check(const Action& action) const;
  /// What this action does to the world where the document does not say so itself. The default is `info().effect`.
  [[nodiscard]] virtual Effect effect(const Action& action) const;
  /// What takes this action back, for a step that says nothing about its undo. The default is nothing. It becomes the
  /// step's undo if each of its actions that are not pure has one.
  [[nodiscard]] virtual std::optional<Action> undo(const Action& action) const;
  /// The expressions (expression.hpp) in an action's parameters, in which inputs and captures stand under their names.
  /// Planning checks that what they name is known by then. The default is none.
  [[nodiscard]] virtual std::vector<std::string> expressions(const Action& action) const;
  /// The names under which later actions see parts of what this action brings, besides its `capture`: each is a member
  /// of the object `captures` in the outcome's value, of an attempt that failed as well; one that is missing there
  /// brings nothing. Planning checks them as it checks every capture. The default is none.
  [[nodiscard]] virtual std::vector<std::string> captures(const Action& action) const;
  /// Starts an attempt and returns soon; `done` is called when it has ended. Called on the engine's thread.
  virtual void start(StepContext& context, Completion done) const = 0;
};

/// A function as a handler. It runs on a worker thread and may block, or on the engine's thread if
/// `HandlerInfo::quick`. What it throws becomes a failure.
using HandlerFunction = std::function<Result<Value>(StepContext&)>;

/// The handlers by name. There is no global one: `main` makes it and passes it on.
class RUNBOOK_EXPORT HandlerRegistry {
public:
  /// Registers a handler. Throws `Exception` (`errc::invalid_argument`) if the name or a language is taken.
  HandlerRegistry& add(std::shared_ptr<const Handler> handler);
  HandlerRegistry& add(HandlerInfo info, HandlerFunction function);
  /// Registers a handler in the place of one with the same name, if there is one.
  HandlerRegistry& replace(std::shared_ptr<const Handler> handler);
  HandlerRegistry& replace(HandlerInfo info, HandlerFunction function);

  /// The handler of this name, or null.
  [[nodiscard]] std::shared_ptr<const Handler> find(std::string_view name) const;
  [[nodiscard]] std::vector<std::string> names() const;
  /// Every fence language that a handler claims, for `ParseOptions::handler_languages`.
  [[nodiscard]] std::vector<std::string> languages() const;
  /// The handler that claims a fence language, or null.
  [[nodiscard]] std::shared_ptr<const Handler> find_language(std::string_view language) const;

private:
  std::map<std::string, std::shared_ptr<const Handler>, std::less<>> handlers_;
};

} // namespace runbook
