// The model: what a runbook document says, as plain values.
//
// A `Runbook` comes from `parse`/`load` (parse.hpp), from JSON (`from_json`), or is built in code:
//
//   rb::Runbook book{"Drain a node"};
//   book.step("drain").use("drain_node", {{"node", "web-1"}}).rollback("undrain_node", {{"node", "web-1"}});
//
// Ownership: plain values, no pointers between them. Thread-safety: as with any value type.
#pragma once

#include <runbook/value.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// What running something does to the world. `mutating` is assumed where nothing else is said.
enum class Effect : std::uint8_t {
  pure,       ///< reads only: a dry run may call it and nothing has to be undone
  idempotent, ///< changes something; doing it twice is the same as doing it once
  mutating,   ///< changes something; never repeated unless the document says so
};

/// What a failed step means for the run.
enum class OnFailure : std::uint8_t {
  rollback, ///< undo what was started, newest first (the default)
  proceed,  ///< written `continue`: note the failure and go on with the next step
  stop,     ///< end the run as it is, and name what was not undone
};

enum class RiskLevel : std::uint8_t { unspecified, low, medium, high, critical };

/// The part of the document an item belongs to, in the order in which a run goes through them.
enum class Section : std::uint8_t { prerequisites, steps, verification, rollback };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Effect effect) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(OnFailure on_failure) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(RiskLevel level) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Section section) noexcept;

/// How often a failed action is tried again. The wait before the n-th retry is `delay * 2^(n-1)`, at most `max_delay`.
struct RetryPolicy {
  std::uint32_t retries = 0; ///< how many more times after the first; 0 means never
  std::chrono::milliseconds delay{1000};
  std::chrono::milliseconds max_delay{30000};

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// What an action's output is compared with. The text may hold `{{ name }}`.
struct Expectation {
  enum class Kind : std::uint8_t {
    text, ///< line by line, trailing blanks trimmed; a line `...` is any lines, `...` inside a line any text
    json, ///< the output is JSON that has at least what `text` has
    http, ///< a response head: `HTTP/1.1 404` and headers, then an optional body compared as text or JSON
  };
  Kind kind = Kind::text;
  std::string text{};
  SourceSpan span{};

  friend bool operator==(const Expectation&, const Expectation&) = default;
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Expectation::Kind kind) noexcept;

/// One thing to do: a handler's name and its parameters. A fenced block becomes one action.
///
/// The built-in handlers' parameters: `shell` {script, shell}, `http` {method, url, headers, body},
/// `confirm` {prompt}.
struct Action {
  std::string handler{};
  Values params{};
  std::optional<Effect> effect{};                     ///< unset: what the handler says of itself
  std::optional<std::chrono::milliseconds> timeout{}; ///< unset: none
  RetryPolicy retry{};
  std::string capture{}; ///< name under which later actions see this one's output; empty: not captured
  std::optional<Expectation> expect{};
  SourceSpan span{};

  friend bool operator==(const Action&, const Action&) = default;
};

/// One item of a section: a step, a prerequisite, a verification or a part of the general rollback.
struct RUNBOOK_EXPORT Step {
  std::string id{};
  std::string title{};
  std::string notes{}; ///< prose for the person who watches, as Markdown
  std::vector<Action> actions{};
  std::vector<Action> checks{}; ///< must succeed after the actions
  std::vector<Action> undo{};   ///< takes back what the actions did
  bool irreversible = false;    ///< the document says that this cannot be undone
  OnFailure on_failure = OnFailure::rollback;
  SourceSpan span{};

  /// Adds an action. `params` may hold `{{ name }}` in its strings.
  Step& use(std::string handler, Values params = {});
  /// Adds an action that undoes the step.
  Step& rollback(std::string handler, Values params = {});
  /// Adds an action that must succeed for the step to count as done.
  Step& check(std::string handler, Values params = {});
  /// Sets the title, which is the id until then.
  Step& titled(std::string text);

  friend bool operator==(const Step&, const Step&) = default;
};

enum class InputType : std::uint8_t { string, integer, number, boolean, path };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(InputType type) noexcept;

/// A value that whoever starts the run supplies.
struct Input {
  std::string name{}; ///< also the environment variable's name: `[A-Za-z_][A-Za-z0-9_]*`
  InputType type = InputType::string;
  bool required = false;
  std::optional<Value> default_value{};
  std::string pattern{}; ///< regular expression (RE2) that the text must match as a whole; empty: anything
  std::string description{};
  SourceSpan span{};

  friend bool operator==(const Input&, const Input&) = default;
};

/// A link to a related runbook.
struct Link {
  std::string text{};
  std::string target{};
  SourceSpan span{};

  friend bool operator==(const Link&, const Link&) = default;
};

/// A whole runbook.
struct RUNBOOK_EXPORT Runbook {
  Runbook() = default;
  explicit Runbook(std::string name) : title(std::move(name)) {}

  std::string title{};
  std::string purpose{};
  std::string frequency{};
  RiskLevel risk_level = RiskLevel::unspecified;
  std::string required_access{};
  Values metadata{}; ///< keys that the format gives no meaning to, kept as they are
  std::vector<Input> inputs{};
  std::vector<Step> prerequisites{};
  std::vector<Step> steps{};
  std::vector<Step> verification{};
  std::vector<Step> rollback{}; ///< general rollback: runs in this order after the steps' own undos
  std::vector<Link> related{};
  std::string path{};   ///< where the document was read from; empty: nowhere
  std::string source{}; ///< the document's bytes, exactly as read; empty when built in code

  /// Adds a step with this id and returns it. The reference is valid until the next step is added.
  Step& step(std::string id);

  friend bool operator==(const Runbook&, const Runbook&) = default;
};

/// The model's JSON form. Everything but `path`, `source` and spans is kept; `from_json(to_json(b))` equals `b` but for
/// those. Members that have their default value are left out.
[[nodiscard]] RUNBOOK_EXPORT Value to_json(const Runbook& runbook);

/// Reads the JSON form. Unknown members are errors that name their place by JSON pointer; all problems are reported.
[[nodiscard]] RUNBOOK_EXPORT Result<Runbook> from_json(const Value& value);

} // namespace runbook
