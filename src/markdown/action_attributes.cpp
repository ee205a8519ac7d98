#include "markdown/action_attributes.hpp"

#include "markdown/assignments.hpp"
#include "markdown/duration.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "plan/variables.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <boost/json/array.hpp>
#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::uint32_t max_retries = 1000;

/// One attribute of a command, read into its action.
class Reader {
public:
  Reader(Findings& findings, const Attribute& attribute, Action& action)
      : findings_(findings), attribute_(attribute), action_(action) {}

  void effect() { effect_of(attribute_.value); }
  void effect_word() { effect_of(attribute_.name); }

  void timeout() {
    const auto time = parse_duration(attribute_.value);
    if (!time || time->count() == 0) return bad_time();
    action_.timeout = *time;
  }

  void retries() {
    std::string_view rest = attribute_.value;
    unsigned long number = 0;
    if (!take_number(rest, number) || !rest.empty() || number > max_retries) {
      return error(fmt::format("'{}' is no number of retries", attribute_.value),
                   fmt::format("give a whole number from 0 to {}", max_retries));
    }
    action_.retry.retries = static_cast<std::uint32_t>(number);
  }

  void backoff() {
    const std::string_view text = attribute_.value;
    const std::size_t dots = text.find("..");
    const auto first = parse_duration(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : parse_duration(text.substr(dots + 2));
    if (!first || !last) return bad_time();
    if (*last < *first) return error("the longest wait is shorter than the first", "write backoff=2s..1m");
    action_.retry.delay = *first;
    action_.retry.max_delay = dots == std::string_view::npos ? std::max(*first, RetryPolicy{}.max_delay) : *last;
  }

  void jitter() {
    std::string_view rest = attribute_.value;
    unsigned long percent = 0;
    const bool number = take_number(rest, percent);
    if (!number || (rest != "%" && !rest.empty()) || percent > 100) {
      return error(fmt::format("'{}' is no part of a pause", attribute_.value), "write jitter=20%, at most 100%");
    }
    action_.retry.jitter = static_cast<std::uint32_t>(percent);
  }

  void until() { action_.until = Condition{attribute_.value, attribute_.value_span}; }

  void capture() {
    if (!is_variable_name(attribute_.value)) {
      return error(fmt::format("'{}' cannot be the name of a captured value", attribute_.value),
                   "it becomes an environment variable: use letters, digits and '_', and no digit at the front");
    }
    action_.capture = attribute_.value;
  }

  void handler() {
    static constexpr std::array<std::string_view, 4> by_language{"shell", "http", "confirm", "runbook"};
    if (std::ranges::find(by_language, attribute_.value) != by_language.end()) {
      return error(fmt::format("the handler '{}' is not chosen by an attribute", attribute_.value),
                   "the block's language says it: sh, http or confirm");
    }
    action_.handler = attribute_.value;
  }

  void parameter() { action_.params[attribute_.name] = attribute_.value; }

  /// Texts with commas between them.
  void choices() {
    boost::json::array choices;
    std::string_view rest = attribute_.value;
    while (true) {
      const std::size_t end = std::min(rest.find(','), rest.size());
      choices.emplace_back(trim(rest.substr(0, end)));
      if (end == rest.size()) break;
      rest.remove_prefix(end + 1);
    }
    action_.params["choices"] = std::move(choices);
  }

  void shell() {
    static constexpr std::array<std::string_view, 3> known{"sh", "bash", "zsh"};
    const std::string name = lower(attribute_.value);
    if (std::ranges::find(known, name) == known.end()) {
      return error(fmt::format("'{}' is no shell that scripts are run with", attribute_.value), "use sh, bash or zsh");
    }
    action_.params["shell"] = name;
  }

  void env() {
    const Assignments read = read_assignments(attribute_.value);
    if (read.flaw) return error(*read.flaw, R"(write env="A=1 B='two words'")");
    Value& env = action_.params["env"];
    if (!env.is_object()) env.emplace_object();
    for (const auto& [name, value] : read.all) {
      if (!env.get_object().emplace(name, value).second) {
        error(fmt::format("the variable '{}' is set twice", name), "set it once");
      }
    }
  }

private:
  void effect_of(std::string_view name) {
    const auto found = enum_from<Effect>(name);
    if (!found) {
      return error(fmt::format("effect cannot be '{}'", name),
                   "use pure, idempotent or mutating; 'irreversible' is a word of its own");
    }
    if (action_.effect && *action_.effect != *found) {
      return error(fmt::format("'{}' and '{}' contradict each other", name_of(*action_.effect), name),
                   "say one of the two");
    }
    action_.effect = found;
  }

  void bad_time() {
    error(fmt::format("'{}' is no time", attribute_.value), "write 500ms, 5s, 2m or 1h; at most 366 days");
  }

  void error(std::string_view message, std::string_view hint) {
    findings_.error("attribute", attribute_.span, message, hint);
  }

  Findings& findings_;
  const Attribute& attribute_;
  Action& action_;
};

} // namespace

bool take_action_attribute(Findings& findings, const Attribute& attribute, Action& action) {
  using Take = void (Reader::*)();
  static constexpr std::array<std::pair<std::string_view, Take>, 22> readers{{{"effect", &Reader::effect},
                                                                              {"pure", &Reader::effect_word},
                                                                              {"idempotent", &Reader::effect_word},
                                                                              {"mutating", &Reader::effect_word},
                                                                              {"timeout", &Reader::timeout},
                                                                              {"retries", &Reader::retries},
                                                                              {"backoff", &Reader::backoff},
                                                                              {"jitter", &Reader::jitter},
                                                                              {"until", &Reader::until},
                                                                              {"capture", &Reader::capture},
                                                                              {"handler", &Reader::handler},
                                                                              {"cwd", &Reader::parameter},
                                                                              {"user", &Reader::parameter},
                                                                              {"path", &Reader::parameter},
                                                                              {"mode", &Reader::parameter},
                                                                              {"backup", &Reader::parameter},
                                                                              {"message", &Reader::parameter},
                                                                              {"answer", &Reader::parameter},
                                                                              {"choices", &Reader::choices},
                                                                              {"pattern", &Reader::parameter},
                                                                              {"shell", &Reader::shell},
                                                                              {"env", &Reader::env}}};
  for (const auto& [name, take] : readers) {
    if (name != attribute.name) continue;
    Reader reader(findings, attribute, action);
    (reader.*take)();
    return true;
  }
  return false;
}

bool take_output_attribute(Findings& findings, const Attribute& attribute, AwaitedOutput& output) {
  if (attribute.name == "expect") {
    output.expect = attribute.span;
    return true;
  }
  if (attribute.name != "match") return false;
  const auto kind = enum_from<Expectation::Kind>(attribute.value);
  if (!kind || *kind == Expectation::Kind::http) {
    findings.error("attribute", attribute.span, fmt::format("match cannot be '{}'", attribute.value),
                   "use text, contains, regex or json");
  } else {
    output.match = kind;
    output.match_span = attribute.span;
  }
  return true;
}

} // namespace runbook::markdown
