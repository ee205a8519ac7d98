// Links: files and anchors that are not there.
#include "lint/anchors.hpp"
#include "support/linting.hpp"
#include "support/temp_folder.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::string head = "# Test\n\n## Steps\n\n1. See ";

LintReport with_link(const std::string& link, std::map<std::string, std::string> files = {}) {
  return linted(head + link + "\n", std::move(files));
}

} // namespace

TEST_CASE("lint links: a link to a file that does not exist is found in its place") {
  const LintReport report = with_link("[a](there.md) and [b](../gone.md)", {{"docs/there.md", "# There\n"}});
  CHECK(found(report, "dead-link") ==
        "docs/book.md:5:30: warning: the link leads to '../gone.md', which does not exist; "
        "the path is taken from the folder of this document [dead-link]\n");
  CHECK(report.diagnostics.at(0).span.end_column == 40);
}

TEST_CASE("lint links: what cannot be looked for here is left alone") {
  for (const char* link : {"[a](https://example.com/x.md)", "[a](mailto:a@b)", "[a](//host/x)", "[a](/root.md)",
                           "[a](<>)", "`[a](x.md)`", "[a](there.md?raw=1)", "[a](page)", "[a](page/)",
                           "[a](with%20blank.md)", "[a](there.md#)", "[a](img.png#L3)", "[a]({{ url }}/x)"}) {
    const LintReport report = with_link(
        link, {{"docs/there.md", ""}, {"docs/page.md", ""}, {"docs/with blank.md", ""}, {"docs/img.png", ""}});
    CHECK_MESSAGE(found(report, "dead-link") == "", link);
  }
  const LintReport nowhere = lint(head + "[a](gone.md)\n", builtin_handlers(), {});
  CHECK(count(nowhere, "dead-link") == 0);
}

TEST_CASE("lint links: a link by reference is placed at its paragraph") {
  CHECK(has(found(with_link("[a][ref]\n\n[ref]: gone.md"), "dead-link"), "docs/book.md:5:4: warning"));
}

TEST_CASE("lint links: anchors of this document and of others are checked") {
  const std::string other =
      "# Other\n\n## How to: Use `it`?\n\n## Twice\n\n## Twice\n\n<a name=\"Set\"></a>\n\n### With id {#own}\n";
  const std::map<std::string, std::string> files{{"docs/other.md", other}};
  for (const char* link : {"[a](#steps)", "[a](#Steps)", "[a](#test)", "[a](other.md#how-to-use-it)",
                           "[a](other.md#twice-1)", "[a](other.md#set)", "[a](other.md#own)", "[a](#)", "[a](#top)"}) {
    CHECK_MESSAGE(found(with_link(link, files), "dead-anchor") == "", link);
  }
  CHECK(
      has(found(with_link("[a](#stepps)", files), "dead-anchor"),
          "docs/book.md:5:12: warning: no heading of this document has the anchor '#stepps'; did you mean '#steps'?"));
  CHECK(has(found(with_link("[a](other.md#twice-2)", files), "dead-anchor"),
            "no heading of 'other.md' has the anchor '#twice-2'"));
}

TEST_CASE("lint links: anchors are what code hosts make of headings") {
  using linting::heading_slug;
  CHECK(heading_slug("Roll back & retry") == "roll-back--retry");
  CHECK(heading_slug("2.1 Drain_the node!") == "21-drain_the-node");
  CHECK(heading_slug("Größe ändern") == "größe-ändern");
  CHECK(heading_slug("\xF0\x9F\x9A\x80 Launch") == "-launch");
  CHECK(linting::percent_decoded("a%20b%2") == "a b%2");
}

TEST_CASE("lint links: the files of the machine are looked at") {
  const TempFolder folder;
  folder.write("there.md", "# There\n");
  folder.write("book.md", head + "[a](there.md#there) [b](there.md#gone) [c](gone.md) [d](../)\n");
  const auto report = lint_file(folder / "book.md", builtin_handlers());
  REQUIRE(report.has_value());
  CHECK(count(*report, "dead-link") == 1);
  CHECK(count(*report, "dead-anchor") == 1);
  CHECK(lint_file(folder / "gone.md", builtin_handlers()).error().code == errc::io_error);
}
