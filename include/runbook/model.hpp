// The model: what a runbook document says, as plain values.
//
// A `Runbook` comes from `parse`/`load` (parse.hpp), from JSON (`from_json`), or is built in code:
//
//   rb::Runbook book{"Drain a node"};
//   book.step("drain").use("drain_node", {{"node", "web-1"}}).rollback("undrain_node", {{"node", "web-1"}});
//
// Ownership: plain values, no pointers between them. Thread-safety: as with any value type.
#pragma once

#include <runbook/boxed.hpp>
#include <runbook/secret.hpp>
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

/// What is done about a step of which nobody knows whether it was carried out: the engine ended in the middle of it.
enum class OnDoubt : std::uint8_t {
  ask,           ///< a person decides (the default)
  retry,         ///< it is done again
  assume_done,   ///< it counts as done
  assume_failed, ///< it counts as failed
  probe,         ///< the step's probe decides
};

enum class RiskLevel : std::uint8_t { unspecified, low, medium, high, critical };

/// The part of the document an item belongs to, in the order in which a run goes through them.
enum class Section : std::uint8_t { prerequisites, steps, verification, rollback };

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Effect effect) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(OnFailure on_failure) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(OnDoubt on_doubt) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(RiskLevel level) noexcept;
[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Section section) noexcept;

/// How often a failed action is tried again. The wait before the n-th retry is `delay * 2^(n-1)`, at most `max_delay`,
/// less a part of it that differs from run to run and from element to element, so that what failed together is not
/// tried again together: at most `jitter` percent.
struct RetryPolicy {
  std::uint32_t retries = 0; ///< how many more times after the first; 0 means never
  std::chrono::milliseconds delay{1000};
  std::chrono::milliseconds max_delay{30000};
  std::uint32_t jitter = 0; ///< percent, at most 100

  friend bool operator==(const RetryPolicy&, const RetryPolicy&) = default;
};

/// What an action's output is compared with. The text may hold `{{ name }}`.
struct Expectation {
  enum class Kind : std::uint8_t {
    text,     ///< line by line, trailing blanks trimmed; a line `...` is any lines, `...` inside a line any text
    json,     ///< the output is JSON that has at least what `text` has
    http,     ///< a response head: `HTTP/1.1 404` and headers, then an optional body compared as text or JSON
    contains, ///< `text` stands somewhere in the output; blanks at the ends of lines do not count
    regex,    ///< the regular expression (RE2) `text` matches somewhere in the output; `^` and `$` match at lines
  };
  Kind kind = Kind::text;
  std::string text{};
  SourceSpan span{};

  friend bool operator==(const Expectation&, const Expectation&) = default;
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(Expectation::Kind kind) noexcept;

/// A condition or another expression (expression.hpp) as the document has it.
struct Condition {
  std::string text{};
  SourceSpan span{};

  friend bool operator==(const Condition&, const Condition&) = default;
};

/// One thing to do: a handler's name and its parameters. A fenced block becomes one action.
///
/// The built-in handlers and their parameters: handlers.hpp.
struct Action {
  std::string handler{};
  Values params{};
  std::optional<Effect> effect{};                     ///< unset: what the handler says of itself
  std::optional<std::chrono::milliseconds> timeout{}; ///< unset: none
  RetryPolicy retry{};
  std::string capture{}; ///< name under which later actions see this one's output; empty: not captured
  Boxed<Expectation> expect{};
  Boxed<Condition> until{}; ///< the action is repeated until this is true, as `retry` and `timeout` say
  SourceSpan span{};

  friend bool operator==(const Action&, const Action&) = default;
};

/// A step that is done once for each element of a list.
struct Loop {
  Condition over{};           ///< what gives the list
  std::string as = "item";    ///< the name of the value that holds the element
  std::uint32_t parallel = 1; ///< how many may run at once

  friend bool operator==(const Loop&, const Loop&) = default;
};

/// When a step is done, how often and after which others, for the steps that say so.
struct Flow {
  Condition when{};                 ///< only if this is true; empty: always
  std::optional<Loop> loop{};       ///< written `foreach`
  std::vector<std::string> needs{}; ///< the ids of the steps that must be done before; empty: those in front of it

  friend bool operator==(const Flow&, const Flow&) = default;
};

/// One item of a section: a step, a prerequisite, a verification or a part of the general rollback.
struct RUNBOOK_EXPORT Step {
  std::string id{};
  std::string title{};
  std::string notes{}; ///< prose for the person who watches, as Markdown
  std::vector<Action> actions{};
  std::vector<Action> checks{}; ///< must succeed after the actions
  std::vector<Action> undo{};   ///< takes back what the actions did
  std::vector<Action> probe{};  ///< tell whether the actions have been done: exit code 0 yes, 1 no, else unknown
  std::vector<Step> steps{};    ///< steps inside of this one, done after its own actions; a step without any is a group
  Boxed<Flow> flow{};
  bool irreversible = false; ///< the document says that this cannot be undone
  bool isolated = false;     ///< neither sees nor changes the variables and the directory that shell steps hand on
  OnFailure on_failure = OnFailure::rollback;
  OnDoubt on_doubt = OnDoubt::ask;
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

enum class InputType : std::uint8_t {
  string,
  integer,
  number,
  boolean,
  path,
  secret, ///< text that nothing shows and nothing keeps (secret.hpp); it has no default
};

[[nodiscard]] RUNBOOK_EXPORT std::string_view to_string(InputType type) noexcept;

/// A value that whoever starts the run supplies.
struct Input {
  std::string name{}; ///< also the environment variable's name: `[A-Za-z_][A-Za-z0-9_]*`
  InputType type = InputType::string;
  bool required = false;
  std::optional<Value> default_value{};
  std::string pattern{}; ///< regular expression (RE2) that the text must match as a whole; empty: anything
  std::string description{};
  SecretOrigin from{}; ///< for a secret: where it comes from, if the document says so
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

/// How often a procedure is carried out.
struct Frequency {
  enum class Kind : std::uint8_t {
    unspecified, ///< nothing is said, or nothing that is understood
    periodic,    ///< once in each `months` + `days` + `time`
    on_demand,
    per_release,
  };
  Kind kind = Kind::unspecified;
  std::uint32_t months = 0;
  std::uint32_t days = 0;
  std::chrono::seconds time{0};
  std::string text{}; ///< as the document has it

  friend bool operator==(const Frequency&, const Frequency&) = default;
};

/// Reads daily, weekly, monthly, quarterly, yearly, every N hours|days|weeks|months|years, on demand, per release, or
/// an ISO 8601 duration such as P2W. Case does not count. Anything else is of kind `unspecified`, with its text.
[[nodiscard]] RUNBOOK_EXPORT Frequency parse_frequency(std::string_view text);

/// Something that whoever runs the runbook must be allowed to do or must have. Settled before anything else.
struct Access {
  enum class Kind : std::uint8_t {
    other,   ///< words: a person is asked
    user,    ///< the user that runs it is `name`
    group,   ///< that user is a member of the group `name`
    sudo,    ///< that user may use sudo without being asked for a password
    env,     ///< the environment variable `name` is set and not empty
    command, ///< the program `name` is found
    file,    ///< the file or folder `name` can be read, and written if `writable`
  };
  Kind kind = Kind::other;
  std::string name{}; ///< empty for `sudo`
  bool writable = false;
  SourceSpan span{};

  friend bool operator==(const Access&, const Access&) = default;
};

/// Reads `user:NAME`, `group:NAME`, `sudo`, `env:NAME`, `command:NAME`, `file:PATH` or `file:PATH:rw`. Anything else is
/// of kind `other` with the text as its name.
[[nodiscard]] RUNBOOK_EXPORT Access parse_access(std::string_view text);
/// As it is written in a document: "file:releases:rw".
[[nodiscard]] RUNBOOK_EXPORT std::string to_string(const Access& access);

/// A whole runbook.
struct RUNBOOK_EXPORT Runbook {
  Runbook() = default;
  explicit Runbook(std::string name) : title(std::move(name)) {}

  std::string title{};
  std::string purpose{};
  Frequency frequency{};
  RiskLevel risk_level = RiskLevel::unspecified;
  std::vector<Access> required_access{};
  Values metadata{}; ///< keys that the format gives no meaning to, kept as they are
  std::vector<Input> inputs{};
  std::vector<Step> prerequisites{};
  std::vector<Step> steps{};
  std::vector<Step> verification{};
  std::vector<Step> rollback{}; ///< general rollback: runs in this order after the steps' own undos
  std::vector<Step> state{};    ///< prints what the runbook changes; no part of a run
  std::vector<Link> related{};
  std::string path{};   ///< where the document was read from; empty: nowhere
  std::string source{}; ///< the document's bytes, exactly as read; empty when built in code
  /// Those that steps of this one run (handler `runbook`), each once, found by their `path`: it is `path_beside` of
  /// this one's `path` and the step's `file`. `load` reads them too.
  std::vector<Runbook> runbooks{};

  /// Adds a step with this id and returns it. The reference is valid until the next step is added.
  Step& step(std::string id);

  friend bool operator==(const Runbook&, const Runbook&) = default;
};

/// Where a file is that the document at `path` names: beside that document, unless its name is absolute. "./" and
/// "folder/../" are taken out.
[[nodiscard]] RUNBOOK_EXPORT std::string path_beside(std::string_view path, std::string_view file);

/// The model's JSON form. Everything but `path`, `source`, `runbooks` and spans is kept; `from_json(to_json(b))` equals
/// `b` but for those. Members that have their default value are left out.
[[nodiscard]] RUNBOOK_EXPORT Value to_json(const Runbook& runbook);

/// Reads the JSON form. Unknown members are errors that name their place by JSON pointer; all problems are reported.
[[nodiscard]] RUNBOOK_EXPORT Result<Runbook> from_json(const Value& value);

} // namespace runbook
