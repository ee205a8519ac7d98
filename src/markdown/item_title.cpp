#include "markdown/item_title.hpp"

#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

/// Takes `[ ]` or `[x]` off the front.
void drop_task_box(std::string& text) {
  const bool box =
      text.size() >= 3 && text[0] == '[' && (text[1] == ' ' || text[1] == 'x' || text[1] == 'X') && text[2] == ']';
  if (box && (text.size() == 3 || is_blank(text[3]))) text.erase(0, 3);
}

/// One line without what a list or a heading puts in front of it.
void clean(const Item& item, std::string& text) {
  text = one_line(text);
  drop_task_box(text);
  if (item.from_heading) {
    text = without_layout_tags(text);
    text = std::string(numbered_title(text).title);
  }
  if (const std::string_view trimmed = trim(text); trimmed.size() != text.size()) text = std::string(trimmed);
}

/// Takes the last line off.
void drop_last_line(std::string& text) {
  const std::size_t end = text.rfind('\n');
  text.erase(end == std::string::npos ? 0 : end);
}

struct Braces {
  std::uint32_t line = 0;
  std::size_t byte = 0;
};

/// Where the document has `tail` at the end of one of the title's lines. It may have it nowhere, if the braces are in a
/// code span or come from an escape: then they are text.
std::optional<Braces> find_tail(const Context& context, Node title, std::string_view tail) {
  for (std::uint32_t number = title.end_line(); number >= title.line() && number > 0; --number) {
    std::string_view line = trim_right(context.source.line(number));
    if (title.is(NodeType::heading)) {
      while (line.ends_with('#')) line.remove_suffix(1);
      line = trim_right(line);
    }
    if (line.ends_with(tail)) return Braces{number, line.size() - tail.size()};
  }
  return std::nullopt;
}

/// Takes `{#id …}` off the end of the title's text, if that is what stands there.
void take_attributes(const Context& context, Node title, std::string& text, StepSettings& settings) {
  if (!text.ends_with('}') || text.ends_with("}}")) return;
  const std::size_t open = text.rfind('{');
  if (open == std::string::npos || (open > 0 && !is_blank(text[open - 1]))) return;
  const std::string tail = text.substr(open);
  const auto place = find_tail(context, title, tail);
  if (!place) return;
  std::vector<std::string> flaws;
  const std::vector<Attribute> attributes = read_attributes(context, tail, place->line, place->byte, flaws);
  if (!flaws.empty() || !reads_as_attributes(attributes)) return;
  apply_attributes(context, attributes, Bearer::title, nullptr, settings);
  text = trim_right(std::string_view(text).substr(0, open));
}

} // namespace

ItemTitle read_title(const Context& context, const Item& item, StepSettings& settings) {
  ItemTitle title;
  title.place = item.span;
  if (!item.title) return title;
  std::string text = plain_text(item.title);
  const bool links = holds_link(item.title);
  std::string prompt = links ? plain_text(item.title, Links::with_address) : std::string(); // else it is the text
  title.place = context.first_line(item.title);
  const std::size_t last = text.rfind('\n');
  title.several_lines = last != std::string::npos;
  if (!item.from_heading && last != std::string::npos) {
    title.label = label_of(std::string_view(text).substr(last + 1));
    if (title.label) {
      const std::uint32_t line = item.title.end_line();
      const std::string_view raw = context.source.line(line);
      title.label_place = context.source.in_line(line, raw.size() - trim_left(raw).size(), trim_right(raw).size());
      drop_last_line(text);
      if (links) drop_last_line(prompt);
    }
  }
  clean(item, text);
  if (links) clean(item, prompt);
  const std::size_t before = text.size();
  take_attributes(context, item.title, text, settings);
  if (!links) {
    prompt = text;
  } else if (text.size() != before) {
    prompt = std::string(trim_right(std::string_view(prompt).substr(0, prompt.rfind('{'))));
  }
  if (text.ends_with(':')) text = trim_right(std::string_view(text).substr(0, text.size() - 1));
  title.text = std::move(text);
  title.prompt = std::move(prompt);
  return title;
}

} // namespace runbook::markdown
