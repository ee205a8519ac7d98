// Documents that are broken, hostile or huge: a clear finding, never a crash, a hang or something unseen that runs.
#include "support/document.hpp"

#include "findings_limit.hpp"
#include "support/hostile_documents.hpp"
#include "support/small_stack.hpp"

#include <runbook/handlers.hpp>
#include <runbook/plan.hpp>

#include <fmt/format.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

/// What keeps the whole document from being read.
std::string refusal(std::string_view text) {
  const Parsed p = read(text);
  REQUIRE_MESSAGE(p.diagnostics.size() == 1, findings(p));
  CHECK_FALSE(p.ok());
  CHECK(p.runbook.steps.empty());
  return to_string(p.diagnostics.front());
}

} // namespace

TEST_CASE("limits: text that is not UTF-8 is refused at its place") {
  CHECK(refusal("# T\n\xC3\xA4\xC3\xA4 \xFF\n") ==
        "book.md:2:4: error: the document is not valid UTF-8; save it as UTF-8 [not-utf8]");
  for (const char* bad : {"\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\x80", "\xF8\x88\x80\x80\x80"}) {
    CHECK(refusal(bad).find("[not-utf8]") != std::string::npos);
  }
  CHECK(refusal(std::string_view("\xFF\xFE#\0", 4)).find("it looks like UTF-16") != std::string::npos);
}

TEST_CASE("limits: a NUL is refused at its place") {
  CHECK(refusal(std::string_view("# T\n1. a\0b\n", 11)) ==
        "book.md:2:5: error: the document holds a NUL character; remove it [nul]");
}

TEST_CASE("limits: an empty document is an error") {
  for (const char* text : {"", " \n\t\n", "\xEF\xBB\xBF", "\r\n\r\n"})
    CHECK(refusal(text).find("[empty-document]") != std::string::npos);
}

TEST_CASE("limits: a byte order mark and any kind of line end change neither text nor places") {
  const std::string unix_text = steps("1. A\n   ```sh\n   a\n   b\n   ```\n2. B {#A}\n3. C {#A}\n");
  const Parsed expected = read(unix_text);
  for (const char* end : {"\r\n", "\r"}) {
    std::string text = "\xEF\xBB\xBF";
    for (const char c : unix_text) text += c == '\n' ? std::string(end) : std::string(1, c);
    Parsed p = read(text);
    CHECK(p.runbook.source == text);
    CHECK(p.diagnostics == expected.diagnostics);
    p.runbook.source = unix_text;
    CHECK(p.runbook == expected.runbook);
  }
  CHECK(count(expected, "duplicate-id") == 1);
}

TEST_CASE("limits: a document over 16 MiB is refused and one at the limit is read") {
  CHECK(refusal(std::string(max_document_bytes + 1, 'x')).find("the document has more than 16 MiB") !=
        std::string::npos);
  std::string text = steps("1. A\n\n");
  text += std::string(max_document_bytes - text.size(), '\n');
  CHECK(read(text).ok());
}

TEST_CASE("limits: a nesting of 64 is read and a deeper one refused") {
  CHECK(read(steps("1. A\n\n") + std::string(64, '>') + " x\n").ok());
  CHECK(refusal(steps("1. A\n\n") + std::string(65, '>') + " x\n")
            .find("book.md:7:1: error: lists and quotes are nested deeper than 64") == 0);
  CHECK(refusal(std::string(65, '>') + " # x\n").find("[limit]") != std::string::npos);
}

TEST_CASE("limits: hostile nesting is refused quickly") {
  for (const auto& text :
       {std::string(4'000'000, '>'), repeat("- ", 2'000'000) + "a", repeat("1. ", 1'000'000),
        repeat("> - ", 500'000) + "# x", repeat("- ", 100'000) + "# x\n" + std::string(1'000'000, '\n'),
        repeat("* ", 200'000) + "a\n" + repeat("b\n", 200'000)}) {
    CHECK(refusal(text).find("[limit]") != std::string::npos);
  }
}

TEST_CASE("limits: indentation that goes deeper line by line is refused") {
  std::string text;
  for (std::size_t i = 0; i < 3000; ++i) text += std::string(2 * i, ' ') + "- a\n";
  CHECK(refusal(text + std::string(1'000'000, '\n')).find("book.md:65:1: error: lists and quotes are nested deeper") ==
        0);
}

TEST_CASE("limits: HTML that is never closed cannot cost the square of its length") {
  for (const char* tag : {"a<?", "a<!A ", "a<![CDATA["}) {
    CHECK_MESSAGE(refusal(repeat(tag, 1'000'000)).find("HTML tags that are never closed") != std::string::npos, tag);
  }
  CHECK(read(steps("1. A <?php ?> <!DOCTYPE x> <![CDATA[x]]>\n") + repeat("\n<?\n", 1000)).ok());
}

TEST_CASE("limits: a link definition cannot be copied a million times") {
  const std::string url(4'000'000, 'x');
  CHECK(refusal("[a]: " + url + "\n\n" + repeat("[a] ", 1'000'000))
            .find("a link definition is too long for so many links") != std::string::npos);
  CHECK(refusal("[a]: x \"" + url + "\"\n\n" + repeat("[a] ", 1'000'000)).find("[limit]") != std::string::npos);
  CHECK(read(steps("1. [a]\n\n") + repeat("[a]: https://example.org/x \"t\"\n", 1000)).ok());
}

TEST_CASE("limits: more than 100000 steps are refused") {
  const Parsed p = read(steps(repeat("1. A\n", max_steps + 10)));
  CHECK(p.runbook.steps.size() == max_steps);
  CHECK(count(p, "limit") == 1);
  CHECK(finds(p, "book.md:100005:1: error: more than 100000 steps"));
}

TEST_CASE("limits: a document with very many findings stays bounded and keeps its error") {
  const Parsed p = read(steps("1. A\n") + "\n# P\n" + repeat("```x\n```\n", 100'000) + "\n# Steps\n\n```sh\n```\n");
  CHECK_FALSE(p.ok());
  CHECK(p.diagnostics.size() < 30'000);
  CHECK(finds(p, "more findings are not shown [limit]"));
}

TEST_CASE("limits: hostile documents are read and planned on a small stack, with a bounded number of findings") {
  const HandlerRegistry handlers = builtin_handlers();
  for (const HostileDocument& document : hostile_documents()) {
    std::vector<Diagnostic> found;
    std::vector<Diagnostic> planned;
    runbook_test::on_small_stack([&] {
      const std::string text = document.make(50'000);
      Parsed parsed = parse(text, {fmt::format("book.{}", document.ending), {}});
      const auto plan = make_plan(parsed.runbook, handlers);
      found = std::move(parsed.diagnostics);
      planned = plan ? plan->warnings() : plan.error().diagnostics;
    });
    CAPTURE(document.name);
    CHECK(found.size() <= FindingsLimit::most + 1);
    CHECK(planned.size() <= FindingsLimit::most + 1);
    const auto says = [&](const Diagnostic& d) { return d.message.find(document.refusal) != std::string::npos; };
    CHECK((document.refusal.empty() || std::ranges::any_of(found, says)));
  }
}

TEST_CASE("limits: a line of endless marks is refused before a block is opened for each of them") {
  CHECK(refusal(steps("1. A\n\n") + repeat("> - ", 3000) + "x\n")
            .find("book.md:7:1: error: lists and quotes are nested deeper than 64") == 0);
  const std::string dashes = repeat("- ", 10'000);
  CHECK(read(steps("1. A\n\n   ```sh\n   : " + dashes + "\n   ```\n\n") + dashes + "\n").ok()); // a rule
  CHECK(read(steps("1. A\n\n   ```sh\n   : \\\n   " + std::string(10'000, '1') + "\n   ```\n")).ok());
}

TEST_CASE("limits: findings beyond the limit are counted, and an error among them stays one") {
  const Parsed p = read(steps(repeat("1. A\n   Rolback:\n   ```sh\n   true\n   ```\n", FindingsLimit::most + 7)));
  CHECK(p.diagnostics.size() == FindingsLimit::most + 1);
  CHECK(to_string(p.diagnostics.back()) == "book.md: error: 7 more findings are not shown [limit]");
}

TEST_CASE("limits: more than 100 attributes of one block are refused") {
  std::string attributes;
  for (std::size_t i = 0; i < 101; ++i) attributes += fmt::format(" x{}=1", i);
  const Parsed p = read(steps("1. A\n\n   ```sh {" + attributes + "}\n   true\n   ```\n"));
  CHECK(finds(p, "more than 100 in the attributes"));
  CHECK(count(p, "unknown-attribute") == 100);
}

TEST_CASE("limits: a fence that is never closed is an error at its opening") {
  CHECK(finds(read(steps("1. A\n   ```sh\n   true\n\n2. B\n")), "book.md:6:4: error: the block is never closed"));
  CHECK(finds(read(steps("1. A\n\n```sh\ntrue\n")), "book.md:7:1: error: the block is never closed"));
  CHECK(finds(read("# T\n## Steps\n1. A\n```"), "book.md:4:1: error: the block is never closed"));
}

TEST_CASE("limits: a closing mark that is not indented enough leaves its block open") {
  const Parsed p = read(steps("1. A\n   ```sh\n   true\n```\n\n2. B\n"));
  CHECK(finds(p, "book.md:6:4: error: the block is never closed"));
  CHECK(finds(p, "book.md:8:1: error: the block is never closed"));
}

TEST_CASE("limits: closed fences are not reported whatever stands around them") {
  for (const char* text : {"1. A\n   ```sh\n   true\n   ```", "1. A\n   ````sh\n   ```\n   `````  \n2. B\n",
                           "1. A\n   ~~~sh\n   true\n   ~~~\n\n   words\n",
                           "### 1. A\n```sh\n\n```\n```sh\ntrue\n```\n", "1. ```sh\n   true\n   ```\n"}) {
    CHECK_MESSAGE(count(read(steps(text)), "unclosed-fence") == 0, text);
  }
  CHECK(count(read("> ```sh\n> a\n> ```\n\n> ```\n> b\n\n```\nc\n```\n"), "unclosed-fence") == 1);
}

TEST_CASE("limits: invisible and strange documents do no harm") {
  for (const char* text : {"#\n",
                           "-",
                           "1.",
                           "```",
                           "~~~\n",
                           "    code",
                           "> ",
                           "<!--",
                           "[a]: b",
                           "\\",
                           "# #\n## Steps\n1.",
                           "***",
                           "| a |\n|---|\n",
                           "## Steps\n### 1.\n",
                           "## Steps\n1. \xE2\x80\x8B\n",
                           "# \xE2\x80\xAE\n## Steps\n1. \xE2\x80\xAE\n",
                           "## Inputs\n- ``\n- `a` (\n- `a` (default)\n- (x)\n",
                           "**: x\n",
                           "****: x\n",
                           "# T\n**K\n",
                           "## Steps\n1. {#}\n2. {#a b=}\n3. {\n",
                           "## Rollback\n- Undo step 99999999999999999999999\n"}) {
    CHECK_NOTHROW(static_cast<void>(read(text)));
  }
}
