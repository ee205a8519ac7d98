#include "markdown/step_reader.hpp"

#include "markdown/fences.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/item_title.hpp"
#include "markdown/labels.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// Goes over the blocks of one item. What a fence becomes depends on the label in front of it.
class StepReader {
public:
  StepReader(const Context& context, const Item& item) : context_(context), findings_(context.findings), item_(item) {}

  Draft read() {
    draft_.section = item_.section;
    draft_.number = item_.number;
    draft_.first_finding = findings_.size();
    title();
    for (at_ = 0; at_ < item_.blocks.size(); ++at_) {
      const bool was_command = after_command_;
      after_command_ = false;
      block(item_.blocks[at_], was_command);
    }
    close_label();
    close_scope();
    finish();
    draft_.last_finding = findings_.size();
    return std::move(draft_);
  }

private:
  struct Pending {
    Label label = Label::note;
    SourceSpan place;
  };

  void title() {
    const ItemTitle title = read_title(context_, item_, draft_.settings);
    draft_.place = title.place;
    draft_.step.title = title.text;
    draft_.step.span = item_.span;
    prompt_ = title.prompt;
    if (item_.section == SectionKind::rollback) draft_.reference = undo_reference(title.text);
    if (item_.title && !item_.from_heading) lines(item_.title, true);
    if (title.label) pending_ = {*title.label, title.label_place};
  }

  void block(Node node, bool was_command) {
    switch (node.type()) {
    case NodeType::code: return code(node, was_command);
    case NodeType::paragraph: return paragraph(node);
    case NodeType::list: return list(node);
    case NodeType::heading: return heading(node);
    case NodeType::html:
      if (!node.literal().starts_with("<!--")) prose(context_.markdown(node));
      return;
    default:
      if (node.is(NodeType::quote)) explain_fences_in(context_, node, ": it is in a quote");
      prose(context_.markdown(node));
    }
  }

  void prose(std::string_view text) {
    if (text.empty()) return;
    std::string& notes = draft_.step.notes;
    if (!notes.empty()) notes += "\n\n";
    notes += text;
  }

  // Labels.

  [[nodiscard]] std::optional<Label> label() const { return pending_ ? std::optional(pending_->label) : scope_; }

  /// A label that nothing came of.
  void close_label() {
    if (pending_ && pending_->label != Label::note) {
      findings_.error(
          "label-without-block", pending_->place, fmt::format("no block follows '{}'", label_text(pending_->label)),
          "the label must stand directly above its block; for something that a person does, use ```confirm");
    }
    pending_.reset();
  }

  /// Ends what a heading inside of the step has opened.
  void close_scope() {
    if (scope_ && *scope_ != Label::note && !scope_used_) {
      findings_.error("label-without-block", scope_place_, "no block stands below this heading",
                      "for something that a person does, use ```confirm");
    }
    scope_.reset();
    scope_used_ = false;
    below_heading_ = false;
  }

  void heading(Node node) {
    close_label();
    close_scope();
    scope_ = heading_label(one_line(plain_text(node)));
    scope_place_ = context_.span(node);
    below_heading_ = !scope_;
    if (!scope_) prose(context_.markdown(node));
  }

  [[nodiscard]] Node next_block() const { return at_ + 1 < item_.blocks.size() ? item_.blocks[at_ + 1] : Node(); }

  [[nodiscard]] bool runs(Node node) const {
    if (!node || !node.is(NodeType::code) || !node.is_fenced()) return false;
    return is_runnable(use_of(read_info_string(context_, node), context_.options));
  }

  /// Looks for labels that are not quite labels: what a person takes for the head of a rollback must not run as a step.
  /// Returns the label that the last line is.
  std::optional<Label> lines(Node paragraph, bool is_title) {
    const std::string text = plain_text(paragraph);
    const Node next = is_title ? (item_.blocks.empty() ? Node() : item_.blocks.front()) : next_block();
    const auto breaks = static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
    const bool same_lines = paragraph.line() + breaks == paragraph.end_line(); // no break is hidden in a code span
    std::string_view rest = text;
    std::string_view line;
    std::optional<Label> found;
    for (std::uint32_t index = 0; next_line(rest, line); ++index) {
      const bool title = is_title && index == 0;
      const SourceSpan place = whole_line(same_lines ? paragraph.line() + index : paragraph.end_line());
      found = title ? std::nullopt : label_of(line);
      if (found && !rest.empty()) {
        findings_.error("label-without-block", place, "text follows on the label", "let its block follow instead");
      } else if (!title && !found) {
        almost_label(place, line, rest.empty() ? next : Node());
      }
    }
    return found;
  }

  void almost_label(const SourceSpan& place, std::string_view line, Node next) {
    if (const auto label = label_with_text(line)) {
      const auto severity = next && next.is(NodeType::code) ? Severity::error : Severity::warning;
      findings_.add(severity, "label-with-text", place,
                    fmt::format("text stands behind '{}', so it says nothing about a block", label_text(*label)),
                    "put the label on a line of its own, directly above its block");
    } else if (next && next.is(NodeType::code) && !nearly_label(line).empty()) {
      findings_.error("unknown-label", place, fmt::format("'{}' is no label", trim(line)), nearly_label(line));
    } else if (trim(line).ends_with(':') && runs(next) && speaks_of_rollback(line) && !this->label() &&
               item_.section == SectionKind::steps) {
      findings_.warning("unclear-label", place,
                        "this reads as if the next block took the step back, but it is run as a part of the step",
                        "if it is the rollback, write Rollback: on a line of its own");
    }
  }

  [[nodiscard]] SourceSpan whole_line(std::uint32_t number) const {
    const std::string_view raw = context_.source.line(number);
    return context_.source.in_line(number, raw.size() - trim_left(raw).size(), trim_right(raw).size());
  }

  void paragraph(Node node) {
    close_label();
    const auto found = lines(node, false);
    std::string text = context_.markdown(node);
    if (!found) return prose(text);
    const std::size_t last = text.rfind('\n');
    pending_ = {*found, whole_line(node.end_line())};
    if (*found == Label::note) return prose(text);
    if (last != std::string::npos) prose(std::string_view(text).substr(0, last));
  }

  // Blocks of code.

  void code(Node node, bool was_command) {
    if (!node.is_fenced()) {
      close_label();
      show(node, {});
      return;
    }
    const InfoString info = read_info_string(context_, node);
    const FenceUse use = use_of(info, context_.options);
    if (const auto label = this->label()) {
      labelled(node, info, use, *label);
      pending_.reset();
      scope_used_ = true;
    } else if (is_expected_output(node, info, use, draft_.settings.output)) {
      expected(node, info);
    } else if (!is_runnable(use)) {
      if (use == FenceUse::plain && was_command) {
        unlabelled_output(node);
      } else {
        show(node, {});
      }
    } else if (below_heading_) {
      refuse_fence(context_, node, "it stands below a heading inside of the step");
    } else {
      command(node, info);
    }
  }

  void show(Node node, std::string_view where) {
    explain_unrun(context_, node, where);
    prose(context_.markdown(node));
  }

  void unlabelled_output(Node node) {
    node.mark_accounted();
    findings_.note("unlabelled-output", context_.first_line(node),
                   "this block is shown; the output is not compared with it",
                   "if it is what the command prints, put Expected: above it, or expect behind the command's language");
    prose(context_.markdown(node));
  }

  void command(Node node, const InfoString& info) {
    if (!draft_.step.undo.empty() || !draft_.step.checks.empty()) {
      node.mark_accounted();
      findings_.error("command-after-label", context_.first_line(node),
                      "a command behind the step's Check: or Rollback: block: it is not clear what it belongs to",
                      "put the same label above it, or make it a step of its own");
      return;
    }
    const Bearer bearer = item_.section == SectionKind::rollback ? Bearer::undo : Bearer::action;
    add(draft_.step.actions, read_action(context_, node, info, bearer, draft_.settings));
    after_command_ = true;
  }

  void add(std::vector<Action>& actions, Action action) {
    actions.push_back(std::move(action));
    last_actions_ = &actions;
  }

  void labelled(Node node, const InfoString& info, FenceUse use, Label label) {
    if (label == Label::expected) return expected(node, info);
    if (label == Label::note) return show(node, ": it belongs to a note");
    node.mark_accounted();
    if (label == Label::probe) {
      findings_.error("unsupported-label", context_.first_line(node), "'Probe:' is not supported yet in this version",
                      "remove it and its block, or use a version that has it: it is never ignored");
    } else if (!is_runnable(use)) {
      findings_.error("label-needs-command", context_.first_line(node),
                      fmt::format("the block below '{}' has no language that is run", label_text(label)),
                      "write ```sh, or ```confirm for something that a person does");
    } else if (label == Label::check) {
      check(read_action(context_, node, info, Bearer::check, draft_.settings));
    } else if (may_have_undo(context_.first_line(node))) {
      add(draft_.step.undo, read_action(context_, node, info, Bearer::undo, draft_.settings));
    }
  }

  /// A check of a step is pure unless it says otherwise. Where every item is a check already, it is one more action.
  void check(Action action) {
    if (!action.effect) action.effect = Effect::pure;
    add(item_.section == SectionKind::steps ? draft_.step.checks : draft_.step.actions, std::move(action));
  }

  bool may_have_undo(const SourceSpan& place) {
    if (item_.section == SectionKind::steps) return true;
    findings_.error("misplaced-label", place,
                    fmt::format("'Rollback:' has no meaning in the section {}", section_title(item_.section)),
                    "only steps are rolled back");
    return false;
  }

  void expected(Node node, const InfoString& info) {
    node.mark_accounted();
    draft_.settings.output.expect = {}; // here it is
    const SourceSpan place = context_.first_line(node);
    if (last_actions_ == nullptr) {
      findings_.error("expected", place, "nothing is run in front of this expected output", "put it below its command");
      return;
    }
    Action& action = last_actions_->back();
    if (action.handler == "confirm") {
      findings_.error("expected", place, "a question to a person prints nothing", "put it below its command");
    } else if (action.expect) {
      findings_.error("expected", place, "the command has an expected output already", "keep one of them");
    } else {
      action.expect = read_expectation(context_, node, info, action, draft_.settings.output);
    }
  }

  // Lists.

  void list(Node node) {
    const auto label = this->label();
    if (label == Label::check || label == Label::rollback) {
      labelled_list(node, *label);
      pending_.reset();
      scope_used_ = true;
      return;
    }
    if (label != Label::note) close_label();
    if (holds_runnable_fence(context_, node)) {
      refuse_fences_in(context_, node, "it is in a list inside of the step");
    } else {
      explain_fences_in(context_, node, {});
      if (node.is_ordered()) {
        findings_.note("nested-list", context_.first_line(node),
                       "a numbered list inside of a step is shown as a part of it",
                       "make its items steps of their own if each is to be recorded");
      }
    }
    prose(context_.markdown(node));
  }

  /// Each item's fences are meant by the label; an item without one is asked.
  void labelled_list(Node list, Label label) {
    if (label == Label::rollback && !may_have_undo(context_.first_line(list)))
      return explain_fences_in(context_, list, {});
    for (Node item = list.first_child(); item; item = item.next()) {
      bool asked = true;
      for (Node child = item.first_child(); child; child = child.next()) {
        if (child.is(NodeType::code) && child.is_fenced()) {
          const InfoString info = read_info_string(context_, child);
          labelled(child, info, use_of(info, context_.options), label);
          asked = false;
        } else if (holds_runnable_fence(context_, child)) {
          refuse_fences_in(context_, child, "it is in a list inside of the step");
          asked = false;
        }
      }
      if (asked) ask(label, item);
    }
  }

  void ask(Label label, Node item) {
    Action action;
    action.handler = "confirm";
    action.params["prompt"] = context_.markdown(item.first_child() ? item.first_child() : item);
    action.span = context_.span(item);
    if (label == Label::check) return check(std::move(action));
    add(draft_.step.undo, std::move(action));
  }

  // The whole.

  void finish() {
    Step& step = draft_.step;
    if (step.actions.empty()) manual();
    const bool checks = item_.section == SectionKind::prerequisites || item_.section == SectionKind::verification;
    for (Action& action : step.actions) {
      if (checks && !action.effect) action.effect = Effect::pure;
    }
    if (step.title.empty()) {
      step.title = fmt::format("{} {}", section_title(item_.section), item_.number.value_or(item_.span.line));
      findings_.note("no-title", item_.span, "the item has no text in front of its block",
                     "say what it does: it is shown while it runs");
    }
    settle_step(context_, draft_.settings, item_.section, step);
  }

  /// An item without a command is something that a person does.
  void manual() {
    if (item_.title && item_.blocks.empty() && is_runbook_link(item_.title)) {
      findings_.error("unsupported-step", draft_.place,
                      "a step that runs another runbook is not supported yet in this version",
                      "run it by itself, or say in words what a person shall do");
    }
    std::string text = prompt_;
    if (!draft_.step.notes.empty()) text += (text.empty() ? "" : "\n\n") + draft_.step.notes;
    if (text.empty()) {
      findings_.error("empty-item", item_.span, "the item says nothing that could be done or asked", "remove it");
      return;
    }
    Action action;
    action.handler = "confirm";
    action.params["prompt"] = text;
    action.span = item_.span;
    draft_.step.actions.push_back(std::move(action));
  }

  const Context& context_;
  Findings& findings_;
  const Item& item_;
  Draft draft_;
  std::string prompt_;
  std::size_t at_ = 0;
  std::optional<Pending> pending_; ///< a label that its block has yet to follow
  std::optional<Label> scope_;     ///< what a heading inside of the step says of all below it
  SourceSpan scope_place_;
  bool scope_used_ = false;
  bool below_heading_ = false; ///< of a heading that is no label
  bool after_command_ = false;
  std::vector<Action>* last_actions_ = nullptr;
};

} // namespace

Draft read_step(const Context& context, const Item& item) {
  return StepReader(context, item).read();
}

} // namespace runbook::markdown
