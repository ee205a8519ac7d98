// The canonical layout of documents: what it changes, and what it never does.
#include <runbook/format.hpp>

#include "support/cpu_time.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

using namespace runbook;

namespace {

std::string formatted(std::string_view text) {
  const Result<std::string> out = format_markdown(text);
  REQUIRE_MESSAGE(out.has_value(), to_string(out.error()) << "\n--- of\n" << text);
  return *out;
}

/// The layout, which must be stable and say the same.
std::string laid_out(std::string_view text) {
  std::string once = formatted(text);
  CHECK_MESSAGE(formatted(once) == once, "of\n" << text);
  CHECK(canonical_json(to_json(parse_markdown(once).runbook)) == canonical_json(to_json(parse_markdown(text).runbook)));
  return once;
}

std::vector<std::filesystem::path> documents() {
  std::vector<std::filesystem::path> found;
  for (const char* folder : {"/examples", "/tests/data", "/docs"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(RUNBOOK_SOURCE_DIR + std::string(folder))) {
      if (entry.path().extension() == ".md") found.push_back(entry.path());
    }
  }
  return found;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

/// Odd Markdown: pieces of lines in any order, so that all that can meet meets.
std::string odd_markdown(std::uint32_t seed) {
  static const std::vector<std::string> starts{"",     "",      " ",     "  ",   "   ",    "    ", "     ",   "\t",
                                               "> ",   "- ",    "* ",    "-   ", "1. ",    "1) ",  "2.  ",    "10. ",
                                               "1.\t", "   - ", "  1. ", "- - ", "-     ", "-\n",  "        "};
  static const std::vector<std::string> texts{"text",
                                              "more text  ",
                                              "## Steps",
                                              "### 1. Drain ###",
                                              "Title\n===",
                                              "Sub  \n---",
                                              "",
                                              "",
                                              "",
                                              "```sh",
                                              "```",
                                              "````",
                                              "~~~",
                                              "``` bash {retries=2 id=a}",
                                              "$ true",
                                              "***",
                                              "Expected:",
                                              "**Rollback:**",
                                              "**Owner:** me",
                                              "Check:",
                                              "<!-- note",
                                              "-->",
                                              "<div>",
                                              "</div>",
                                              "[a]: /url",
                                              "[a]: <x y> 'z",
                                              "[a]",
                                              "`code",
                                              "`` a ` b ``",
                                              "| a | b |\n|---|---|",
                                              "{{ x }}",
                                              "\xC3\xA9\xE2\x80\x8B",
                                              "\\",
                                              "a\\",
                                              "[ ] box",
                                              "```http\nGET http://x/\n```",
                                              "```yaml\na: 1\n```",
                                              "## Rollback",
                                              "## Verification",
                                              "# T",
                                              "#",
                                              "<pre>",
                                              "x <b",
                                              "&amp;"};
  std::mt19937 random(seed);
  const auto pick = [&](const auto& from) {
    return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random)];
  };
  std::string out = seed % 3 == 0 ? "# T\n\n## Steps\n\n" : "";
  const int lines = std::uniform_int_distribution<int>(1, 14)(random);
  for (int i = 0; i < lines; ++i) out += pick(starts) + pick(texts) + (seed % 7 == 0 ? "\r\n" : "\n");
  if (seed % 5 == 0) out.pop_back();
  return out;
}

} // namespace

TEST_CASE("format: headings become ATX headings") {
  CHECK(laid_out("Title\n=====\nText\n---\n\n##   Steps   ##\n1. A\n") == "# Title\n\n## Text\n\n## Steps\n\n1. A\n");
  CHECK(laid_out("# C#\n\nC #\n===\n") == "# C#\n\nC #\n===\n"); // its '#' would close the heading
  CHECK(laid_out("one\ntwo\n===\n") == "one\ntwo\n===\n");       // no ATX heading has two lines
}

TEST_CASE("format: one blank line stands between blocks, none at the ends of lines, one line end at the end") {
  CHECK(laid_out("\xEF\xBB\xBF\n\n# T  \r\ntext \t\r\nhard  \r\nbreak\r\n\r\n\r\n\r\n***\r\nend\r\n\r\n\r\n") ==
        "# T\n\ntext\nhard  \nbreak\n\n***\n\nend\n");
}

TEST_CASE("format: items are numbered as they are shown and indented by their marks") {
  CHECK(laid_out("# T\n\n## Steps\n1.  One\n\n    ```sh\n    a\n    ```\n1.  Two\n1.  Three\n") ==
        "# T\n\n## Steps\n\n1. One\n\n   ```sh\n   a\n   ```\n2. Two\n3. Three\n");
  CHECK(laid_out("9) a\n9) b\n\n   c\n") == "9) a\n10) b\n\n    c\n");
  CHECK(laid_out("*   a\n     * b\n         c\n*   d\n") == "* a\n  * b\n      c\n* d\n");
  CHECK(laid_out("- a\n\n- b\n- c\n") == "- a\n\n- b\n\n- c\n"); // they are shown apart already
}

TEST_CASE("format: scripts stay as they are, byte for byte") {
  const std::string script = "\n\n  a  \n\tb\t\n```\n   \n~~~~\n  x\n\n";
  const std::string before = "# T\n\n## Steps\n1.  S\n    ~~~~~~ sh\n" + [&] {
    std::string lines;
    std::istringstream in(script);
    for (std::string line; std::getline(in, line);) lines += "    " + line + "\n";
    return lines;
  }() + "    ~~~~~~\n";
  const std::string after = laid_out(before);
  CHECK(after ==
        "# T\n\n## Steps\n\n1. S\n   ````sh\n\n\n     a  \n   \tb\t\n   ```\n      \n   ~~~~\n     x\n\n   ````\n");
  const Parsed read = parse_markdown(after);
  REQUIRE(read.runbook.steps.size() == 1);
  CHECK(to_text(read.runbook.steps[0].actions[0].params.at("script")) == script.substr(0, script.size() - 1));
}

TEST_CASE("format: info strings have their attributes in braces, in their order, quoted where they must be") {
  const std::string head = "# T\n\n## Steps\n\n1. S\n   ```";
  const std::string tail = "\n   true\n   ```\n";
  CHECK(laid_out(head + "  Bash retries=2,effect=idempotent timeout=\"5m\"  id=x" + tail) ==
        head + "bash {id=x timeout=5m retries=2 idempotent}" + tail);
  CHECK(formatted(head + "sh {colour=red id=x}" + tail) ==
        head + "sh {colour=red id=x}" + tail);                                              // an error, left alone
  CHECK(formatted(head + "yaml title='x'  y" + tail) == head + "yaml title='x'  y" + tail); // another tool's
}

TEST_CASE("format: labels and metadata are written in one way") {
  CHECK(laid_out("# T\n\n**Owner:** me\n__Purpose__ :  x\n\n## Steps\n1. S\n   ```sh\n   a\n   ```\n   **Rollback:**\n "
                 "  ```sh\n   b\n   ```\n") == "# T\n\n**Owner**: me\n**Purpose**: x\n\n## Steps\n\n1. S\n   ```sh\n   "
                                               "a\n   ```\n   Rollback:\n   ```sh\n   b\n   ```\n");
}

TEST_CASE("format: prose, tables, HTML, comments and link definitions stay as they are") {
  const std::string text =
      "# T\n\n> quote  \n>   ```sh\n>   x\t \n\n| a |b |\n|---|:-|\n| 1 |  2|\n\n<!-- a\n\n   b -->\n\n"
      "<div>\n  <b>x</b>  \n</div>\n\n[x]: /url  \"t\"\n[y]: <a b>\n\n* *a*  __b__ &amp; \\* `` ` ``\n";
  CHECK(laid_out(text) == text);
  CHECK(laid_out("- a\n\n  [x]: /y\n- [z]: /w\n") == "- a\n\n  [x]: /y\n- [z]: /w\n");
}

TEST_CASE("format: what is shown of a step stays as it is") {
  const std::string text =
      "# T\n\n## Steps\n\n1. S\n\n   *    far\n        away\n\n   ### Head ###\n\n   ```sh\n   a\n   ```\n";
  CHECK(laid_out(text) == text);
}

TEST_CASE("format: what cannot be laid out safely stays as it is") {
  const std::string unclosed = "# T\n\n1.   a\n     ```sh\n     x\n\n\n";
  CHECK(formatted(unclosed + "2.  b\n").find(unclosed) == 0);
  const std::string captured = "-      a\n\n      code\n"; // would become a part of the item
  CHECK(laid_out("-    a\n\n    code\n") == "-    a\n\n    code\n");
  CHECK(laid_out(captured).find("code") != std::string::npos);
  CHECK(laid_out("999999999. a\n1. b\n") == "999999999. a\n1. b\n"); // no list has a longer number
}

TEST_CASE("format: front matter stays as it is") {
  CHECK(formatted("---\ntitle:   x\n---\n# T\n* a\n") == "---\ntitle:   x\n---\n\n# T\n\n* a\n");
}

TEST_CASE("format: text that cannot be read is refused with its place") {
  for (const std::string& text : {std::string("# T\n\xFF"), std::string("a\0b", 3), std::string(" \n")}) {
    const Result<std::string> out = format_markdown(text, {"x.md", {}});
    REQUIRE(out.has_error());
    CHECK(out.error().code == errc::invalid_document);
    CHECK(to_string(out.error()).find("x.md:") != std::string::npos);
  }
}

TEST_CASE("format: the layout of every document here is stable and says the same") {
  const auto all = documents();
  REQUIRE(all.size() >= 5);
  for (const auto& path : all) {
    CAPTURE(path);
    laid_out(content(path));
  }
}

TEST_CASE("format: the layout of odd documents is stable and says the same") {
  int changed = 0;
  int refused = 0;
  for (std::uint32_t seed = 0; seed < 4000; ++seed) {
    CAPTURE(seed);
    const std::string text = odd_markdown(seed);
    const Result<std::string> once = format_markdown(text);
    if (once.has_error()) {
      if (once.error().code == errc::unexpected) ++refused; // the others are empty
      continue;
    }
    changed += *once != text ? 1 : 0;
    const Result<std::string> twice = format_markdown(*once);
    REQUIRE_MESSAGE(twice.has_value(), to_string(twice.error()) << "\n--- of\n" << text << "\n--- and\n" << *once);
    REQUIRE_MESSAGE(*twice == *once, "\n--- of\n" << text << "\n--- once\n" << *once << "\n--- twice\n" << *twice);
  }
  CHECK(changed > 2000);
  CHECK(refused < 30); // where the safety net is needed, which is nowhere in real documents
}

TEST_CASE("format: the time does not grow faster than the text") {
  const auto seconds = [](const std::string& text) {
    return runbook_test::cpu_time([&text] { static_cast<void>(format_markdown(text)); }).count();
  };
  const std::vector<std::string> pieces{"1. a\n",     "- a\n\n  b\n", "```sh\nx\n```\n", "[a]: /b\n\n",    "x\n\n",
                                        "<!-- -->\n", "a\n---\n",     "- a\nb\n",        "- - - - - - a\n"};
  for (const std::string& piece : pieces) {
    CAPTURE(piece);
    std::string small;
    while (small.size() < 25'000) small += piece;
    std::string large = small;
    for (int i = 0; i < 3; ++i) large += large;
    const double one = std::max(seconds(small), 0.005);
    CHECK(seconds(large) < 8 * 4 * one);
  }
}

TEST_CASE("format: a document in JSON has two blanks for each level") {
  const Result<std::string> out = format_json_form(
      R"({"title":"T","steps":[{"id":"a","title":"A","actions":[{"handler":"confirm","params":{}}]}]})");
  REQUIRE(out.has_value());
  CHECK(*out == "{\n  \"title\": \"T\",\n  \"steps\": [\n    {\n      \"id\": \"a\",\n      \"title\": \"A\",\n      "
                "\"actions\": [\n"
                "        {\n          \"handler\": \"confirm\"\n        }\n      ]\n    }\n  ]\n}\n");
  CHECK(format_json_form("{\"titel\": 1}").has_error());
}
