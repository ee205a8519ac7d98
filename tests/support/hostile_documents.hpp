// Documents that somebody made to hurt whoever reads them, each of any length. The tests ask what comes of them, the
// benchmark (tests/bench/hostile_bench.cpp) how their cost grows.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::testing {

struct HostileDocument {
  std::string name;
  std::string_view ending;                            ///< of its path: md, json, yaml
  std::function<std::string(std::size_t bytes)> make; ///< about so long
  std::string_view refusal;                           ///< a part of what is said of 50 KB of it; empty: it is read
};

/// `before`, then `unit` again and again, then `after`. A '@' in the unit is its number, so that no two are alike.
inline std::string repeated(std::string_view before, std::string_view unit, std::string_view after, std::size_t bytes) {
  std::string out(before);
  for (std::size_t number = 0; out.size() < bytes; ++number) {
    for (const char c : unit) {
      if (c == '@') {
        out += std::to_string(number);
      } else {
        out += c;
      }
    }
  }
  return out += after;
}

/// Runs of backticks of each length, none of which closes another.
inline std::string backtick_runs(std::size_t bytes) {
  std::string out = "# T\n\n## Steps\n\n1. ";
  for (std::size_t length = 1; out.size() < bytes; ++length) out += "e" + std::string(length, '`');
  return out + "\n";
}

/// Each item one level deeper than the one before.
inline std::string staircase(std::size_t bytes) {
  std::string out = "# T\n\n## Steps\n\n";
  for (std::size_t depth = 0; out.size() < bytes; ++depth) out += std::string(2 * depth, ' ') + "- a\n";
  return out;
}

/// `count` opening brackets or marks, a text, and as many closing ones.
inline std::string around(std::string_view before, std::string_view open, std::string_view close, std::size_t bytes) {
  std::string out(before);
  const std::size_t count = bytes / (open.size() + close.size());
  for (std::size_t i = 0; i < count; ++i) out += open;
  out += 'a';
  for (std::size_t i = 0; i < count; ++i) out += close;
  return out + "\n";
}

/// A document that is one piece again and again, and a part of what is said of 50 KB of it; empty: it is read.
struct Repeated {
  std::string_view name;
  std::string_view before;
  std::string_view unit;
  std::string_view after;
  std::string_view refusal = {};
};

inline constexpr std::string_view steps_head = "# T\n\n## Steps\n\n";
inline constexpr std::string_view item = "# T\n\n## Steps\n\n1. ";
inline constexpr std::string_view script = "# T\n\n## Steps\n\n1. A\n\n```sh\n";
inline constexpr std::string_view under = "# T\n\n## Steps\n\n### 1. A\n\n";

/// Blocks in blocks.
inline constexpr Repeated nestings[] = {
    {"quotes in quotes", steps_head, "> ", "x\n", "nested deeper than 64"},
    {"lists in lists", steps_head, "- ", "x\n", "nested deeper than 64"},
    {"numbered lists in lists", steps_head, "1. ", "x\n", "nested deeper than 64"},
    {"quotes in lists in quotes", steps_head, "> - ", "# x\n", "nested deeper than 64"},
};

/// Marks within a line, which mostly do not close.
inline constexpr Repeated inlines[] = {
    {"emphasis that never closes", item, "*a_", "\n"},
    {"emphasis that only closes", item, "a* b_ ", "\n"},
    {"emphasis of both kinds, crossed", item, "*a _b* c_ ", "\n"},
    {"strong that never closes", item, "a**b", "\n"},
    {"brackets that never close", item, "[", "\n"},
    {"links that never close", item, "[a](<b", "\n"},
    {"reference links without a definition", item, "[a][b]", "\n"},
    {"tags that never close", item, "<a b='", "\n"},
    {"processing instructions that never close", item, "a<?", "\n", "HTML tags that are never closed"},
    {"addresses in angle brackets that never close", item, "<http://a", "\n"},
    {"entities that are none", item, "&amp", "\n"},
    {"backslashes", item, "\\", "\n"},
    {"a definition and its uses", "[a]: /u\n\n# T\n\n## Steps\n\n1. ", "[a] ", "\n"},
    {"definitions", "", "[a@]: /u\n", "\n# T\n"},
    {"definitions of one name", "", "[a]: /u\n", "\n# T\n"},
};

/// One line of the whole length.
inline constexpr Repeated long_lines[] = {
    {"a long title", "# ", "a ", "\n"},
    {"a long heading with a number", "# T\n\n## Steps\n\n### 1. ", "a ", "\n"},
    {"a long item", item, "word ", "\n"},
    {"a long word", item, "a", "\n"},
    {"a long key", "# T\n\n**", "a", "**: v\n"},
    {"a long line of a script", script, "a ", "\n```\n"},
    {"a long language", "# T\n\n## Steps\n\n1. A\n\n   ```", "a", "\n   x\n   ```\n"},
    {"placeholders in one line", script, "a <p@> ", "\n```\n"},
    {"direction marks in one line", script, "\xE2\x80\xAE", "\n```\n"},
    {"control characters in one line", script, "\x01", "\n```\n"},
    {"links in one line below Related", "# T\n\n## Related\n\n- ", "[a](b) ", "\n"},
    {"links in one line below See also", "# T\n\n## See also\n\n- ", "[a](b) ", "\n"},
    {"code spans in one input", "# T\n\n## Inputs\n\n- `a` (string, required): ", "`b` ", "\n"},
    {"options of one input", "# T\n\n## Inputs\n\n- `a` (", "x@, ", ")\n"},
    {"attributes of one block", "# T\n\n## Steps\n\n1. A\n\n   ```sh {", "a@=b ", "}\n   true\n   ```\n",
     "more than 100 in the attributes"},
    {"equal attributes of one block", "# T\n\n## Steps\n\n1. A\n\n   ```sh {", "a ", "}\n   true\n   ```\n"},
    {"attributes of one title", "# T\n\n## Steps\n\n1. A {#a ", "a@=b ", "}\n"},
    {"braces", item, "{", "\n"},
    {"braces at the end", item, "{a} ", "{#b}\n"},
};

/// Very many of one kind.
inline constexpr Repeated multitudes[] = {
    {"front matter of many keys", "---\n", "k@: v\n", "---\n\n# T\n\n## Steps\n\n1. A\n"},
    {"steps", steps_head, "1. A\n", ""},
    {"steps with a block", steps_head, "1. A\n   ```sh\n   true\n   ```\n", ""},
    {"steps with different titles", steps_head, "1. A@\n", ""},
    {"steps with one id", steps_head, "1. A {#a}\n", ""},
    {"steps with an id each", steps_head, "1. A {#a@}\n", ""},
    {"steps as headings", steps_head, "### 1. A\n", ""},
    {"steps as headings with a block", steps_head, "### 1. A\n```sh\ntrue\n```\n", ""},
    {"steps without a title", steps_head, "1. ```sh\n   true\n   ```\n", ""},
    {"steps with captures", steps_head, "1. A\n   ```sh {capture=c@}\n   true\n   ```\n", ""},
    {"steps with unknown names in their titles", steps_head, "1. A {{ nam@ }}\n", ""},
    {"steps that mention steps", steps_head, "1. step 1 step 2 step 3\n", ""},
    {"steps named in one title", item, "step 1 ", "\n"},
    {"blocks of one step", under, "```sh\ntrue\n```\n", ""},
    {"checks of one step", under, "Check:\n\n```sh\ntrue\n```\n\n", ""},
    {"expectations of one step", under, "```sh\ntrue\n```\n\nExpected:\n\n```\na\n```\n\n", ""},
    {"labels without a block", under, "Rollback:\n\n", ""},
    {"labels with text", under, "Rollback: a\n\n", ""},
    {"labels that are nearly one", under, "Rolback:\n```sh\ntrue\n```\n\n", ""},
    {"labels in one paragraph", under, "Rollback:\n", ""},
    {"headings inside of a step", under, "#### Rollback\n", ""},
    {"headings", "", "# A\n", ""},
    {"headings that name sections", "", "# Steps\n", ""},
    {"headings down and up", "", "# Steps\n###### A\n### B\n", ""},
    {"sections with a step", "# T\n", "# Steps\n1. A\n", ""},
    {"undos of one step", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- Undo step 1\n", ""},
    {"undos of no step", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- Undo step @\n", ""},
    {"undos by a wrong id", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- B {undo=a@}\n", ""},
    {"metadata", "# T\n\n", "**K@**: v\n", "\n## Steps\n\n1. A\n"},
    {"metadata with one key", "# T\n\n", "**K**: v\n", "\n## Steps\n\n1. A\n"},
    {"inputs", "# T\n\n## Inputs\n\n", "- `a@` (string, required): b\n", "\n## Steps\n\n1. A\n"},
    {"inputs with one name", "# T\n\n## Inputs\n\n", "- `a` (string, required)\n", "\n## Steps\n\n1. A\n"},
    {"inputs with a pattern", "# T\n\n## Inputs\n\n", "- `a@` (string, required): b. Pattern: `a+`\n",
     "\n## Steps\n\n1. A\n"},
    {"rows of a table", under, "| a |\n", ""},
    {"a table", "# T\n\n## Inputs\n\n| a |\n|---|\n", "| b |\n", ""},
    {"blocks that are not run", steps_head, "```x\n```\n", ""},
    {"blocks in quotes", under, "> ```sh\n> true\n> ```\n\n", ""},
    {"blocks in lists", under, "- ```sh\n  true\n  ```\n", ""},
    {"fences in a paragraph", steps_head, "    ```sh\n", ""},
    {"blank lines", steps_head, "\n", "1. A\n"},
    {"blank lines in an item", "# T\n\n## Steps\n\n1. A\n", "\n", "   b\n"},
    {"blanks", steps_head, " ", "\n"},
    {"carriage returns", steps_head, "1. A\r\n", ""},
    {"lone carriage returns", steps_head, "1. A\r", ""},
    {"byte order marks", "\xEF\xBB\xBF", "\xEF\xBB\xBF", "\n# T\n"},
    {"comments", under, "<!-- a -->\n\n", ""},
    {"a comment that never ends", steps_head, "<!--", "\n"},
    {"HTML", under, "<div>\n```sh\n</div>\n\n", ""},
    {"rules", steps_head, "***\n", ""},
    {"front matter", "---\n", "a: b\n", "---\n# T\n"},
    {"front matter that never ends", "---\n", "a: b\n", ""},
};

/// What stands in blocks of code.
inline constexpr Repeated blocks[] = {
    {"a block that never ends", script, "true\n", ""},
    {"here-documents", script, "cat <<E@\n", "\n```\n"},
    {"substitutions", script, "$(", "\n```\n"},
    {"quotes in a script", script, "\"'\n", "\n```\n"},
    {"templates in a script", script, "{{ a@ }}\n", "\n```\n"},
    {"prompts", "# T\n\n## Steps\n\n1. A\n\n```console\n", "$ a\nb\n", "```\n"},
    {"prompts that go on", "# T\n\n## Steps\n\n1. A\n\n```console\n$ a\n", "> b\n", "```\n"},
    {"headers", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "a@: b\n", "```\n"},
    {"headers with one name", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "a: b\n", "```\n"},
    {"braces in an address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "{", "\n```\n"},
    {"templates in an address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "{{ a@ }}", "\n```\n"},
    {"a long address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "a", "\n```\n"},
    {"a query of many lines", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "  &a=b\n", "```\n"},
    {"a body of a request", "# T\n\n## Steps\n\n### 1. A\n\n```http\nPOST http://a/\n\n", "{\"a\": {{ b }}\n", "```\n"},
    {"separators of requests", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "###\n", "```\n"},
    {"an expected JSON", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```json\n", "[", "\n```\n"},
    {"templates in an expected JSON", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```json\n[1",
     ",{{ a }}", "]\n```\n"},
    {"dots in what is expected", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```\n", "...a\n...\n",
     "```\n"},
};

/// The JSON form.
inline constexpr Repeated json_forms[] = {
    {"JSON: steps", R"({"title": "T", "steps": [{"id": "first"})",
     R"(,{"id":"a@","actions":[{"handler":"shell","params":{"script":"a"}}]})", "]}"},
    {"JSON: empty steps", R"({"title": "T", "steps": [{"id": "first"})", R"(,{})", "]}"},
    {"JSON: steps with one id", R"({"title": "T", "steps": [{"id": "a"})", R"(,{"id":"a"})", "]}"},
    {"JSON: steps that are none", R"({"title": "T", "steps": [1)", ",1", "]}"},
    {"JSON: unknown members", R"({"title": "T")", R"(,"titel@":1)", "}"},
    {"JSON: unknown members of steps", R"({"title": "T", "steps": [{"id":"a"})", R"(,{"id":"a@","titel":1})", "]}"},
    {"JSON: actions of one step", R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"x"})",
     R"(,{"handler":"nobody@"})", "]}]}"},
    {"JSON: parameters", R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"shell","params":{"script":"a")",
     R"(,"p@":1)", "}}]}]}"},
    {"JSON: metadata", R"({"title": "T", "metadata": {"a":"b")", R"(,"k@":"v")", "}}"},
    {"JSON: inputs", R"({"title": "T", "inputs": [{"name":"a"})", R"(,{"name":"a@","pattern":"("})", "]}"},
    {"JSON: links", R"({"title": "T", "related": [{"target":"a"})", R"(,{"text":1})", "]}"},
    {"JSON: brackets", "", "[", "", "nested deeper than 64"},
    {"JSON: a long text", R"({"title": ")", "a", "\"}"},
    {"JSON: a long text of escapes", R"({"title": ")", "\\u0001", "\"}"},
    {"JSON: equal keys", R"({"metadata":{"a":1)", R"(,"b@":1)", R"(,"a":2}})", "is there twice"},
    {"JSON: quotes before an error", R"({"title":")", "\\\"", "\",}"},
    {"JSON: numbers", R"({"metadata":{"a":[1)", ",1e400", "]}}", "is too large"},
    {"JSON: blanks", "", " ", ""},
    {"JSON: templates in one script",
     R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"shell","params":{"script":")", "{{ a@ }}", R"("}}]}]})"},
    {"JSON: questions with unknown names", R"({"title":"T","steps":[{"id":"a"})",
     R"(,{"id":"a@","actions":[{"handler":"confirm","params":{"prompt":"{{ b@ }}"}}]})", "]}"},
};

/// The YAML form.
inline constexpr Repeated yaml_forms[] = {
    {"YAML: steps", "title: T\nsteps:\n", "- id: a@\n  actions:\n  - {handler: shell, params: {script: a}}\n", ""},
    {"YAML: steps that are none", "title: T\nsteps:\n", "- 1\n", ""},
    {"YAML: steps with one id", "title: T\nsteps:\n", "- id: a\n", ""},
    {"YAML: brackets", "", "[", "", "nested deeper than 64"},
    {"YAML: lists in lists", "", "- ", "a\n"},
    {"YAML: keys in keys", "", "? ", "a\n"},
    {"YAML: unknown members", "", "titel@: 1\n", ""},
    {"YAML: equal keys", "", "a: 1\n", ""},
    {"YAML: aliases", "a: &a [x]\nb:\n", "- *a\n", ""},
    {"YAML: anchors", "b:\n", "- &a@ a\n", ""},
    {"YAML: tags", "b:\n", "- !!str a\n", ""},
    {"YAML: documents", "", "---\na: b\n", ""},
    {"YAML: a long text", "title: ", "a", "\n"},
    {"YAML: a long text in quotes", "title: \"", "\\u00e4", "\"\n"},
    {"YAML: a text of many lines", "title: |\n", "  a\n", ""},
    {"YAML: a folded text", "title: >\n", "  a\n", ""},
    {"YAML: a plain text of many lines", "title: a\n", "  a\n", ""},
    {"YAML: a quote that never closes", "title: \"", "a ", ""},
    {"YAML: comments", "", "# a\n", "title: T\n"},
    {"YAML: blanks", "", " ", ""},
    {"YAML: colons", "", "a: ", "\n"},
    {"YAML: metadata in one line", "metadata: {a: b", ", k@: v", "}\n"},
    {"YAML: numbers", "metadata: {a: [1", ", 1e400", "]}\n"},
};

/// A text within as many opening and closing marks.
struct Nested {
  std::string_view name;
  std::string_view open;
  std::string_view close;
};

/// Marks in marks, in one item.
inline constexpr Nested nested_inlines[] = {
    {"emphasis in emphasis", "*a ", " a*"},
    {"strong in strong", "**a ", " a**"},
    {"strong and emphasis", "*__a ", " a__*"},
    {"links in links", "[", "](u)"},
    {"images in images", "![", "](u)"},
    {"brackets", "[", "]"},
    {"links with brackets in their address", "[a](", ")"},
};

/// Many items that take back a step that is nearly, but not quite, one of many others.
inline std::string misspelt_undos(std::size_t bytes) {
  const std::string steps =
      repeated(steps_head, "1. A long title of a step, so that comparing it costs something @\n", "", 80'000);
  return repeated(steps + "\n## Rollback\n\n", "- B {undo=a-long-title-of-a-step-so-that-comparing-it-costs-x@}\n", "",
                  bytes);
}

/// The place of each element has the key in it.
inline std::string list_below_a_long_key(std::size_t bytes) {
  return repeated(R"({")" + std::string(bytes / 2, 'k') + R"(": [0)", ",0", "]}", bytes);
}

inline void add_repeated(std::vector<HostileDocument>& documents, std::span<const Repeated> kinds,
                         std::string_view ending = "md") {
  for (const Repeated& kind : kinds) {
    const auto make = [kind](std::size_t bytes) { return repeated(kind.before, kind.unit, kind.after, bytes); };
    documents.push_back({std::string(kind.name), ending, make, kind.refusal});
  }
}

inline std::vector<HostileDocument> hostile_documents() {
  std::vector<HostileDocument> documents;
  add_repeated(documents, nestings);
  documents.push_back({"a list deeper at every line", "md", staircase, "nested deeper than 64"});
  for (const Nested& kind : nested_inlines) {
    const auto make = [kind](std::size_t bytes) { return around(item, kind.open, kind.close, bytes); };
    documents.push_back({std::string(kind.name), "md", make, {}});
  }
  documents.push_back({"backticks of every length", "md", backtick_runs, {}});
  for (const auto kinds : {std::span<const Repeated>(inlines), std::span<const Repeated>(long_lines),
                           std::span<const Repeated>(multitudes), std::span<const Repeated>(blocks)}) {
    add_repeated(documents, kinds);
  }
  documents.push_back({"steps and undos by a wrong id", "md", misspelt_undos, {}});
  add_repeated(documents, json_forms, "json");
  add_repeated(documents, yaml_forms, "yaml");
  documents.push_back({"JSON: a list below a long key", "json", list_below_a_long_key, "this member is not known"});
  return documents;
}

} // namespace runbook::testing
