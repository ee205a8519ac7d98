#include "markdown/input_table.hpp"

#include "markdown/input_draft.hpp"
#include "markdown/text.hpp"
#include "plan/variables.hpp"
#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace runbook::markdown {

namespace {

constexpr std::string_view form = "write | Name | Type | Required | Default | Description | Pattern |";

enum class Column : std::uint8_t { name, type, required, optional, standard, pattern, description, from, remark };

using Named = std::pair<std::string_view, Column>;

constexpr std::array headings{Named{"name", Column::name},           Named{"parameter", Column::name},
                              Named{"variable", Column::name},       Named{"input", Column::name},
                              Named{"argument", Column::name},       Named{"type", Column::type},
                              Named{"required", Column::required},   Named{"required?", Column::required},
                              Named{"mandatory", Column::required},  Named{"optional", Column::optional},
                              Named{"default", Column::standard},    Named{"default value", Column::standard},
                              Named{"pattern", Column::pattern},     Named{"description", Column::description},
                              Named{"meaning", Column::description}, Named{"from", Column::from}};

constexpr std::array<std::string_view, 9> yes{
    "yes", "y", "true", "required", "mandatory", "x", "\xE2\x9C\x93", "\xE2\x9C\x94", "\xE2\x9C\x85"};
constexpr std::array<std::string_view, 11> no{
    "no",           "n",           "false", "optional", "", "-", "\xE2\x80\x93", "\xE2\x80\x94", "\xE2\x9C\x97",
    "\xE2\x9C\x98", "\xE2\x9D\x8C"};
constexpr std::array<std::string_view, 7> nothing{"", "-", "\xE2\x80\x93", "\xE2\x80\x94", "none", "n/a", "(none)"};

template <std::size_t n>
bool is_one_of(const std::array<std::string_view, n>& words, std::string_view text) {
  return std::ranges::find(words, lower(text)) != words.end();
}

Column column_of(std::string_view heading) {
  const std::string text = lower(without_marks(heading));
  for (const auto& [name, column] : headings) {
    if (name == text) return column;
  }
  return Column::remark;
}

class RowReader {
public:
  RowReader(const Context& context, const Table& table, const std::vector<Column>& columns, const Row& row)
      : columns_(columns), table_(table), row_(row), draft_(context, row.span, row.span, form) {}

  Input read() {
    for (std::size_t i = 0; i < columns_.size(); ++i) cell(i, row_.cells[i].text);
    draft_.description(std::move(description_));
    return draft_.finish("it is taken as required; add a column Required, or a default");
  }

private:
  void cell(std::size_t index, const std::string& text) {
    const std::string_view word = without_marks(text);
    switch (columns_[index]) {
    case Column::name: draft_.name(word); break;
    case Column::type: type(word); break;
    case Column::required: flag(word, true); break;
    case Column::optional: flag(word, false); break;
    case Column::standard:
      if (is_code(text) || !is_one_of(nothing, text)) draft_.standard(std::string(word));
      break;
    case Column::pattern:
      if (is_code(text) || !is_one_of(nothing, text)) draft_.pattern(std::string(word));
      break;
    case Column::description: add(text); break;
    case Column::from:
      if (is_code(text) || !is_one_of(nothing, text)) draft_.from(word);
      break;
    case Column::remark:
      if (!is_one_of(nothing, text)) add(fmt::format("{}: {}", without_marks(table_.header.cells[index].text), text));
    }
  }

  void type(std::string_view word) {
    if (word.empty() || draft_.type(word)) return;
    const std::vector<std::string> known{"string", "integer", "number", "boolean", "path", "secret"};
    const std::string hint = did_you_mean(word, known);
    draft_.error(fmt::format("'{}' is no type of an input", word),
                 hint.empty() ? "types are string, integer, number, boolean, path and secret" : hint);
  }

  void flag(std::string_view word, bool required_if_yes) {
    if (word.empty() && !required_if_yes) return; // nothing is said in a column Optional
    const bool is_yes = is_one_of(yes, word);
    if (!is_yes && !is_one_of(no, word))
      return draft_.error(fmt::format("'{}' is neither yes nor no", word), "write yes or no");
    if (is_yes == required_if_yes) {
      draft_.required();
    } else {
      draft_.optional();
    }
  }

  void add(std::string_view text) {
    if (text.empty()) return;
    if (!description_.empty()) description_ += description_.ends_with('.') ? " " : ". ";
    description_ += text;
  }

  const std::vector<Column>& columns_;
  const Table& table_;
  const Row& row_;
  InputDraft draft_;
  std::string description_;
};

} // namespace

void read_input_table(const Context& context, const Table& table,
                      const std::function<void(Input, const SourceSpan&)>& take) {
  std::vector<Column> columns;
  for (const Cell& cell : table.header.cells) {
    const Column column = column_of(cell.text);
    const bool twice = column != Column::remark && std::ranges::find(columns, column) != columns.end();
    if (twice) context.findings.error("input", cell.span, fmt::format("there are two columns '{}'", cell.text), form);
    columns.push_back(twice ? Column::remark : column);
  }
  const auto name = std::ranges::find(columns, Column::name);
  if (name == columns.end()) {
    context.findings.error("input", table.header.span, "the table has no column with the names of inputs", form);
    return;
  }
  for (const Row& row : table.rows) {
    const Cell& cell = row.cells[static_cast<std::size_t>(name - columns.begin())];
    if (without_marks(cell.text).empty()) {
      context.findings.error("input", cell.span, "the row has no name of an input", form);
      continue;
    }
    take(RowReader(context, table, columns, row).read(), cell.span);
  }
}

} // namespace runbook::markdown
