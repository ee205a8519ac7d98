#include "markdown/front.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/input_draft.hpp"
#include "markdown/input_table.hpp"
#include "markdown/text.hpp"
#include "suggest.hpp"

#include <boost/json/string.hpp>

#include <algorithm>
#include <set>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::string_view form = "write `name` (string, required): Description. Pattern: `re`";

constexpr std::string_view option_ends("\0 :=", 4);
constexpr std::string_view pattern_ends("\0.", 2);

/// Reads one item. A code span is one NUL in its text; the spans' texts are taken in their order.
class InputReader {
public:
  InputReader(const Context& context, Node item) : draft_(context, context.first_line(item), context.span(item), form) {
    spanned_ = spanned_text(item.first_child());
    rest_ = trim(spanned_.text);
  }

  /// Nothing if the item declares no input.
  std::optional<Input> read() {
    if (!rest_.starts_with('\0')) {
      draft_.error("the item does not start with the name of an input");
      return std::nullopt;
    }
    draft_.name(code());
    rest_ = trim_left(rest_.substr(1));
    options();
    description();
    return draft_.finish(says_how_);
  }

private:
  std::string code() { return next_code_ < spanned_.codes.size() ? spanned_.codes[next_code_++] : std::string(); }

  void options() {
    if (!rest_.starts_with('(')) {
      says_how_ = "it is taken as required text; write (string, required)";
      return;
    }
    const std::size_t close = rest_.find(')');
    if (close == std::string_view::npos) return draft_.error("the '(' is not closed");
    std::string_view list = rest_.substr(1, close - 1);
    rest_ = trim_left(rest_.substr(close + 1));
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      option(trim(list.substr(0, comma)));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }

  void option(std::string_view text) {
    const std::string word = lower(text.substr(0, text.find_first_of(option_ends)));
    if (word == "default") {
      std::string_view value = trim_left(text.substr(word.size()));
      if (value.starts_with(':') || value.starts_with('=')) value = trim_left(value.substr(1));
      draft_.standard(value.find('\0') != std::string_view::npos ? code() : std::string(value));
    } else if (word == "required" && text.size() == word.size()) {
      draft_.required();
    } else if (word == "optional" && text.size() == word.size()) {
      draft_.optional();
    } else if (word == "from") {
      const std::string_view origin = trim(text.substr(word.size()));
      draft_.from(origin.starts_with('\0') ? code() : std::string(origin));
    } else if (!draft_.type(text)) {
      const std::vector<std::string> known{"string", "integer",  "number",   "boolean", "path",
                                           "secret", "required", "optional", "default", "from"};
      const std::string hint = did_you_mean(text, known);
      draft_.error(
          fmt::format("'{}' is no type and no option of an input", with_codes(text, spanned_.codes, next_code_)),
          hint.empty() ? "types are string, integer, number, boolean, path and secret; options are required, "
                         "optional, default `value` and from `env:NAME`"
                       : hint);
    }
  }

  void description() {
    if (rest_.starts_with(':')) rest_ = trim_left(rest_.substr(1));
    const std::string lowered = lower(rest_);
    const std::size_t at = lowered.rfind("pattern:");
    std::string_view text = rest_;
    if (at != std::string::npos) {
      const std::string_view pattern = trim(rest_.substr(at + 8));
      const auto before = static_cast<std::size_t>(std::ranges::count(rest_.substr(0, at), '\0'));
      if (pattern.starts_with('\0') && pattern.find_first_not_of(pattern_ends) == std::string_view::npos) {
        draft_.pattern(spanned_.codes.at(next_code_ + before));
        text = trim(rest_.substr(0, at));
      } else {
        draft_.error("the pattern is not readable", "write it at the end: Pattern: `re`");
      }
    }
    draft_.description(with_codes(text, spanned_.codes, next_code_));
  }

  InputDraft draft_;
  SpannedText spanned_;
  std::string_view rest_;
  std::size_t next_code_ = 0;
  std::string_view says_how_ = "it is taken as required; write required, optional or default `value`";
};

/// Keeps the inputs of one document apart.
class Declarations {
public:
  Declarations(const Context& context, Runbook& book) : context_(context), book_(book) {}

  void list(Node list) {
    for (Node item = list.first_child(); item; item = item.next()) {
      if (!item.first_child() || !item.first_child().is(NodeType::paragraph)) continue;
      if (auto input = InputReader(context_, item).read()) add(std::move(*input), context_.first_line(item));
    }
  }

  /// What may have been meant as declarations must not be lost without a word.
  void paragraph(Node paragraph) {
    if (const auto table = read_table(context_, paragraph)) {
      read_input_table(context_, *table, [&](Input input, const SourceSpan& place) { add(std::move(input), place); });
    } else if (paragraph.first_child() && paragraph.first_child().is(NodeType::inline_code)) {
      context_.findings.warning("input", context_.span(paragraph), "this is prose and declares no input",
                                "make it an item of a list: - `name` (string, required)");
    }
  }

private:
  void add(Input input, const SourceSpan& place) {
    if (names_.insert(input.name).second) {
      book_.inputs.push_back(std::move(input));
    } else {
      context_.findings.error("duplicate-input", place, fmt::format("the input '{}' is declared twice", input.name),
                              "remove one of the two");
    }
  }

  const Context& context_;
  Runbook& book_;
  std::set<std::string> names_;
};

} // namespace

void read_inputs(const Context& context, const SectionPart& part, Runbook& book) {
  Declarations declarations(context, book);
  for (const Node block : part.blocks) {
    if (block.is(NodeType::paragraph)) declarations.paragraph(block);
    if (block.is(NodeType::list)) declarations.list(block);
  }
}

} // namespace runbook::markdown
