#include "markdown/front.hpp"
#include "markdown/inline_text.hpp"
#include "markdown/text.hpp"
#include "names.hpp"
#include "plan/convert.hpp"
#include "plan/variables.hpp"
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
  InputReader(const Context& context, Node item) : context_(context), place_(context.first_line(item)) {
    input_.span = context.span(item);
    spanned_ = spanned_text(item.first_child());
    rest_ = trim(spanned_.text);
  }

  /// Nothing if the item declares no input.
  std::optional<Input> read() {
    if (!rest_.starts_with('\0')) {
      error("the item does not start with the name of an input");
      return std::nullopt;
    }
    input_.name = code();
    rest_ = trim_left(rest_.substr(1));
    if (!is_variable_name(input_.name)) {
      error(fmt::format("'{}' cannot be the name of an input", input_.name),
            "it becomes an environment variable: use letters, digits and '_', and no digit at the front");
    }
    options();
    description();
    default_value();
    return std::move(input_);
  }

private:
  std::string code() { return next_code_ < spanned_.codes.size() ? spanned_.codes[next_code_++] : std::string(); }

  void error(std::string_view message, std::string_view hint = form) {
    context_.findings.error("input", place_, message, hint);
  }

  void options() {
    if (!rest_.starts_with('(')) {
      context_.findings.warning("input", place_, fmt::format("nothing says whether '{}' is required", input_.name),
                                "it is taken as required text; write (string, required)");
      input_.required = true;
      return;
    }
    const std::size_t close = rest_.find(')');
    if (close == std::string_view::npos) return error("the '(' is not closed");
    std::string_view list = rest_.substr(1, close - 1);
    rest_ = trim_left(rest_.substr(close + 1));
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      option(trim(list.substr(0, comma)));
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
    if (input_.required && default_)
      error(fmt::format("'{}' is required and has a default", input_.name), "keep one of the two");
    if (!input_.required && !default_ && !optional_) {
      context_.findings.warning("input", place_, fmt::format("nothing says whether '{}' is required", input_.name),
                                "it is taken as required; write required, optional or default `value`");
      input_.required = true;
    }
  }

  void option(std::string_view text) {
    const std::string word = lower(text.substr(0, text.find_first_of(option_ends)));
    if (word == "default") {
      std::string_view value = trim_left(text.substr(word.size()));
      if (value.starts_with(':') || value.starts_with('=')) value = trim_left(value.substr(1));
      default_ = value.find('\0') != std::string_view::npos ? code() : std::string(value);
    } else if (word == "required" && text.size() == word.size()) {
      input_.required = true;
    } else if (word == "optional" && text.size() == word.size()) {
      optional_ = true;
    } else if (word == "secret") {
      error("secret inputs are not supported yet in this version", "give the secret to the program by other means");
    } else if (const auto type = enum_from<InputType>(lower(text))) {
      input_.type = *type;
    } else {
      const std::vector<std::string> known{"string", "integer",  "number",   "boolean",
                                           "path",   "required", "optional", "default"};
      const std::string hint = did_you_mean(text, known);
      error(fmt::format("'{}' is no type and no option of an input", with_codes(text, spanned_.codes, next_code_)),
            hint.empty() ? "types are string, integer, number, boolean and path; options are required, optional and "
                           "default `value`"
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
        input_.pattern = spanned_.codes.at(next_code_ + before);
        text = trim(rest_.substr(0, at));
      } else {
        error("the pattern is not readable", "write it at the end: Pattern: `re`");
      }
    }
    input_.description = with_codes(text, spanned_.codes, next_code_);
  }

  void default_value() {
    if (!default_) return;
    const Result<Value> value = convert(Value(*default_), input_.type);
    if (value.has_error()) {
      return error(fmt::format("the default of '{}' does not fit: {}", input_.name, value.error().message),
                   "change the default or the type");
    }
    input_.default_value = *value;
  }

  const Context& context_;
  SourceSpan place_;
  Input input_;
  SpannedText spanned_;
  std::string_view rest_;
  std::size_t next_code_ = 0;
  std::optional<std::string> default_;
  bool optional_ = false;
};

/// A table's second line: `|---|:-:|`.
bool is_table(const Context& context, Node paragraph) {
  const std::string_view line = trim(context.source.line(paragraph.line() + 1));
  return paragraph.end_line() > paragraph.line() && line.find_first_not_of("|:- ") == std::string_view::npos &&
         line.find('-') != std::string_view::npos && line.find('|') != std::string_view::npos;
}

/// What may have been meant as declarations must not be lost without a word.
void check_paragraph(const Context& context, Node paragraph) {
  if (is_table(context, paragraph)) {
    context.findings.error("input", context.span(paragraph), "inputs in a table are not supported yet in this version",
                           form);
  } else if (paragraph.first_child() && paragraph.first_child().is(NodeType::inline_code)) {
    context.findings.warning("input", context.span(paragraph), "this is prose and declares no input",
                             "make it an item of a list: - `name` (string, required)");
  }
}

} // namespace

void read_inputs(const Context& context, const SectionPart& part, Runbook& book) {
  std::set<std::string> names;
  for (const Node block : part.blocks) {
    if (block.is(NodeType::paragraph)) check_paragraph(context, block);
    if (!block.is(NodeType::list)) continue;
    for (Node item = block.first_child(); item; item = item.next()) {
      if (!item.first_child() || !item.first_child().is(NodeType::paragraph)) continue;
      auto input = InputReader(context, item).read();
      if (!input) continue;
      if (!names.insert(input->name).second) {
        context.findings.error("duplicate-input", context.first_line(item),
                               fmt::format("the input '{}' is declared twice", input->name), "remove one of the two");
        continue;
      }
      book.inputs.push_back(std::move(*input));
    }
  }
}

} // namespace runbook::markdown
