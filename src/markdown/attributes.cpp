#include "markdown/attributes.hpp"

#include "markdown/duration.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "plan/variables.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::uint32_t max_retries = 1000;

const std::vector<std::string>& supported() {
  static const std::vector<std::string> names{"id",   "timeout",    "retries",  "backoff",      "capture",    "effect",
                                              "pure", "idempotent", "mutating", "irreversible", "on_failure", "undo"};
  return names;
}

const std::vector<std::string>& later() {
  static const std::vector<std::string> names{"when",    "foreach", "parallel", "needs",    "until",
                                              "user",    "cwd",     "env",      "shell",    "as",
                                              "handler", "expect",  "on_doubt", "isolated", "match"};
  return names;
}

/// Attributes that are a word without a value.
const std::vector<std::string>& words() {
  static const std::vector<std::string> names{"irreversible", "idempotent", "mutating", "pure"};
  return names;
}

bool is_in(const std::vector<std::string>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= 100 && (is_letter(text.front()) || is_digit(text.front())) &&
         std::ranges::all_of(text, fits);
}

/// Applies one attribute after the other.
class Applier {
public:
  Applier(const Context& context, Bearer bearer, Action* action, StepSettings& settings)
      : findings_(context.findings), bearer_(bearer), action_(action), settings_(settings) {}

  void apply(const Attribute& a) {
    const std::string name = a.name.starts_with('#') ? "id" : a.name;
    if (is_in(later(), name)) {
      return error(a, "unsupported-attribute",
                   fmt::format("the attribute '{}' is not supported yet in this version", name),
                   "remove it, or use a version that has it: it is never ignored");
    }
    if (!is_in(supported(), name)) return unknown(a);
    if (!seen_.insert(name).second)
      return error(a, "attribute", fmt::format("the attribute '{}' is there twice", name));
    if (!belongs_here(name)) return misplaced(a, name);
    const bool word = is_in(words(), name);
    if (word && a.has_value) return error(a, "attribute", fmt::format("'{}' takes no value", name));
    if (!word && !a.name.starts_with('#') && a.value.empty()) {
      return error(a, "attribute", fmt::format("'{}' needs a value", name), fmt::format("write {}=…", name));
    }
    take(a, name);
  }

  void finish() {
    if (backoff_.known() && action_ != nullptr && action_->retry.retries == 0) {
      findings_.warning("attribute", backoff_, "'backoff' has no meaning without 'retries'", "add retries=3");
    }
    if (action_ != nullptr && action_->effect == Effect::pure && settings_.irreversible && pure_.known()) {
      findings_.error("attribute", pure_, "'pure' and 'irreversible' contradict each other", "remove one of the two");
    }
  }

private:
  [[nodiscard]] bool belongs_here(std::string_view name) const {
    switch (bearer_) {
    case Bearer::action: return name != "undo";
    case Bearer::check:
    case Bearer::undo: return name != "undo" && name != "id" && name != "irreversible" && name != "on_failure";
    case Bearer::title: return name == "id" || name == "undo" || name == "irreversible" || name == "on_failure";
    case Bearer::expectation: return false;
    }
    return false;
  }

  void take(const Attribute& a, std::string_view name) {
    if (name == "id") return take_id(a);
    if (name == "undo") return take_undo(a);
    if (name == "irreversible") {
      settings_.irreversible = true;
      settings_.irreversible_span = a.span;
    } else if (name == "on_failure") {
      take_on_failure(a);
    } else if (name == "effect" || is_in(words(), name)) {
      take_effect(a, name == "effect" ? std::string_view(a.value) : name);
    } else if (name == "timeout") {
      take_timeout(a);
    } else if (name == "retries") {
      take_retries(a);
    } else if (name == "backoff") {
      take_backoff(a);
    } else if (name == "capture") {
      take_capture(a);
    }
  }

  void take_id(const Attribute& a) {
    const std::string id = a.name.starts_with('#') ? a.name.substr(1) : a.value;
    if (!is_id(id)) {
      return error(a, "attribute", fmt::format("'{}' cannot be an id", id),
                   "an id has letters, digits, '-', '_' and '.', and starts with a letter or a digit");
    }
    if (!settings_.id.empty() && settings_.id != id) {
      return error(a, "attribute", fmt::format("the step has the id '{}' already", settings_.id), "give it one id");
    }
    settings_.id = id;
    settings_.id_span = a.span;
  }

  void take_undo(const Attribute& a) {
    settings_.undo = a.value;
    settings_.undo_span = a.span;
  }

  void take_on_failure(const Attribute& a) {
    const auto found = enum_from<OnFailure>(a.value);
    if (!found)
      return error(a, "attribute", fmt::format("on_failure cannot be '{}'", a.value), "use rollback, continue or stop");
    if (settings_.on_failure && *settings_.on_failure != *found) {
      return error(a, "attribute", "the step has another on_failure already", "say it once");
    }
    settings_.on_failure = found;
  }

  void take_effect(const Attribute& a, std::string_view name) {
    const auto found = enum_from<Effect>(name);
    if (!found) {
      return error(a, "attribute", fmt::format("effect cannot be '{}'", name),
                   "use pure, idempotent or mutating; 'irreversible' is a word of its own");
    }
    if (action_->effect && *action_->effect != *found) {
      return error(a, "attribute", fmt::format("'{}' and '{}' contradict each other", name_of(*action_->effect), name),
                   "say one of the two");
    }
    action_->effect = found;
    if (*found == Effect::pure) pure_ = a.span;
  }

  void take_timeout(const Attribute& a) {
    const auto time = parse_duration(a.value);
    if (!time || time->count() == 0) return bad_time(a, a.value);
    action_->timeout = *time;
  }

  void take_retries(const Attribute& a) {
    std::string_view rest = a.value;
    unsigned long number = 0;
    if (!take_number(rest, number) || !rest.empty() || number > max_retries) {
      return error(a, "attribute", fmt::format("'{}' is no number of retries", a.value),
                   fmt::format("give a whole number from 0 to {}", max_retries));
    }
    action_->retry.retries = static_cast<std::uint32_t>(number);
  }

  void take_backoff(const Attribute& a) {
    const std::string_view text = a.value;
    const std::size_t dots = text.find("..");
    const auto first = parse_duration(text.substr(0, dots));
    const auto last = dots == std::string_view::npos ? first : parse_duration(text.substr(dots + 2));
    if (!first || !last) return bad_time(a, text);
    if (*last < *first)
      return error(a, "attribute", "the longest wait is shorter than the first", "write backoff=2s..1m");
    action_->retry.delay = *first;
    action_->retry.max_delay = dots == std::string_view::npos ? std::max(*first, RetryPolicy{}.max_delay) : *last;
    backoff_ = a.span;
  }

  void take_capture(const Attribute& a) {
    if (!is_variable_name(a.value)) {
      return error(a, "attribute", fmt::format("'{}' cannot be the name of a captured value", a.value),
                   "it becomes an environment variable: use letters, digits and '_', and no digit at the front");
    }
    action_->capture = a.value;
  }

  void bad_time(const Attribute& a, std::string_view text) {
    error(a, "attribute", fmt::format("'{}' is no time", text), "write 500ms, 5s, 2m or 1h; at most 366 days");
  }

  void misplaced(const Attribute& a, std::string_view name) {
    static constexpr std::string_view hints[] = {
        "it belongs at the end of an item's title in the rollback section",
        "it belongs to a command of the step, or to the end of the step's title",
        "it belongs to a command of the step, or to the end of the step's title",
        "write it behind the language of the command whose output this is",
        "write it behind the language of the block that it is about",
    };
    error(a, "attribute", fmt::format("the attribute '{}' has no meaning here", name),
          hints[static_cast<std::size_t>(bearer_)]);
  }

  void unknown(const Attribute& a) {
    if (findings_.full()) return error(a, "unknown-attribute", {}); // only counted
    std::vector<std::string> names = supported();
    names.insert(names.end(), later().begin(), later().end());
    std::string hint = did_you_mean(a.name, names);
    if (hint.empty())
      hint = "attributes are id, timeout, retries, backoff, capture, pure, idempotent, mutating, irreversible, effect "
             "and on_failure";
    error(a, "unknown-attribute", fmt::format("there is no attribute '{}'", a.name), hint);
  }

  void error(const Attribute& a, std::string_view code, std::string_view message, std::string_view hint = {}) {
    findings_.error(code, a.span, message, hint);
  }

  Findings& findings_;
  Bearer bearer_;
  Action* action_;
  StepSettings& settings_;
  std::set<std::string, std::less<>> seen_;
  SourceSpan backoff_;
  SourceSpan pure_;
};

} // namespace

void apply_attributes(const Context& context, const std::vector<Attribute>& attributes, Bearer bearer, Action* action,
                      StepSettings& settings) {
  Applier applier(context, bearer, action, settings);
  for (const Attribute& attribute : attributes) applier.apply(attribute);
  applier.finish();
}

bool is_format_attribute(std::string_view name) {
  return is_in(supported(), name) || is_in(later(), name);
}

bool reads_as_attributes(const std::vector<Attribute>& attributes) {
  const auto meant = [](const Attribute& a) {
    return a.has_value || a.name.starts_with('#') || is_in(words(), a.name) || !did_you_mean(a.name, words()).empty();
  };
  return !attributes.empty() && std::ranges::all_of(attributes, meant);
}

} // namespace runbook::markdown
