// The model's JSON form: written, read strictly, with the place of what is wrong.
#include "support/random_runbook.hpp"

#include <runbook/parse.hpp>

#include <doctest/doctest.h>

#include <algorithm>

using namespace runbook;
using runbook::testing::RunbookGenerator;

namespace {

std::vector<std::string> refusals(std::string_view text) {
  const Parsed parsed = parse_json_form(text, {"b.json", {}});
  std::vector<std::string> lines;
  for (const Diagnostic& d : parsed.diagnostics) lines.push_back(to_string(d));
  CHECK_FALSE(parsed.ok());
  return lines;
}

bool contains(const std::vector<std::string>& lines, std::string_view part) {
  return std::ranges::any_of(lines, [&](const std::string& line) { return line.find(part) != std::string::npos; });
}

} // namespace

TEST_CASE("model json: any runbook that is written is read back as it was") {
  for (std::uint32_t seed = 0; seed < 500; ++seed) {
    const Runbook book = RunbookGenerator(seed).runbook();
    const Result<Runbook> direct = from_json(to_json(book));
    REQUIRE_MESSAGE(direct.has_value(), "seed " << seed << ": " << to_string(direct.error()));
    REQUIRE_MESSAGE(*direct == book, "seed " << seed);

    const std::string text = canonical_json(to_json(book));
    const Parsed parsed = parse_json_form(text);
    REQUIRE_MESSAGE(parsed.diagnostics.empty(), "seed " << seed);
    REQUIRE(parsed.runbook.source == text);
    REQUIRE_MESSAGE(from_json(to_json(parsed.runbook)).value() == book, "seed " << seed);
  }
}

TEST_CASE("model json: members with their default value are left out") {
  Runbook book("Drain");
  book.step("drain").use("drain_node", {{"node", "web-1"}}).rollback("undrain_node");
  CHECK(canonical_json(to_json(book)) ==
        R"({"steps":[{"actions":[{"handler":"drain_node","params":{"node":"web-1"}}],"id":"drain",)"
        R"("title":"drain","undo":[{"handler":"undrain_node"}]}],"title":"Drain"})");
  CHECK(canonical_json(to_json(Runbook())) == "{}");
}

TEST_CASE("model json: every member has its documented name") {
  Runbook book("T");
  book.risk_level = RiskLevel::high;
  Step& step = book.step("s").use("shell", {{"script", "true"}});
  step.on_failure = OnFailure::proceed;
  step.irreversible = true;
  Action& action = step.actions.front();
  action.effect = Effect::idempotent;
  action.timeout = std::chrono::seconds(5);
  action.retry = {3, std::chrono::seconds(2), std::chrono::minutes(1)};
  action.capture = "out";
  action.expect = Expectation{Expectation::Kind::json, "{}", {}};
  CHECK(canonical_json(to_json(book)) ==
        R"({"risk_level":"high","steps":[{"actions":[{"capture":"out","effect":"idempotent",)"
        R"("expect":{"kind":"json","text":"{}"},"handler":"shell","params":{"script":"true"},)"
        R"("retry":{"delay_ms":2000,"max_delay_ms":60000,"retries":3},"timeout_ms":5000}],"id":"s",)"
        R"("irreversible":true,"on_failure":"continue","title":"s"}],"title":"T"})");
}

TEST_CASE("model json: all problems are reported at once with pointer, line and column") {
  const auto lines = refusals(R"({
  "title": 7,
  "stepz": [],
  "risk_level": "hihg",
  "steps": [
    {"id": "a", "actions": [{"params": {}, "timeout_ms": -1, "retry": {"retries": 99999999999}}]},
    {"id": "a", "undo": {}, "on_failure": "contnue"},
    42
  ],
  "inputs": [{"type": "string", "required": "yes"}]
})");
  CHECK(contains(lines, "b.json:2:3: error: /title: expected a string, found 7"));
  CHECK(contains(lines, "b.json:3:3: error: /stepz: this member is not known; did you mean 'steps'?"));
  CHECK(contains(lines, "b.json:4:3: error: /risk_level: 'hihg' is not known here; did you mean 'high'?"));
  CHECK(contains(lines, "b.json:6:29: error: step 'a': /steps/0/actions/0: the member 'handler' is missing"));
  CHECK(contains(lines, "b.json:6:44: error: step 'a': /steps/0/actions/0/timeout_ms: expected a whole number"));
  CHECK(contains(lines, "b.json:6:72: error: step 'a': /steps/0/actions/0/retry/retries: 99999999999 is too large"));
  CHECK(contains(lines, "b.json:7:6: error: /steps/1/id: the id 'a' is taken by /steps/0"));
  CHECK(contains(lines, "b.json:7:17: error: step 'a': /steps/1/undo: expected an array, found an object"));
  CHECK(contains(lines, "/steps/1/on_failure: 'contnue' is not known here; did you mean 'continue'?"));
  CHECK(contains(lines, "b.json:8:5: error: /steps/2: expected an object, found 42"));
  CHECK(contains(lines, "b.json:10:14: error: /inputs/0: the member 'name' is missing"));
  CHECK(contains(lines, "/inputs/0/required: expected true or false, found a string"));
  CHECK(lines.size() == 12);
  CHECK(lines.front().find("b.json:2:3") == 0);
}

TEST_CASE("model json: from_json names the places of all problems by pointer") {
  const Result<Runbook> read = from_json(Value{{"steps", {{{"idd", "a"}}}}, {"related", {{{"text", "x"}}}}});
  REQUIRE(read.has_error());
  CHECK(read.error().code == errc::invalid_document);
  const std::string all = to_string(read.error());
  CHECK(all.find("/steps/0: the member 'id' is missing") != std::string::npos);
  CHECK(all.find("/steps/0/idd: this member is not known; did you mean 'id'?") != std::string::npos);
  CHECK(all.find("/related/0: the member 'target' is missing") != std::string::npos);
}

TEST_CASE("model json: what is not an object is no runbook") {
  for (const Value& value : {Value(nullptr), Value(1), Value("x"), Value(boost::json::array{})}) {
    CHECK(from_json(value).has_error());
  }
}

TEST_CASE("model json: a syntax error has its line and column") {
  const auto lines = refusals("{\n  \"title\": \"x\",\n  \"title\": \"y\"\n}");
  REQUIRE(lines.size() == 1);
  CHECK(lines.front() == "b.json:3:3: error: the key 'title' is there twice; remove one of the two [invalid-json]");
}

TEST_CASE("model json: a byte order mark and Windows line ends are accepted") {
  const Parsed parsed = parse_json_form("\xEF\xBB\xBF{\r\n\"title\": \"x\"\r\n}\r\n");
  CHECK(parsed.ok());
  CHECK(parsed.runbook.title == "x");
}

TEST_CASE("model json: control characters of the document do not reach a terminal through its diagnostics") {
  for (const std::string& line : refusals("{\"a\\u001b[31m\": 1}")) CHECK(line.find('\x1b') == std::string::npos);
}

TEST_CASE("model json: a document over the size limit is refused") {
  const auto lines = refusals(std::string(max_document_bytes + 1, ' '));
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("[limit]") != std::string::npos);
}

TEST_CASE("model json: a document over the limit of steps is refused") {
  std::string text = R"({"steps":[)";
  for (std::size_t i = 0; i <= max_steps + 5; ++i)
    text += (i == 0 ? "{\"id\":\"s" : ",{\"id\":\"s") + std::to_string(i) + "\"}";
  const auto lines = refusals(text + "]}");
  REQUIRE(lines.size() == 1);
  CHECK(lines.front().find("more than 100000 steps") != std::string::npos);
}
