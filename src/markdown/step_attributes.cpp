#include "markdown/step_attributes.hpp"

#include "markdown/text.hpp"
#include "names.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::uint32_t most_parallel = 1000;
constexpr std::size_t most_needs = 1000; // a hostile line could have millions

bool is_id(std::string_view text) {
  const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= 100 && (is_letter(text.front()) || is_digit(text.front())) &&
         std::ranges::all_of(text, fits);
}

Flow& flow_of(StepSettings& settings) {
  if (!settings.flow) settings.flow = Flow{};
  return *settings.flow;
}

/// One attribute of a step, read into its settings.
class Reader {
public:
  Reader(Findings& findings, const Attribute& attribute, StepSettings& settings)
      : findings_(findings), attribute_(attribute), settings_(settings) {}

  void id() {
    const std::string id = attribute_.name.starts_with('#') ? attribute_.name.substr(1) : attribute_.value;
    if (!is_id(id)) {
      return error(fmt::format("'{}' cannot be an id", id),
                   "an id has letters, digits, '-', '_' and '.', and starts with a letter or a digit");
    }
    if (!settings_.id.empty() && settings_.id != id) {
      return error(fmt::format("the step has the id '{}' already", settings_.id), "give it one id");
    }
    settings_.id = id;
    settings_.id_span = attribute_.span;
  }

  void undo() {
    settings_.undo = attribute_.value;
    settings_.undo_span = attribute_.span;
  }

  void irreversible() {
    settings_.irreversible = true;
    settings_.irreversible_span = attribute_.span;
  }

  void isolated() { settings_.isolated = true; }

  void on_failure() { one_of(settings_.on_failure, "on_failure", "rollback, continue or stop"); }

  void on_doubt() { one_of(settings_.on_doubt, "on_doubt", "ask, retry, assume_done, assume_failed or probe"); }

  void when() { condition(flow_of(settings_).when); }

  void foreach () {
    Flow& flow = flow_of(settings_);
    if (!flow.loop) flow.loop.emplace();
    condition(flow.loop->over);
  }

  void as() {
    const std::string& name = attribute_.value;
    if (!is_variable_name(name) || is_reserved_variable(name)) {
      return error(fmt::format("'{}' cannot be the name of a loop's value", name),
                   "it becomes an environment variable: use letters, digits and '_', and no name that programs have a "
                   "meaning for");
    }
    if (!settings_.as.empty() && settings_.as != name) return already("as");
    settings_.as = name;
    settings_.as_span = attribute_.span;
  }

  void parallel() {
    std::string_view rest = attribute_.value;
    unsigned long number = 0;
    if (!take_number(rest, number) || !rest.empty() || number == 0 || number > most_parallel) {
      return error(fmt::format("'{}' is no number of elements at once", attribute_.value),
                   fmt::format("give a whole number from 1 to {}", most_parallel));
    }
    if (settings_.parallel != 0 && settings_.parallel != number) return already("parallel");
    settings_.parallel = static_cast<std::uint32_t>(number);
    settings_.parallel_span = attribute_.span;
  }

  /// Ids with blanks or commas between them.
  void needs() {
    std::vector<std::string>& ids = flow_of(settings_).needs;
    std::string_view rest = attribute_.value;
    while (true) {
      rest.remove_prefix(std::min(rest.find_first_not_of(" \t,"), rest.size()));
      if (rest.empty()) break;
      const std::string_view id = rest.substr(0, rest.find_first_of(" \t,"));
      rest.remove_prefix(id.size());
      if (ids.size() == most_needs) {
        return error(fmt::format("more than {} steps are needed", most_needs), "group the steps, and need the group");
      }
      if (!is_id(id)) {
        error(fmt::format("'{}' cannot be an id", id), R"(write the ids of steps, as in needs="fetch, unpack")");
      } else if (std::ranges::find(ids, id) == ids.end()) {
        ids.emplace_back(id);
      }
    }
    settings_.needs_span = attribute_.span;
  }

private:
  template <class Enum>
  void one_of(std::optional<Enum>& setting, std::string_view name, std::string_view choices) {
    const auto found = enum_from<Enum>(attribute_.value);
    if (!found) {
      return error(fmt::format("{} cannot be '{}'", name, attribute_.value), fmt::format("use {}", choices));
    }
    if (setting && *setting != *found) return already(name);
    setting = found;
  }

  void condition(Condition& condition) {
    if (!condition.text.empty() && condition.text != attribute_.value) return already(attribute_.name);
    condition = {attribute_.value, attribute_.value_span};
  }

  void already(std::string_view name) { error(fmt::format("the step has another {} already", name), "say it once"); }

  void error(std::string_view message, std::string_view hint) {
    findings_.error("attribute", attribute_.span, message, hint);
  }

  Findings& findings_;
  const Attribute& attribute_;
  StepSettings& settings_;
};

} // namespace

bool take_step_attribute(Findings& findings, const Attribute& attribute, std::string_view name,
                         StepSettings& settings) {
  using Take = void (Reader::*)();
  static constexpr std::array<std::pair<std::string_view, Take>, 11> readers{{{"id", &Reader::id},
                                                                              {"undo", &Reader::undo},
                                                                              {"irreversible", &Reader::irreversible},
                                                                              {"isolated", &Reader::isolated},
                                                                              {"on_failure", &Reader::on_failure},
                                                                              {"on_doubt", &Reader::on_doubt},
                                                                              {"when", &Reader::when},
                                                                              {"foreach", &Reader::foreach},
                                                                              {"as", &Reader::as},
                                                                              {"parallel", &Reader::parallel},
                                                                              {"needs", &Reader::needs}}};
  for (const auto& [known, take] : readers) {
    if (known != name) continue;
    Reader reader(findings, attribute, settings);
    (reader.*take)();
    return true;
  }
  return false;
}

} // namespace runbook::markdown
