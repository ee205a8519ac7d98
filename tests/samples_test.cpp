// Documents in the shapes that runbooks have in the wild. Beside each lies what a person reads in it, written by hand.
#include "support/expected_book.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::filesystem::path folder = RUNBOOK_SOURCE_DIR "/tests/data/samples";
constexpr std::string_view expected_ending = ".expected.json";
constexpr std::string_view document_ending = ".md";

struct Pair {
  bool document = false;
  bool expected = false;
};

/// By the name that both files of a pair have in common. A file that is neither is not part of any pair.
std::map<std::string, Pair> pairs(const std::filesystem::path& where) {
  std::map<std::string, Pair> found;
  for (const auto& entry : std::filesystem::directory_iterator(where)) {
    std::string name = entry.path().filename().string();
    if (name.ends_with(expected_ending)) {
      found[name.substr(0, name.size() - expected_ending.size())].expected = true;
    } else if (name.ends_with(document_ending)) {
      found[name.substr(0, name.size() - document_ending.size())].document = true;
    } else {
      found[name] = {};
    }
  }
  return found;
}

std::string file(const std::string& name) {
  std::ifstream in(folder / name, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE_MESSAGE(!text.str().empty(), name);
  return text.str();
}

std::string report(const std::string& name, const std::vector<std::string>& differences, const Parsed& parsed) {
  std::string out = name + ":";
  for (const std::string& difference : differences) out += "\n  " + difference;
  out += "\n  findings:";
  for (const Diagnostic& d : parsed.diagnostics) out += "\n    " + to_string(d);
  return out;
}

std::vector<std::string> differences(std::string_view text, std::string_view expected) {
  const Result<Value> json = parse_json(expected);
  REQUIRE(json.has_value());
  return BookDifferences::between(json->as_object(), parse_markdown(text));
}

} // namespace

TEST_CASE("samples: every document has its expectation, and every expectation its document") {
  const auto all = pairs(folder);
  CHECK(all.size() >= 20);
  for (const auto& [name, pair] : all) {
    CHECK_MESSAGE(pair.document, name << " has no document");
    CHECK_MESSAGE(pair.expected, name << " has no expectation");
  }
}

TEST_CASE("samples: the reader agrees with a person about every document") {
  for (const auto& [name, pair] : pairs(folder)) {
    if (!pair.document || !pair.expected) continue; // the case above says so
    const Result<Value> expected = parse_json(file(name + std::string(expected_ending)), name);
    REQUIRE_MESSAGE(expected.has_value(), to_string(expected.error()));
    ParseOptions options;
    options.path = name + std::string(document_ending);
    const Parsed parsed = parse_markdown(file(options.path), options);
    const auto found = BookDifferences::between(expected->as_object(), parsed);
    CHECK_MESSAGE(found.empty(), report(name, found, parsed));
  }
}

TEST_CASE("samples: a difference is found, and named by its place") {
  constexpr std::string_view text =
      "# T\n## Steps\n1. A\n   ```sh\n   true\n   ```\n   Undo:\n   ```sh\n   false\n   ```\n";
  constexpr std::string_view right = R"({"title": "T", "steps": [{"title": "A", "do": ["true"], "undo": ["false"]}]})";
  CHECK(differences(text, right).empty());
  const auto only = [&](std::string_view expected) {
    const auto found = differences(text, expected);
    REQUIRE(found.size() == 1);
    return found.front().substr(0, found.front().find('\n'));
  };
  CHECK(only(R"({"title": "U", "steps": [{"title": "A", "do": ["true"], "undo": ["false"]}]})") == "the title");
  CHECK(only(R"({"title": "T", "steps": [{"title": "A", "do": ["false"], "undo": ["false"]}]})") ==
        "step 1, what it does");
  CHECK(only(R"({"title": "T", "steps": [{"title": "A", "do": ["true"]}]})") == "step 1, its undo");
  CHECK(only(R"({"title": "T"})") == "step: a person reads 0, the reader 1");
  CHECK(differences("# T\n", R"({"title": "T"})").front().starts_with("no person expects: "));
}
