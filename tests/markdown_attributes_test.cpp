// Attributes of fences and titles: what each means, where it has a meaning, and what other tools write there.
#include "support/fences.hpp"

using namespace runbook;
using namespace runbook::testing;
using std::chrono::milliseconds;

namespace {

Step step_of(std::string_view info) {
  return book(heading_step(info, "true")).steps.at(0);
}

/// A step with a command and, directly below it, a block without a label.
std::string with_block(std::string_view info, std::string_view next, std::string_view text) {
  return steps("### 1. A\n```" + std::string(info) + "\ntrue\n```\n```" + std::string(next) + "\n" + std::string(text) +
               "\n```\n");
}

} // namespace

TEST_CASE("attributes: all that there is with and without braces") {
  for (const char* info :
       {"bash {id=m timeout=5m retries=3 backoff=2s..1m capture=v idempotent on_failure=continue}",
        "bash id=m timeout=5m retries=3 backoff=2s..1m capture=v idempotent on_failure=continue",
        "bash{id=\"m\", timeout='5m', retries=3, backoff=2s..1m, capture=v, effect=idempotent, on_failure=continue}"}) {
    const Step s = book(heading_step(info, "true")).steps.at(0);
    CHECK_MESSAGE(s.id == "m", info);
    CHECK(s.on_failure == OnFailure::proceed);
    CHECK_FALSE(s.irreversible);
    CHECK(s.actions[0].timeout == milliseconds(300'000));
    CHECK(s.actions[0].retry == RetryPolicy{3, milliseconds(2000), milliseconds(60'000)});
    CHECK(s.actions[0].capture == "v");
    CHECK(s.actions[0].effect == Effect::idempotent);
  }
  CHECK(book(heading_step("sh pure", "x")).steps[0].actions[0].effect == Effect::pure);
  CHECK(book(heading_step("sh irreversible", "x")).steps[0].irreversible);
  CHECK(book(steps("1. A {#x irreversible on_failure=stop}\n")).steps[0].on_failure == OnFailure::stop);
}

TEST_CASE("attributes: a wait that is given alone still doubles up to the usual limit") {
  CHECK(action("sh retries=2 backoff=2s", "x").retry == RetryPolicy{2, milliseconds(2000), milliseconds(30'000)});
  CHECK(action("sh retries=2 backoff=1m", "x").retry == RetryPolicy{2, milliseconds(60'000), milliseconds(60'000)});
  CHECK(action("sh retries=2", "x").retry == RetryPolicy{2, milliseconds(1000), milliseconds(30'000)});
  CHECK(finds(parsed("sh backoff=2s"), "warning: step 'a': 'backoff' has no meaning without 'retries'"));
}

TEST_CASE("attributes: times have units") {
  const auto timeout = [](std::string_view text) { return action("sh timeout=" + std::string(text), "x").timeout; };
  CHECK(timeout("500ms") == milliseconds(500));
  CHECK(timeout("5s") == milliseconds(5000));
  CHECK(timeout("2m") == milliseconds(120'000));
  CHECK(timeout("1h") == milliseconds(3'600'000));
  CHECK(timeout("1h30m") == milliseconds(5'400'000));
  for (const char* bad : {"5", "0s", "s", "-1s", "1.5s", "5d", "99999999999999999999s", "9000h", "5s ", "\"\""}) {
    CHECK_MESSAGE(
        finds(parsed("sh {timeout=" + std::string(bad) + "}"), "[attribute]") == (std::string_view(bad) != "5s "), bad);
  }
}

TEST_CASE("attributes: one that is not known is an error that offers the nearest") {
  CHECK(finds(
      parsed("sh {timout=5s}"),
      "book.md:6:8: error: step 'a': there is no attribute 'timout'; did you mean 'timeout'? [unknown-attribute]"));
  CHECK(finds(parsed("sh interactive"), "there is no attribute 'interactive'; attributes are id, timeout"));
}

TEST_CASE("attributes: wrong values are errors") {
  CHECK(finds(parsed("sh retries=many"), "'many' is no number of retries"));
  CHECK(finds(parsed("sh retries=1001"), "'1001' is no number of retries"));
  CHECK(finds(parsed("sh retries=1 backoff=5s..2s"), "the longest wait is shorter than the first"));
  CHECK(finds(parsed("sh capture=a-b"), "'a-b' cannot be the name of a captured value"));
  CHECK(finds(parsed("sh on_failure=explode"), "on_failure cannot be 'explode'"));
  CHECK(finds(parsed("sh effect=none"), "effect cannot be 'none'"));
  CHECK(finds(parsed("sh pure idempotent"), "contradict each other"));
  CHECK(finds(parsed("sh pure irreversible"), "contradict each other"));
  CHECK(finds(parsed("sh timeout=1s timeout=2s"), "the attribute 'timeout' is there twice"));
  CHECK(finds(parsed("sh timeout"), "'timeout' needs a value"));
  CHECK(finds(parsed("sh pure=yes"), "'pure' takes no value"));
  CHECK(finds(parsed("sh {id=-x}"), "'-x' cannot be an id"));
  CHECK(finds(parsed("sh {pure"), "a '{' without '}' in the attributes"));
  CHECK(finds(parsed("sh {id=\"x}"), "a quote \" that is not closed"));
}

TEST_CASE("attributes: those of a step have no place on its checks and undos") {
  const auto with = [](std::string_view label, std::string_view info) {
    return read(steps("1. A\n   ```sh\n   a\n   ```\n   " + std::string(label) + "\n   ```sh " + std::string(info) +
                      "\n   b\n   ```\n"));
  };
  CHECK(with("Rollback:", "timeout=5s retries=2").ok());
  for (const char* info : {"id=x", "irreversible", "on_failure=stop"}) {
    CHECK(finds(with("Rollback:", info), "has no meaning here"));
    CHECK(finds(with("Check:", info), "has no meaning here"));
  }
  CHECK(finds(parsed("sh undo=x"), "the attribute 'undo' has no meaning here"));
  CHECK(finds(read(steps("1. A {timeout=5s}\n")),
              "the attribute 'timeout' has no meaning here; write it behind the language"));
  CHECK(finds(read("# T\n## Steps\n1. A\n## Verification\n- V\n  ```sh irreversible\n  x\n  ```\n"),
              "only a step can be irreversible"));
}

TEST_CASE("attributes: two blocks may not give a step two ids") {
  CHECK(finds(read(steps("1. A\n   ```sh id=x\n   a\n   ```\n   ```sh id=y\n   b\n   ```\n")),
              "the step has the id 'x' already"));
  CHECK(read(steps("1. A {#x}\n   ```sh id=x\n   a\n   ```\n")).ok());
}

TEST_CASE("attributes: when a step is done and how often") {
  for (const char* text :
       {"### 1. A {when=\"inputs.env == 'prod'\" foreach=\"inputs.hosts\" as=host parallel=3 needs=\"a, b\"}\n"
        "```sh\ntrue\n```\n",
        "### 1. A\n```sh {when=\"inputs.env == 'prod'\", foreach='inputs.hosts', as=host, parallel=3, "
        "needs=a needs=b}\ntrue\n```\n"}) {
    const Step s = book(steps(text)).steps.at(0);
    REQUIRE(s.flow);
    CHECK(s.flow->when.text == "inputs.env == 'prod'");
    REQUIRE(s.flow->loop);
    CHECK(s.flow->loop->over.text == "inputs.hosts");
    CHECK(s.flow->loop->as == "host");
    CHECK(s.flow->loop->parallel == 3);
    CHECK(s.flow->needs == std::vector<std::string>{"a", "b"});
  }
  CHECK_FALSE(step_of("sh").flow);
  CHECK(step_of("sh foreach=inputs.hosts").flow->loop->as == "item");
}

TEST_CASE("attributes: a step in isolation and what doubt means") {
  const Step s = step_of("sh isolated on_doubt=assume_done");
  CHECK(s.isolated);
  CHECK(s.on_doubt == OnDoubt::assume_done);
  CHECK(book(steps("1. A {isolated on_doubt=retry}\n")).steps[0].on_doubt == OnDoubt::retry);
  CHECK(finds(parsed("sh on_doubt=shrug"), "on_doubt cannot be 'shrug'; use ask, retry, assume_done"));
}

TEST_CASE("attributes: a command that is repeated until something holds") {
  const Action a = action("sh until=\"steps['a'].stdout == 'up'\" retries=5 backoff=1s", "x");
  REQUIRE(a.until);
  CHECK(a.until->text == "steps['a'].stdout == 'up'");
  CHECK(parsed("sh until=true timeout=5m backoff=1s").diagnostics.empty());
  CHECK(finds(parsed("sh until=true"), "'until' does not say how long it is tried; add retries=10 or timeout=5m"));
}

TEST_CASE("attributes: the place of a condition is that of its text") {
  const auto when = [](std::string_view info) { return step_of(info).flow->when.span; };
  CHECK(when("sh {when=\"inputs.x == 1\"}") == SourceSpan{6, 14, 6, 27});
  CHECK(when("sh when=inputs.x") == SourceSpan{6, 12, 6, 20});
  CHECK(when("sh capture=v when='inputs.\xC3\xA4'") == SourceSpan{6, 23, 6, 31});
  CHECK(book(steps("1. \xC3\xA4 {when=\"a\"}\n")).steps[0].flow->when.span == SourceSpan{5, 13, 5, 14});
}

TEST_CASE("attributes: a script's surroundings are parameters of its action") {
  const Action a =
      action("bash {cwd=\"releases/{{ v }}\" user=deploy shell=bash env=\"A=1 B='two words'\" env='C=\\\"x\\\"'}", "x");
  CHECK(param(a, "cwd") == "releases/{{ v }}");
  CHECK(param(a, "user") == "deploy");
  CHECK(param(a, "shell") == "bash");
  CHECK(param(a, "env") == R"({"A":"1","B":"two words","C":"x"})");
  CHECK(param(action("console {shell=zsh}", "$ x"), "shell") == "zsh");
  CHECK(param(action("sh {shell=Bash}", "x"), "shell") == "bash");
  CHECK(finds(parsed("sh shell=fish"), "'fish' is no shell that scripts are run with; use sh, bash or zsh"));
  CHECK(finds(parsed("bash shell=zsh"), "the language says bash, and the attribute zsh"));
  for (const char* bad : {"=1", "A", "A=1 b", "1A=x", "A=\\\"x", "A-B=1"}) {
    CHECK_MESSAGE(finds(parsed("sh {env=\"" + std::string(bad) + "\"}"), "write env="), bad);
  }
  CHECK(finds(parsed("sh env=A=1 env=A=2"), "the variable 'A' is set twice"));
  CHECK(param(action("sh {env=\"A= B=''\"}", "x"), "env") == R"({"A":"","B":""})");
}

TEST_CASE("attributes: what only scripts have is refused elsewhere") {
  CHECK(finds(parsed("http {cwd=/tmp}", "GET http://h/"),
              "book.md:6:10: error: step 'a': 'cwd' has no meaning for 'http'"));
  CHECK(finds(parsed("confirm {user=root}", "ok?"), "'user' has no meaning for 'confirm'"));
  CHECK(param(book(heading_step("sql {user=app}", "select 1"), {"sql"}).steps[0].actions[0], "user") == "app");
}

TEST_CASE("attributes: a block is handed to a handler by name") {
  for (const char* info : {"{handler=drain}", "python {handler=drain}", "text handler=drain", "sh handler=drain"}) {
    const Action a = action(info, "web-1\n# note");
    CHECK_MESSAGE(a.handler == "drain", info);
    CHECK(param(a, "text") == "web-1\n# note");
    CHECK(param(a, "script") == "(none)");
  }
  CHECK(finds(parsed("python {handler=shell}"), "the handler 'shell' is not chosen by an attribute"));
}

TEST_CASE("attributes: the block below a command is its output if one of them says so") {
  for (const char* next : {"", "text", "output", "TEXT"}) {
    const Action a = book(with_block("sh expect", next, "out")).steps[0].actions[0];
    REQUIRE_MESSAGE(a.expect, next);
    CHECK(a.expect->kind == Expectation::Kind::text);
    CHECK(a.expect->text == "out");
  }
  CHECK(book(with_block("sh", "text {expect}", "out")).steps[0].actions[0].expect->text == "out");
  CHECK(book(with_block("sh expect", "json", "{\"a\": 1}")).steps[0].actions[0].expect->kind ==
        Expectation::Kind::json);
  CHECK_FALSE(book(with_block("sh", "text", "out")).steps[0].actions[0].expect);
  const Parsed response = read(steps("### 1. A\n```http expect\nGET http://h/\n```\n```http\nHTTP/1.1 404\n```\n"));
  CHECK(response.runbook.steps[0].actions[0].expect->kind == Expectation::Kind::http);
}

TEST_CASE("attributes: an announced output that does not come is an error") {
  CHECK(finds(parsed("sh expect"),
              "book.md:6:7: error: step 'a': 'expect' is said, and no block with the output follows"));
  CHECK(finds(read(with_block("sh expect", "sh", "b")), "book.md:6:7: error: step 'a': 'expect' is said"));
  CHECK(finds(parsed("sh expect=up"), "'expect' takes no value; write the word alone, and the expected output"));
}

TEST_CASE("attributes: an announced output that cannot be one is said once") {
  CHECK(count(read(steps("### 1. A\n```console expect\n$ a\nb\n```\n```text\nb\n```\n")), "expected") == 1);
  CHECK(count(read(steps("### 1. A\n```confirm expect\nok?\n```\n```text\nb\n```\n")), "expected") == 1);
  CHECK(count(read(steps("### 1. A\n```text expect\nb\n```\n```sh\na\n```\n")), "expected") == 1);
}

TEST_CASE("attributes: how an output is compared") {
  using Kind = Expectation::Kind;
  const auto kind = [](std::string_view info, std::string_view next) {
    return book(with_block(info, next, "{\"a\": 1}")).steps[0].actions[0].expect->kind;
  };
  CHECK(kind("sh expect match=contains", "text") == Kind::contains);
  CHECK(kind("sh expect", "text {match=regex}") == Kind::regex);
  CHECK(kind("sh expect match=json", "") == Kind::json);
  CHECK(kind("sh expect match=text", "json") == Kind::text);
  CHECK(kind("sh", "json {expect match=contains}") == Kind::contains);
  const Parsed labelled = read(steps("### 1. A\n```sh\na\n```\nExpected:\n```text {match=regex}\nx\n```\n"));
  CHECK(labelled.diagnostics.empty());
  CHECK(labelled.runbook.steps[0].actions[0].expect->kind == Kind::regex);
  CHECK(finds(read(with_block("sh expect match=json", "text", "{")), "[invalid-json]"));
  CHECK(finds(read(with_block("sh expect match=json", "text {match=regex}", "{}")),
              "the command in line 6 says match=json"));
  CHECK(finds(parsed("sh match=regex"), "'match' has no meaning without an expected output"));
  CHECK(finds(parsed("sh match=http"), "match cannot be 'http'; use text, contains, regex or json"));
}

TEST_CASE("attributes: a session is compared as it says if one command shows output") {
  const Action a = action("console {match=contains}", "$ cd x\n$ ls -l\ntotal\n$ true");
  CHECK(a.expect->kind == Expectation::Kind::contains);
  CHECK(a.expect->text == "total");
  CHECK(action("console {match=text}", "$ cd x\n$ ls\na").expect->text == "...\na");
  CHECK(finds(parsed("console {match=regex}", "$ a\nb\n$ c\nd"), "several commands show output"));
  CHECK(finds(parsed("console {match=regex}", "$ a"), "'match' has no meaning without an expected output"));
}

TEST_CASE("attributes: what says something about a loop has no meaning without one") {
  CHECK(finds(parsed("sh as=host"), "'as' has no meaning without 'foreach'"));
  CHECK(finds(parsed("sh parallel=2"), "'parallel' has no meaning without 'foreach'"));
  CHECK(finds(parsed("sh foreach=inputs.h parallel=0"), "'0' is no number of elements at once"));
  CHECK(finds(parsed("sh foreach=inputs.h as=PATH"), "'PATH' cannot be the name of a loop's value"));
  CHECK(finds(parsed("sh foreach=inputs.h as=a-b"), "'a-b' cannot be the name of a loop's value"));
}

TEST_CASE("attributes: needs are ids of steps") {
  CHECK(finds(parsed("sh needs=a,b"), "several ids stand within quotes: needs=\"fetch, unpack\""));
  CHECK(finds(parsed("sh needs=\"a /b\""), "'/b' cannot be an id"));
  CHECK(finds(read("# T\n## Steps\n1. A\n## Verification\n- V {needs=a}\n"), "only a step can need other steps"));
  std::string many;
  for (int i = 0; i < 100'000; ++i) many += " s" + std::to_string(i);
  CHECK(finds(parsed("sh needs=\"" + many + "\""), "more than 1000 steps are needed"));
}

TEST_CASE("attributes: two blocks of a step may not say different things of it") {
  const auto two = [](std::string_view a, std::string_view b) {
    return read(
        steps("1. A\n   ```sh " + std::string(a) + "\n   a\n   ```\n   ```sh " + std::string(b) + "\n   b\n   ```\n"));
  };
  CHECK(two("when=inputs.a", "when=inputs.a").ok());
  CHECK(finds(two("when=inputs.a", "when=inputs.b"), "the step has another when already"));
  CHECK(finds(two("on_doubt=ask", "on_doubt=retry"), "the step has another on_doubt already"));
  CHECK(finds(two("on_failure=stop", "on_failure=continue"), "the step has another on_failure already"));
}

TEST_CASE("attributes: an item that takes a step back has none of a step's own") {
  const Parsed p = read("# T\n## Steps\n1. A\n   ```sh\n   a\n   ```\n## Rollback\n1. Undo step 1 {when=inputs.x}\n"
                        "   ```sh\n   b\n   ```\n");
  CHECK(
      finds(p, "book.md:8:4: error: step 'a': attributes of a step have no meaning on an item that takes a step back"));
}

TEST_CASE("attributes: classes in braces name a language and how the block looks") {
  for (const char* info : {"{.bash .numberLines}", "{bash}", "{ .Bash startFrom=\"10\" }", "{.bash #x}"}) {
    const Step s = step_of(info);
    CHECK_MESSAGE(param(s.actions.at(0), "shell") == "bash", info);
  }
  CHECK(finds(parsed("{.bash .numberLines}"), "note: step 'a': '.numberLines' is about how the block is shown"));
  CHECK(finds(parsed("{.python .numberLines}"), "a block of language 'python' is shown and not run"));
  CHECK(step_of("{.sh timeout=5s}").actions.at(0).timeout == milliseconds(5000));
  CHECK(count(parsed("{timeout=5s}"), "no-language") == 1);
}

TEST_CASE("attributes: what other tools write about looks is a note and the block runs") {
  for (const char* info : {"bash title=\"Deploy it\"", "bash hl_lines=\"1 3-5\"", "bash {1,3-5}", "bash linenums=\"1\"",
                           "bash showLineNumbers", "bash {linenos=table,hl_lines=[1]}"}) {
    const Parsed p = parsed(info);
    CHECK_MESSAGE(p.ok(), info);
    CHECK_MESSAGE(count(p, "foreign-attribute") >= 1, info);
    CHECK(param(p.runbook.steps[0].actions.at(0), "script") == "true");
  }
}

TEST_CASE("attributes: a JSON object is refused with what to write instead and the block is kept") {
  const Parsed p = parsed(R"(sh {"name": "build-it", "cwd": "/a b", "interactive": "false"})");
  CHECK(finds(p, "book.md:6:1: error: step 'a': attributes that are a JSON object are not read; write {id=build-it "
                 "cwd=\"/a b\"}"));
  CHECK(count(p, "unknown-attribute") == 0);
  CHECK(param(p.runbook.steps[0].actions.at(0), "script") == "true");
  CHECK(finds(parsed(R"(sh {"name": )"), "attributes that are a JSON object are not read; write them as {name=value"));
}

TEST_CASE("attributes: a line of a million of them costs no more than its length") {
  std::string info = "sh {";
  for (int i = 0; i < 100'000; ++i) info += "when='x' b" + std::to_string(i) + " ";
  CHECK(finds(parsed(info + "}"), "more than 100 in the attributes"));
}
