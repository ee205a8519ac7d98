// Documents that somebody made to hurt whoever reads them, each of any length. The tests ask what comes of them, the
// benchmark (tests/bench/hostile_bench.cpp) how their cost grows.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace runbook::testing {

struct HostileDocument {
  std::string name;
  bool json = false;
  std::function<std::string(std::size_t bytes)> make; ///< about so long
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

inline const std::vector<HostileDocument>& hostile_documents() {
  constexpr std::string_view steps = "# T\n\n## Steps\n\n";
  constexpr std::string_view item = "# T\n\n## Steps\n\n1. ";
  constexpr std::string_view script = "# T\n\n## Steps\n\n1. A\n\n```sh\n";
  constexpr std::string_view under = "# T\n\n## Steps\n\n### 1. A\n\n";
  static const std::vector<HostileDocument> all = [&] {
    std::vector<HostileDocument> documents;
    const auto text = [&](std::string name, std::string_view before, std::string_view unit, std::string_view after) {
      documents.push_back(
          {std::move(name), false, [=](std::size_t bytes) { return repeated(before, unit, after, bytes); }});
    };
    const auto json = [&](std::string name, std::string_view before, std::string_view unit, std::string_view after) {
      documents.push_back(
          {std::move(name), true, [=](std::size_t bytes) { return repeated(before, unit, after, bytes); }});
    };
    const auto nested = [&](std::string name, std::string_view open, std::string_view close) {
      documents.push_back(
          {std::move(name), false, [=](std::size_t bytes) { return around(item, open, close, bytes); }});
    };
    // Nesting.
    text("quotes in quotes", steps, "> ", "x\n");
    text("lists in lists", steps, "- ", "x\n");
    text("numbered lists in lists", steps, "1. ", "x\n");
    text("quotes in lists in quotes", steps, "> - ", "# x\n");
    documents.push_back({"a list deeper at every line", false, staircase});
    nested("emphasis in emphasis", "*a ", " a*");
    nested("strong in strong", "**a ", " a**");
    nested("strong and emphasis", "*__a ", " a__*");
    nested("links in links", "[", "](u)");
    nested("images in images", "![", "](u)");
    nested("brackets", "[", "]");
    nested("links with brackets in their address", "[a](", ")");
    // Inlines that do not close.
    text("emphasis that never closes", item, "*a_", "\n");
    text("emphasis that only closes", item, "a* b_ ", "\n");
    text("emphasis of both kinds, crossed", item, "*a _b* c_ ", "\n");
    text("strong that never closes", item, "a**b", "\n");
    text("brackets that never close", item, "[", "\n");
    text("links that never close", item, "[a](<b", "\n");
    text("reference links without a definition", item, "[a][b]", "\n");
    text("tags that never close", item, "<a b='", "\n");
    text("processing instructions that never close", item, "a<?", "\n");
    text("addresses in angle brackets that never close", item, "<http://a", "\n");
    text("entities that are none", item, "&amp", "\n");
    text("backslashes", item, "\\", "\n");
    documents.push_back({"backticks of every length", false, backtick_runs});
    text("a definition and its uses", "[a]: /u\n\n# T\n\n## Steps\n\n1. ", "[a] ", "\n");
    text("definitions", "", "[a@]: /u\n", "\n# T\n");
    text("definitions of one name", "", "[a]: /u\n", "\n# T\n");
    // Long lines.
    text("a long title", "# ", "a ", "\n");
    text("a long heading with a number", "# T\n\n## Steps\n\n### 1. ", "a ", "\n");
    text("a long item", item, "word ", "\n");
    text("a long word", item, "a", "\n");
    text("a long key", "# T\n\n**", "a", "**: v\n");
    text("a long line of a script", script, "a ", "\n```\n");
    text("a long language", "# T\n\n## Steps\n\n1. A\n\n   ```", "a", "\n   x\n   ```\n");
    text("placeholders in one line", script, "a <p@> ", "\n```\n");
    text("direction marks in one line", script, "\xE2\x80\xAE", "\n```\n");
    text("control characters in one line", script, "\x01", "\n```\n");
    text("links in one line below Related", "# T\n\n## Related\n\n- ", "[a](b) ", "\n");
    text("links in one line below See also", "# T\n\n## See also\n\n- ", "[a](b) ", "\n");
    text("code spans in one input", "# T\n\n## Inputs\n\n- `a` (string, required): ", "`b` ", "\n");
    text("options of one input", "# T\n\n## Inputs\n\n- `a` (", "x@, ", ")\n");
    text("attributes of one block", "# T\n\n## Steps\n\n1. A\n\n   ```sh {", "a@=b ", "}\n   true\n   ```\n");
    text("equal attributes of one block", "# T\n\n## Steps\n\n1. A\n\n   ```sh {", "a ", "}\n   true\n   ```\n");
    text("attributes of one title", "# T\n\n## Steps\n\n1. A {#a ", "a@=b ", "}\n");
    text("braces", item, "{", "\n");
    text("braces at the end", item, "{a} ", "{#b}\n");
    // Many of one kind.
    text("steps", steps, "1. A\n", "");
    text("steps with a block", steps, "1. A\n   ```sh\n   true\n   ```\n", "");
    text("steps with different titles", steps, "1. A@\n", "");
    text("steps with one id", steps, "1. A {#a}\n", "");
    text("steps with an id each", steps, "1. A {#a@}\n", "");
    text("steps as headings", steps, "### 1. A\n", "");
    text("steps as headings with a block", steps, "### 1. A\n```sh\ntrue\n```\n", "");
    text("steps without a title", steps, "1. ```sh\n   true\n   ```\n", "");
    text("steps with captures", steps, "1. A\n   ```sh {capture=c@}\n   true\n   ```\n", "");
    text("steps with unknown names in their titles", steps, "1. A {{ nam@ }}\n", "");
    text("steps that mention steps", steps, "1. step 1 step 2 step 3\n", "");
    text("steps named in one title", item, "step 1 ", "\n");
    text("blocks of one step", under, "```sh\ntrue\n```\n", "");
    text("checks of one step", under, "Check:\n\n```sh\ntrue\n```\n\n", "");
    text("expectations of one step", under, "```sh\ntrue\n```\n\nExpected:\n\n```\na\n```\n\n", "");
    text("labels without a block", under, "Rollback:\n\n", "");
    text("labels with text", under, "Rollback: a\n\n", "");
    text("labels that are nearly one", under, "Rolback:\n```sh\ntrue\n```\n\n", "");
    text("labels in one paragraph", under, "Rollback:\n", "");
    text("headings inside of a step", under, "#### Rollback\n", "");
    text("headings", "", "# A\n", "");
    text("headings that name sections", "", "# Steps\n", "");
    text("headings down and up", "", "# Steps\n###### A\n### B\n", "");
    text("sections with a step", "# T\n", "# Steps\n1. A\n", "");
    text("undos of one step", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- Undo step 1\n", "");
    text("undos of no step", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- Undo step @\n", "");
    text("undos by a wrong id", "# T\n\n## Steps\n\n1. A\n\n## Rollback\n\n", "- B {undo=a@}\n", "");
    text("steps and undos by a wrong id",
         repeated("# T\n\n## Steps\n\n", "1. A long title of a step, so that comparing it costs something @\n", "",
                  80'000) +
             "\n## Rollback\n\n",
         "- B {undo=a-long-title-of-a-step-so-that-comparing-it-costs-x@}\n", "");
    text("metadata", "# T\n\n", "**K@**: v\n", "\n## Steps\n\n1. A\n");
    text("metadata with one key", "# T\n\n", "**K**: v\n", "\n## Steps\n\n1. A\n");
    text("inputs", "# T\n\n## Inputs\n\n", "- `a@` (string, required): b\n", "\n## Steps\n\n1. A\n");
    text("inputs with one name", "# T\n\n## Inputs\n\n", "- `a` (string, required)\n", "\n## Steps\n\n1. A\n");
    text("inputs with a pattern", "# T\n\n## Inputs\n\n", "- `a@` (string, required): b. Pattern: `a+`\n",
         "\n## Steps\n\n1. A\n");
    text("rows of a table", under, "| a |\n", "");
    text("a table", "# T\n\n## Inputs\n\n| a |\n|---|\n", "| b |\n", "");
    text("blocks that are not run", steps, "```x\n```\n", "");
    text("blocks in quotes", under, "> ```sh\n> true\n> ```\n\n", "");
    text("blocks in lists", under, "- ```sh\n  true\n  ```\n", "");
    text("fences in a paragraph", steps, "    ```sh\n", "");
    text("blank lines", steps, "\n", "1. A\n");
    text("blank lines in an item", "# T\n\n## Steps\n\n1. A\n", "\n", "   b\n");
    text("blanks", steps, " ", "\n");
    text("carriage returns", steps, "1. A\r\n", "");
    text("lone carriage returns", steps, "1. A\r", "");
    text("byte order marks", "\xEF\xBB\xBF", "\xEF\xBB\xBF", "\n# T\n");
    text("comments", under, "<!-- a -->\n\n", "");
    text("a comment that never ends", steps, "<!--", "\n");
    text("HTML", under, "<div>\n```sh\n</div>\n\n", "");
    text("rules", steps, "***\n", "");
    text("front matter", "---\n", "a: b\n", "---\n# T\n");
    text("front matter that never ends", "---\n", "a: b\n", "");
    // Blocks.
    text("a block that never ends", script, "true\n", "");
    text("here-documents", script, "cat <<E@\n", "\n```\n");
    text("substitutions", script, "$(", "\n```\n");
    text("quotes in a script", script, "\"'\n", "\n```\n");
    text("templates in a script", script, "{{ a@ }}\n", "\n```\n");
    text("prompts", "# T\n\n## Steps\n\n1. A\n\n```console\n", "$ a\nb\n", "```\n");
    text("prompts that go on", "# T\n\n## Steps\n\n1. A\n\n```console\n$ a\n", "> b\n", "```\n");
    text("headers", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "a@: b\n", "```\n");
    text("headers with one name", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "a: b\n", "```\n");
    text("braces in an address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "{", "\n```\n");
    text("templates in an address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "{{ a@ }}", "\n```\n");
    text("a long address", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/", "a", "\n```\n");
    text("a query of many lines", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "  &a=b\n", "```\n");
    text("a body of a request", "# T\n\n## Steps\n\n### 1. A\n\n```http\nPOST http://a/\n\n", "{\"a\": {{ b }}\n",
         "```\n");
    text("separators of requests", "# T\n\n## Steps\n\n### 1. A\n\n```http\nGET http://a/\n", "###\n", "```\n");
    text("an expected JSON", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```json\n", "[", "\n```\n");
    text("templates in an expected JSON", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```json\n[1",
         ",{{ a }}", "]\n```\n");
    text("dots in what is expected", "# T\n\n## Steps\n\n### 1. A\n\n```sh\na\n```\n\nExpected:\n\n```\n",
         "...a\n...\n", "```\n");
    // The JSON form.
    json("JSON: steps", R"({"title": "T", "steps": [{"id": "first"})",
         R"(,{"id":"a@","actions":[{"handler":"shell","params":{"script":"a"}}]})", "]}");
    json("JSON: empty steps", R"({"title": "T", "steps": [{"id": "first"})", R"(,{})", "]}");
    json("JSON: steps with one id", R"({"title": "T", "steps": [{"id": "a"})", R"(,{"id":"a"})", "]}");
    json("JSON: steps that are none", R"({"title": "T", "steps": [1)", ",1", "]}");
    json("JSON: unknown members", R"({"title": "T")", R"(,"titel@":1)", "}");
    json("JSON: unknown members of steps", R"({"title": "T", "steps": [{"id":"a"})", R"(,{"id":"a@","titel":1})", "]}");
    json("JSON: actions of one step", R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"x"})",
         R"(,{"handler":"nobody@"})", "]}]}");
    json("JSON: parameters", R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"shell","params":{"script":"a")",
         R"(,"p@":1)", "}}]}]}");
    json("JSON: metadata", R"({"title": "T", "metadata": {"a":"b")", R"(,"k@":"v")", "}}");
    json("JSON: inputs", R"({"title": "T", "inputs": [{"name":"a"})", R"(,{"name":"a@","pattern":"("})", "]}");
    json("JSON: links", R"({"title": "T", "related": [{"target":"a"})", R"(,{"text":1})", "]}");
    json("JSON: brackets", "", "[", "");
    json("JSON: a long text", R"({"title": ")", "a", "\"}");
    json("JSON: a long text of escapes", R"({"title": ")", "\\u0001", "\"}");
    json("JSON: a list below a long key", R"({")" + std::string(40'000, 'k') + R"(": [0)", ",0", "]}");
    json("JSON: equal keys", R"({"metadata":{"a":1)", R"(,"b@":1)", R"(,"a":2}})");
    json("JSON: quotes before an error", R"({"title":")", "\\\"", "\",}");
    json("JSON: numbers", R"({"metadata":{"a":[1)", ",1e400", "]}}");
    json("JSON: blanks", "", " ", "");
    json("JSON: templates in one script",
         R"({"title":"T","steps":[{"id":"a","actions":[{"handler":"shell","params":{"script":")", "{{ a@ }}",
         R"("}}]}]})");
    json("JSON: questions with unknown names", R"({"title":"T","steps":[{"id":"a"})",
         R"(,{"id":"a@","actions":[{"handler":"confirm","params":{"prompt":"{{ b@ }}"}}]})", "]}");
    return documents;
  }();
  return all;
}

} // namespace runbook::testing
