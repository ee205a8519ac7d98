#include "plan/capture_names.hpp"

#include "plan/captures.hpp"
#include "plan/variables.hpp"
#include "printable.hpp"

#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr std::size_t longest_shown_id = 200;

class CaptureNames {
public:
  CaptureNames(const Runbook& runbook, Findings& findings) : findings_(findings) {
    for (const Input& input : runbook.inputs) inputs_.insert(input.name);
  }

  void check(const PlannedStep& step) {
    for (const auto* actions : {&step.forward, &step.checks, &step.undo, &step.probe}) {
      for (const PlannedAction& planned : *actions) {
        const SourceSpan& span = planned.action.span.known() ? planned.action.span : step.span;
        for_each_capture(planned.action, planned.captures,
                         [&](std::string_view name) { check(step, {step.id, span}, name); });
      }
    }
  }

private:
  void check(const PlannedStep& step, const Where& where, std::string_view name) {
    if (!is_variable_name(name)) {
      findings_.document_error("capture-name", where, fmt::format("'{}' is no name for a capture", name),
                               "a name has letters, digits and '_', and does not start with a digit");
    } else if (is_reserved_variable(name)) {
      findings_.document_error(
          "reserved-name", where,
          fmt::format("a capture cannot be named '{}': shells and programs give that environment variable a meaning",
                      name),
          "choose another name, for example in lower case");
    } else if (inputs_.contains(name)) {
      findings_.document_error("shadowed-input", where,
                               fmt::format("the capture '{}' would hide the input of the same name", name),
                               "rename the capture");
    } else if (const auto [first, inserted] = captured_by_.emplace(name, &step); !inserted) {
      findings_.document_error(
          "duplicate-capture", where,
          fmt::format("step '{}' captures '{}' already", printable_excerpt(first->second->id, longest_shown_id), name),
          "rename one of the captures");
    }
  }

  Findings& findings_;
  std::unordered_set<std::string_view> inputs_;
  std::unordered_map<std::string_view, const PlannedStep*> captured_by_;
};

} // namespace

void check_capture_names(const Runbook& runbook, const std::vector<PlannedStep>& steps, Findings& findings) {
  CaptureNames names(runbook, findings);
  for (const PlannedStep& step : steps) names.check(step);
}

} // namespace runbook
