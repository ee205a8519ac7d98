#include "markdown/label_lines.hpp"

#include "markdown/console.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/nested.hpp"
#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

std::string_view last_line(std::string_view text) {
  return text.substr(text.rfind('\n') + 1); // npos + 1 is 0
}

/// The text behind the last sentence's end, as it may go over several lines.
std::string last_sentence(std::string_view text) {
  const std::string line = one_line(text.substr(text.size() - std::min<std::size_t>(text.size(), 300)));
  const std::size_t end = line.rfind(". ");
  return end == std::string::npos ? line : line.substr(end + 2);
}

/// Whether the words announce output, and the block that runs by its language holds no prompt.
bool announces_output(const Context& context, std::string_view text, Node next) {
  text = trim_right(text);
  if (!text.ends_with(':') && !text.ends_with('.')) return false;
  if (!is_runnable_fence(context, next) || starts_with_prompt(next.literal())) return false;
  return speaks_of_output(last_sentence(text));
}

std::optional<Label> label_in(const Context& context, std::string_view text, Node next) {
  const std::string_view line = last_line(text);
  if (const auto label = label_of(line)) return label;
  if (!is_fence(next)) return std::nullopt;
  if (const auto label = label_word(line)) return label;
  return announces_output(context, text, next) ? std::optional(Label::sample) : std::nullopt;
}

class LabelLines {
public:
  LabelLines(const Context& context, Node paragraph, const Surroundings& around)
      : context_(context), paragraph_(paragraph), around_(around) {}

  std::optional<Label> read() {
    const std::string text = plain_text(paragraph_);
    const auto breaks = static_cast<std::uint32_t>(std::ranges::count(text, '\n'));
    const bool same_lines = paragraph_.line() + breaks == paragraph_.end_line(); // none is hidden in a code span
    std::string_view rest = text;
    std::string_view line;
    for (std::uint32_t index = 0; next_line(rest, line); ++index) {
      if (around_.is_title && index == 0) continue;
      const SourceSpan place = whole_line(context_, same_lines ? paragraph_.line() + index : paragraph_.end_line());
      if (rest.empty()) return last(place, text, line);
      if (label_of(line)) {
        context_.findings.error("label-without-block", place, "text follows on the label",
                                "let its block follow instead");
      } else {
        almost_label(place, line, Node());
      }
    }
    return std::nullopt;
  }

private:
  std::optional<Label> last(const SourceSpan& place, std::string_view text, std::string_view line) {
    const auto label = label_in(context_, text, around_.next);
    if (!label) almost_label(place, line, around_.next);
    if (label == Label::sample && !label_of(line)) {
      context_.findings.warning("unclear-label", place,
                                "this reads as if the next block were output, so that is shown and not run",
                                "if it is a command, say so in other words, or begin it with '$ '");
    }
    return label;
  }

  void almost_label(const SourceSpan& place, std::string_view line, Node next) {
    const bool leads = next && next.is(NodeType::code);
    if (const auto label = label_with_text(line)) {
      context_.findings.add(
          leads ? Severity::error : Severity::warning, "label-with-text", place,
          fmt::format("text stands behind '{}', so it says nothing about a block", label_text(*label)),
          "put the label on a line of its own, directly above its block");
    } else if (leads && !nearly_label(line).empty()) {
      context_.findings.error("unknown-label", place, fmt::format("'{}' is no label", trim(line)), nearly_label(line));
    } else if (around_.unlabelled && trim(line).ends_with(':') && speaks_of_rollback(line) &&
               is_runnable_fence(context_, next)) {
      context_.findings.warning(
          "unclear-label", place,
          "this reads as if the next block took the step back, but it is run as a part of the step",
          "if it is the rollback, write Rollback: on a line of its own");
    }
  }

  const Context& context_;
  Node paragraph_;
  const Surroundings& around_;
};

} // namespace

std::optional<Label> label_at_end(const Context& context, Node paragraph, Node next) {
  return label_in(context, plain_text(paragraph), next);
}

std::optional<Label> label_alone(Node paragraph, Node next) {
  const std::string text = plain_text(paragraph);
  if (text.find('\n') != std::string::npos) return std::nullopt;
  if (const auto label = label_of(text)) return label;
  return is_fence(next) ? label_word(text) : std::nullopt;
}

std::optional<Label> read_labels(const Context& context, Node paragraph, const Surroundings& around) {
  return LabelLines(context, paragraph, around).read();
}

SourceSpan whole_line(const Context& context, std::uint32_t number) {
  const std::string_view raw = context.source.line(number);
  return context.source.in_line(number, raw.size() - trim_left(raw).size(), trim_right(raw).size());
}

} // namespace runbook::markdown
