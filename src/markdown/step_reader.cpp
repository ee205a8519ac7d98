#include "markdown/step_reader.hpp"

#include "markdown/fences.hpp"
#include "markdown/given_inputs.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/inner_items.hpp"
#include "markdown/item_title.hpp"
#include "markdown/label_lines.hpp"
#include "markdown/nested.hpp"
#include "markdown/step_finish.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// Goes over the blocks of one item. What a fence becomes depends on the label in front of it.
class StepReader {
public:
  StepReader(const Context& context, const Item& item, Draft& draft)
      : context_(context), findings_(context.findings), item_(item), draft_(draft), inner_(context, item) {}

  std::vector<Item> read() {
    draft_.section = item_.section;
    draft_.number = item_.number;
    draft_.depth = item_.depth;
    draft_.among_items = item_.place;
    draft_.first_finding = findings_.size();
    title();
    has_own_fence_ = has_own_fence();
    runs_runbook_ = !has_own_fence_ && item_.title && !linked_runbook(item_.title).empty();
    for (at_ = 0; at_ < item_.blocks.size(); ++at_) {
      const bool was_command = after_command_;
      after_command_ = false;
      block(item_.blocks[at_], was_command);
    }
    close_label();
    close_scope();
    finish_step(context_, item_, prompt_, !inner_.empty(), draft_);
    draft_.last_finding = findings_.size();
    return inner_.take();
  }

private:
  struct Pending {
    Label label = Label::note;
    SourceSpan place;
  };

  void title() {
    ItemTitle title = read_title(context_, item_, draft_.settings);
    draft_.place = title.place;
    draft_.step.title = std::move(title.text);
    draft_.step.span = item_.span;
    prompt_ = std::move(title.prompt);
    if (item_.section == SectionKind::rollback) draft_.reference = undo_reference(draft_.step.title);
    if (title.several_lines && !item_.from_heading) {
      const Node next = item_.blocks.empty() ? Node() : item_.blocks.front();
      static_cast<void>(read_labels(context_, item_.title, {next, true, runs_unlabelled()}));
    }
    if (title.label) pending_ = {*title.label, title.label_place};
  }

  /// Whether a fence is a part of the step, and not of a step inside of it.
  [[nodiscard]] bool has_own_fence() const {
    for (const Node block : item_.blocks) {
      if (outline_level(block) != 0) return false;
      if (is_fence(block)) return true;
    }
    return false;
  }

  [[nodiscard]] bool runs_unlabelled() const { return !label() && item_.section == SectionKind::steps; }

  void block(Node node, bool was_command) {
    const bool starts_others =
        outline_level(node) != 0 || (node.is(NodeType::list) && !label() && holds_runnable_fence(context_, node));
    if (inner_.open() && !starts_others) return inner_.append(node);
    switch (node.type()) {
    case NodeType::code: return code(node, was_command);
    case NodeType::paragraph: return outline_level(node) != 0 ? heading(node) : paragraph(node);
    case NodeType::list: return list(node);
    case NodeType::heading: return heading(node);
    case NodeType::html:
      if (is_comment(node)) {
        after_command_ = was_command;
      } else {
        prose(context_.markdown(node));
      }
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
    if (pending_ && pending_->label != Label::note && pending_->label != Label::sample) {
      findings_.error(
          "label-without-block", pending_->place, fmt::format("no block follows '{}'", label_text(pending_->label)),
          "the label must stand directly above its block; for something that a person does, use ```confirm");
    }
    pending_.reset();
  }

  /// Ends what a heading inside of the step has opened.
  void close_scope() {
    if (scope_ && *scope_ != Label::note && *scope_ != Label::sample && !scope_used_) {
      findings_.error("label-without-block", context_.span(scope_heading_), "no block stands below this heading",
                      "for something that a person does, use ```confirm");
    }
    scope_.reset();
    scope_used_ = false;
  }

  void heading(Node node) {
    close_label();
    close_scope();
    inner_.close();
    const std::string text = heading_text(node);
    scope_ = heading_label(text);
    scope_heading_ = node;
    if (scope_ || section_named(text) == SectionKind::steps) return; // "Instructions" are what the step does
    if (inner_.starts_step(at_)) {
      at_ = inner_.add_heading(at_);
      last_actions_ = nullptr;
    } else {
      prose(context_.markdown(node));
    }
  }

  [[nodiscard]] Node next_block() const {
    for (std::size_t i = at_ + 1; i < item_.blocks.size(); ++i) {
      if (!is_comment(item_.blocks[i])) return item_.blocks[i];
    }
    return {};
  }

  void paragraph(Node node) {
    close_label();
    const Node next = next_block();
    const auto found = read_labels(context_, node, {next, false, runs_unlabelled()});
    const bool leads = is_runnable_fence(context_, next) || (found == Label::check && next && next.is(NodeType::list));
    if (!inner_.empty() && !label() && leads && (!found || found == Label::check)) {
      title_of_next_ = node; // of the inner step that the block is going to be
    } else if (!found) {
      prose(context_.markdown(node));
    } else {
      const std::string text = context_.markdown(node);
      const std::size_t last = text.rfind('\n');
      if (*found == Label::note || *found == Label::sample) {
        prose(text);
      } else if (last != std::string::npos) {
        prose(std::string_view(text).substr(0, last));
      }
    }
    if (found) pending_ = {*found, whole_line(context_, node.end_line())};
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
    if (follows_inner(use)) {
      follow_inner(node);
    } else if (const auto label = this->label()) {
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
    } else {
      command(node, info);
    }
  }

  /// What runs behind inner steps must not run in front of them, as the step's own actions and checks do.
  [[nodiscard]] bool follows_inner(FenceUse use) const {
    return !inner_.empty() && is_runnable(use) && (!label() || label() == Label::check);
  }

  void follow_inner(Node node) {
    if (!title_of_next_ && scope_) title_of_next_ = scope_heading_;
    inner_.add_block(std::exchange(title_of_next_, Node()), node, label() == Label::check);
    pending_.reset();
    scope_used_ = true;
  }

  void show(Node node, std::string_view where) {
    explain_unrun(context_, node, where);
    prose(context_.markdown(node));
  }

  void sample(Node node) {
    node.mark_accounted();
    findings_.note("unlabelled-output", context_.first_line(node),
                   "this block is an example of output: it is shown, and neither run nor compared",
                   "if the output is exactly this, put Expected: above it; a line ... stands for any lines");
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
    if (label == Label::sample) return sample(node);
    node.mark_accounted();
    if (!is_runnable(use)) {
      findings_.error("label-needs-command", context_.first_line(node),
                      fmt::format("the block below '{}' has no language that is run", label_text(label)),
                      "write ```sh, or ```confirm for something that a person does");
    } else if (label == Label::check) {
      check(read_action(context_, node, info, Bearer::check, draft_.settings));
    } else if (!may_have(label, context_.first_line(node))) {
      return;
    } else if (label == Label::probe) {
      add(draft_.step.probe, pure(read_action(context_, node, info, Bearer::check, draft_.settings)));
    } else {
      add(draft_.step.undo, read_action(context_, node, info, Bearer::undo, draft_.settings));
    }
  }

  static Action pure(Action action) {
    if (!action.effect) action.effect = Effect::pure;
    return action;
  }

  /// A check of a step is pure unless it says otherwise. Where every item is a check already, it is one more action.
  void check(Action action) {
    add(item_.section == SectionKind::steps ? draft_.step.checks : draft_.step.actions, pure(std::move(action)));
  }

  bool may_have(Label label, const SourceSpan& place) {
    if (item_.section == SectionKind::steps || label == Label::check) return true;
    findings_.error(
        "misplaced-label", place,
        fmt::format("'{}' has no meaning in the section {}", label_text(label), section_title(item_.section)),
        label == Label::probe ? "only steps are probed" : "only steps are rolled back");
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
    if (label == Label::check && !inner_.empty()) return follow_inner(node);
    if (label == Label::check || label == Label::rollback || label == Label::probe) {
      labelled_list(node, *label);
      pending_.reset();
      scope_used_ = true;
      return;
    }
    if (label == Label::note || label == Label::sample) {
      explain_fences_in(context_, node, ": it belongs to a note");
      return prose(context_.markdown(node));
    }
    close_label();
    if (runs_runbook_ && gives_inputs(node)) {
      explain_fences_in(context_, node, ": it is in what is given to a runbook");
      draft_.given = read_given_inputs(context_, node);
      return;
    }
    const bool tasks = node.is_ordered() || is_task_list(node);
    if (holds_runnable_fence(context_, node) || (tasks && !has_own_fence_)) return list_of_steps(node);
    explain_fences_in(context_, node, {});
    if (node.is_ordered()) {
      findings_.note("nested-list", context_.first_line(node),
                     "a numbered list inside of a step is shown as a part of it",
                     "make its items steps of their own if each is to be recorded");
    }
    prose(context_.markdown(node));
  }

  /// The items are steps inside of the step. One that is a label says something of the step itself.
  void list_of_steps(Node list) {
    if (item_.from_heading && item_.section == SectionKind::steps && !list.is_ordered() && !is_task_list(list)) {
      findings_.warning("bullet-list", context_.first_line(list),
                        "the list has no numbers; its items are done as steps, one after the other",
                        "number the items, or leave one if they are alternatives");
    }
    int number = list.is_ordered() ? list.list_start() : 0;
    for (Node item = list.first_child(); item; item = item.next()) {
      if (!labelled_item(item)) {
        inner_.add_list_item(item, number);
        last_actions_ = nullptr;
      }
      if (list.is_ordered()) ++number;
    }
  }

  bool labelled_item(Node item) {
    const Node first = item.first_child();
    if (!first || !first.is(NodeType::paragraph)) return false;
    const auto label = label_alone(first, next_shown(first));
    if (!label) return false;
    pending_ = {*label, whole_line(context_, first.end_line())};
    title_of_next_ = label == Label::check ? first : Node();
    for (Node child = first.next(); child; child = child.next()) {
      if (child.is(NodeType::code)) {
        code(child, false);
      } else {
        explain_fences_in(context_, child, ": it is inside of what a label says");
        prose(context_.markdown(child));
      }
    }
    close_label();
    title_of_next_ = Node();
    return true;
  }

  /// Each item's fences are meant by the label; an item without one is asked.
  void labelled_list(Node list, Label label) {
    if (!may_have(label, context_.first_line(list))) return explain_fences_in(context_, list, {});
    for (Node item = list.first_child(); item; item = item.next()) {
      bool asked = true;
      for (Node node = item; node; node = node.is(NodeType::quote) ? node.after_in(item) : node.next_in(item)) {
        if (!is_fence(node)) continue;
        const InfoString info = read_info_string(context_, node);
        labelled(node, info, use_of(info, context_.options), label);
        asked = false;
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
    add(label == Label::probe ? draft_.step.probe : draft_.step.undo, std::move(action));
  }

  const Context& context_;
  Findings& findings_;
  const Item& item_;
  Draft& draft_;
  std::string prompt_;
  std::size_t at_ = 0;
  std::optional<Pending> pending_; ///< a label that its block has yet to follow
  std::optional<Label> scope_;     ///< what a heading inside of the step says of all below it
  Node scope_heading_;
  bool has_own_fence_ = false;
  bool runs_runbook_ = false;
  bool scope_used_ = false;
  bool after_command_ = false;
  std::vector<Action>* last_actions_ = nullptr;
  InnerItems inner_;
  Node title_of_next_; ///< a paragraph in front of a fence that becomes an inner step
};

} // namespace

std::vector<Item> read_step(const Context& context, const Item& item, Draft& draft) {
  return StepReader(context, item, draft).read();
}

} // namespace runbook::markdown
