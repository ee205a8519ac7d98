#include "markdown/attributes.hpp"

#include "markdown/action_attributes.hpp"
#include "markdown/step_attributes.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// Applies one attribute after the other.
class Applier {
public:
  Applier(const Context& context, Bearer bearer, Action* action, StepSettings& settings)
      : findings_(context.findings), bearer_(bearer), action_(action), settings_(settings) {}

  void apply(const Attribute& a) {
    const std::string name = a.name.starts_with('#') ? "id" : a.name;
    const std::string before = std::exchange(last_, name);
    const AttributeRule* rule = find_rule(name);
    if (rule == nullptr) return unknown(a, before);
    if (!seen_.insert(name).second && !rule->may_repeat)
      return error(a, fmt::format("the attribute '{}' is there twice", name), "say it once");
    if (!rule->belongs_to(bearer_)) return misplaced(a, name);
    if (!rule->takes_value && a.has_value) return with_value(a, name);
    if (rule->takes_value && !a.name.starts_with('#') && a.value.empty()) {
      return error(a, fmt::format("'{}' needs a value", name), fmt::format("write {}=…", name));
    }
    if (take_step_attribute(findings_, a, name, settings_)) return;
    if (take_output_attribute(findings_, a, settings_.output)) return;
    if (action_ != nullptr) static_cast<void>(take_action_attribute(findings_, a, *action_));
  }

  /// What makes no sense together.
  void finish(const std::vector<Attribute>& attributes) {
    if (action_ == nullptr) return;
    const auto place_of = [&](std::string_view name) {
      const auto found = std::ranges::find(attributes, name, &Attribute::name);
      return found == attributes.end() ? SourceSpan{} : found->span;
    };
    const bool repeats = action_->retry.retries > 0;
    for (const std::string_view name : {"backoff", "jitter"}) {
      if (const SourceSpan place = place_of(name); place.known() && !repeats && !action_->until) {
        findings_.warning("attribute", place, fmt::format("'{}' has no meaning without 'retries'", name),
                          "add retries=3");
      }
    }
    if (action_->until && !repeats && !action_->timeout) {
      findings_.error("attribute", place_of("until"), "'until' does not say how long it is tried",
                      "add retries=10 or timeout=5m");
    }
    const SourceSpan pure = place_of("pure");
    if (settings_.irreversible && pure.known()) {
      findings_.error("attribute", pure, "'pure' and 'irreversible' contradict each other", "remove one of the two");
    }
  }

private:
  void misplaced(const Attribute& a, std::string_view name) {
    static constexpr std::string_view hints[] = {
        "it belongs at the end of an item's title in the rollback section",
        "it belongs to a command of the step, or to the end of the step's title",
        "it belongs to a command of the step, or to the end of the step's title",
        "write it behind the language of the command whose output this is",
        "write it behind the language of the block that it is about",
    };
    error(a, fmt::format("the attribute '{}' has no meaning here", name), hints[static_cast<std::size_t>(bearer_)]);
  }

  void with_value(const Attribute& a, std::string_view name) {
    error(a, fmt::format("'{}' takes no value", name),
          name == "expect" ? "write the word alone, and the expected output into a block below"
                           : "write the word alone");
  }

  void unknown(const Attribute& a, std::string_view before) {
    if (is_presentation(a.name)) {
      return findings_.add(Severity::note, "foreign-attribute", a.span,
                           fmt::format("'{}' is about how the block is shown: it means nothing to a run", a.name));
    }
    if (findings_.full()) return findings_.error("unknown-attribute", a.span, {}); // only counted
    std::string hint = did_you_mean(a.name, attribute_names());
    if (before == "needs" && !a.has_value) hint = R"(several ids stand within quotes: needs="fetch, unpack")";
    if (hint.empty()) hint = fmt::format("attributes are {}", fmt::join(attribute_names(), ", "));
    findings_.error("unknown-attribute", a.span, fmt::format("there is no attribute '{}'", a.name), hint);
  }

  void error(const Attribute& a, std::string_view message, std::string_view hint) {
    findings_.error("attribute", a.span, message, hint);
  }

  Findings& findings_;
  Bearer bearer_;
  Action* action_;
  StepSettings& settings_;
  std::set<std::string, std::less<>> seen_;
  std::string last_; ///< the name before
};

} // namespace

void apply_attributes(const Context& context, const std::vector<Attribute>& attributes, Bearer bearer, Action* action,
                      StepSettings& settings) {
  Applier applier(context, bearer, action, settings);
  for (const Attribute& attribute : attributes) applier.apply(attribute);
  applier.finish(attributes);
}

bool reads_as_attributes(const std::vector<Attribute>& attributes) {
  const std::vector<std::string>& words = attribute_words();
  const auto meant = [&](const Attribute& a) {
    return a.has_value || a.name.starts_with('#') || std::ranges::find(words, a.name) != words.end() ||
           !did_you_mean(a.name, words).empty();
  };
  return !attributes.empty() && std::ranges::all_of(attributes, meant);
}

} // namespace runbook::markdown
