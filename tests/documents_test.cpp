// Whole documents: from files, in any form, with every fence accounted for.
#include "support/document.hpp"
#include "support/temp_folder.hpp"

#include <boost/json/string.hpp>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>
#include <sstream>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::string data = RUNBOOK_SOURCE_DIR "/tests/data/";

std::string file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  REQUIRE_MESSAGE(!text.str().empty(), path);
  return text.str();
}

/// The lines in which fences open, found without the reader: a line that starts, behind blanks, quote and list marks,
/// with three backticks or tildes opens a fence if none is open, else it closes it.
std::set<std::uint32_t> fence_lines(const std::string& text) {
  std::set<std::uint32_t> lines;
  std::istringstream in(text);
  std::string line;
  char open = 0;
  for (std::uint32_t number = 1; std::getline(in, line); ++number) {
    const std::size_t at = line.find_first_not_of(" \t>-*0123456789.)");
    const std::string_view rest = at == std::string::npos ? std::string_view() : std::string_view(line).substr(at);
    if (!rest.starts_with("```") && !rest.starts_with("~~~")) continue;
    if (open == 0) {
      open = rest.front();
      lines.insert(number);
    } else if (rest.front() == open && rest.find_first_not_of(open) == std::string_view::npos) {
      open = 0;
    }
  }
  return lines;
}

void gather_lines(const std::vector<Step>& steps, std::set<std::uint32_t>& lines) {
  for (const Step& step : steps) {
    for (const auto* actions : {&step.actions, &step.checks, &step.undo, &step.probe}) {
      for (const Action& action : *actions) {
        lines.insert(action.span.line);
        if (action.expect) lines.insert(action.expect->span.line);
      }
    }
    gather_lines(step.steps, lines);
  }
}

std::set<std::uint32_t> accounted_lines(const Parsed& parsed) {
  std::set<std::uint32_t> lines;
  const Runbook& book = parsed.runbook;
  for (const auto* list : {&book.prerequisites, &book.steps, &book.verification, &book.rollback, &book.state}) {
    gather_lines(*list, lines);
  }
  for (const Diagnostic& d : parsed.diagnostics) lines.insert(d.span.line);
  return lines;
}

/// The lines of the actions in the order in which they run: a step's own, its checks, the steps inside of it.
void gather_order(const std::vector<Step>& steps, std::vector<std::uint32_t>& lines) {
  for (const Step& step : steps) {
    for (const auto* actions : {&step.actions, &step.checks}) {
      for (const Action& action : *actions) lines.push_back(action.span.line);
    }
    gather_order(step.steps, lines);
  }
}

void check_order(const Parsed& parsed) {
  std::vector<std::uint32_t> lines;
  gather_order(parsed.runbook.steps, lines);
  CHECK_MESSAGE(std::ranges::is_sorted(lines), parsed.runbook.source << findings(parsed));
}

void check_accounting(const std::string& text) {
  const Parsed parsed = read(text);
  check_order(parsed);
  const std::set<std::uint32_t> known = accounted_lines(parsed);
  for (const std::uint32_t line : fence_lines(text)) {
    CHECK_MESSAGE(known.contains(line), "the fence in line " << line << " of\n" << text << "\n" << findings(parsed));
  }
}

} // namespace

TEST_CASE("documents: the standard deployment of the format's description is read without a finding") {
  const Result<Parsed> parsed = parse_file(data + "standard-deployment.md");
  REQUIRE_MESSAGE(parsed.has_value(), to_string(parsed.error()));
  CHECK_MESSAGE(parsed->diagnostics.empty(), findings(*parsed));
  const Runbook& b = parsed->runbook;
  CHECK(b.title == "Standard deployment");
  CHECK(b.purpose == "Put a release live behind the web server");
  CHECK(b.frequency == parse_frequency("Weekly"));
  CHECK(b.risk_level == RiskLevel::high);
  REQUIRE(b.required_access.size() == 2);
  CHECK(to_string(b.required_access[0]) == "command:curl");
  CHECK(to_string(b.required_access[1]) == "file:releases:rw");
  CHECK(b.metadata.empty());
  REQUIRE(b.inputs.size() == 2);
  CHECK(b.inputs[0].pattern == "^\\d+\\.\\d+\\.\\d+$");
  CHECK(b.inputs[1].type == InputType::path);
  CHECK(b.inputs[1].default_value == Value("/srv/artefacts"));
  REQUIRE(b.prerequisites.size() == 2);
  CHECK(b.prerequisites[0].actions[0].handler == "shell");
  CHECK(b.prerequisites[1].actions[0].handler == "confirm");
  REQUIRE(b.steps.size() == 5);
  CHECK(b.steps[0].id == "unpack-the-release");
  CHECK(param(b.steps[0].undo.at(0), "script") == "rm -rf \"releases/$version\"");
  CHECK(b.steps[1].actions[0].capture == "previous");
  CHECK(b.steps[1].actions[0].effect == Effect::pure);
  CHECK(param(b.steps[2].actions[0], "script") == "ln -sfn \"releases/$version\" current && readlink current");
  CHECK(b.steps[2].actions[0].expect->text == "releases/{{ version }}");
  CHECK(param(b.steps[2].undo.at(0), "script") == "ln -sfn \"releases/$previous\" current");
  CHECK(b.steps[3].actions[0].expect->kind == Expectation::Kind::json);
  CHECK(param(b.steps[4].actions[0], "prompt") == "Tell the channel that the release is live");
  REQUIRE(b.verification.size() == 1);
  CHECK(b.rollback.empty());
  CHECK(b.related.at(0).target == "../deployment/emergency-rollback.md");
}

TEST_CASE("documents: a document keeps its meaning as JSON") {
  const Result<Runbook> book = load(data + "standard-deployment.md");
  REQUIRE(book.has_value());
  const Result<Runbook> again = from_json(to_json(*book));
  REQUIRE_MESSAGE(again.has_value(), to_string(again.error()));
  CHECK(canonical_json(to_json(*again)) == canonical_json(to_json(*book)));
}

TEST_CASE("documents: the source is kept byte for byte") {
  const std::string path = data + "standard-deployment.md";
  const Runbook book = load(path).value();
  CHECK(book.source == file(path));
  CHECK(book.path == path);
}

TEST_CASE("documents: the form is told by the name of the file") {
  CHECK(parse("{}", {"a.json", {}}).ok());
  CHECK(parse("{}", {"a.JSON", {}}).ok());
  CHECK_FALSE(parse("{}", {"a.md", {}}).ok());
  CHECK_FALSE(parse("{}", {}).ok());
}

TEST_CASE("documents: a file that cannot be read is an error that names it") {
  for (const std::string path : {"/nonexistent/book.md", "/"}) {
    const Result<Parsed> parsed = parse_file(path);
    REQUIRE(parsed.has_error());
    CHECK(parsed.error().code == errc::io_error);
    CHECK(parsed.error().message.starts_with(path + ": cannot be read: "));
    CHECK(load(path).error().code == errc::io_error);
  }
}

TEST_CASE("documents: an endless file ends at the limit") {
  const Result<Parsed> parsed = parse_file("/dev/zero");
  REQUIRE(parsed.has_value());
  CHECK(parsed->diagnostics.at(0).code == "limit");
}

TEST_CASE("documents: loading fails with every finding in order of place") {
  const TempFolder folder;
  const std::string path = (folder.path() / "bad.md").string();
  std::ofstream(path) << "# T\n## Rollback\n- Undo step 7\n## Steps\n1. A {#x}\n   ```bsh\n   ```\n2. B {#x}\n   ```sh "
                         "{bad}\n   <p>\n   ```\n";
  const Result<Runbook> book = load(path);
  REQUIRE(book.has_error());
  CHECK(book.error().code == errc::invalid_document);
  CHECK(book.error().message == path + " cannot be run: 4 errors");
  std::vector<std::string> codes;
  for (const Diagnostic& d : book.error().diagnostics) {
    codes.push_back(d.code);
    CHECK(d.path == path);
  }
  CHECK(codes == std::vector<std::string>{"undo-reference", "unknown-language", "duplicate-id", "unknown-attribute",
                                          "placeholder"});
  CHECK_THROWS_AS(static_cast<void>(book.value()), Exception);
}

TEST_CASE("documents: every fence of the sample documents is accounted for") {
  for (const auto& entry : std::filesystem::directory_iterator(data)) {
    if (entry.path().extension() == ".md") check_accounting(file(entry.path().string()));
  }
}

TEST_CASE("documents: every fence of a generated document is accounted for") {
  const std::vector<std::string> lines{
      "# T",
      "## Steps",
      "## Rollback",
      "## Verification",
      "## Inputs",
      "## Diagnosis",
      "### 1. One",
      "#### Rollback",
      "1. Item",
      "- Item",
      "   - Sub",
      "- Undo step 1",
      "Rollback:",
      "   Rollback:",
      "   Expected:",
      "   Check:",
      "   Note:",
      "Words:",
      "   words",
      "> quote",
      "",
      "",
      "    indented",
      "<details>",
      "**K**: v",
      "- `a` (string)",
      "   Probe:",
      "Probe:",
      "## State",
      "## Mitigation",
      "#### 1.1 Inner",
      "#### Instructions",
      "##### Verification",
      "   1. Inner\n      ```sh\n      a\n      ```",
      "   - Inner\n     ```yaml\n     a\n     ```\n     - More\n       ```sh\n       b\n       ```",
      "   - Rollback:\n     ```sh\n     u\n     ```",
      "2. Item",
      "2. Undo step 1.1",
      "Example output:",
      "- Expected:",
      "   - Rollback:",
      "<!-- c -->",
      "- [ ] Task",
      "---"};
  const std::vector<std::string> indents{"", "   ", "  ", "> "};
  const std::vector<std::string> infos{"sh", "bash {id=x}", "console", "http", "confirm",
                                       "",   "yaml",        "text",    "bsh",  "json"};
  for (std::uint32_t seed = 0; seed < 800; ++seed) {
    std::mt19937 random(seed);
    const auto pick = [&](const std::vector<std::string>& from) {
      return from[std::uniform_int_distribution<std::size_t>(0, from.size() - 1)(random)];
    };
    std::string text = "# T\n";
    for (int i = 0; i < 40; ++i) {
      if (random() % 3 != 0) {
        text += pick(lines) + '\n';
        continue;
      }
      const std::string indent = pick(indents);
      text += indent + "```" + pick(infos) + '\n' + indent + "true\n" + indent + "```\n";
    }
    check_accounting(text);
  }
}

TEST_CASE("documents: any number of threads may read documents at once") {
  const std::string text = file(data + "standard-deployment.md");
  const Runbook expected = book(text);
  std::vector<int> equal(4, 0);
  std::vector<std::thread> threads;
  for (int& count : equal) {
    threads.emplace_back([&text, &expected, &count] {
      for (int i = 0; i < 20; ++i) count += read(text).runbook == expected ? 1 : 0;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(equal == std::vector<int>(4, 20));
}
