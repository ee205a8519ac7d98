// Runbooks written as Markdown: what is read back is what was written.
#include "support/random_choice.hpp"

#include <runbook/format.hpp>

#include <doctest/doctest.h>

#include <boost/json/string.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Any runbook that a document can say.
class Generator : RandomChoice {
public:
  using RandomChoice::RandomChoice;

  Runbook runbook() {
    Runbook book;
    book.title = title();
    if (chance()) book.purpose = line();
    if (chance()) book.frequency = parse_frequency(pick<std::string>({"daily", "every 10 days", "P2W", "on demand"}));
    book.risk_level = RiskLevel(number(5));
    repeat([&] {
      book.required_access.push_back(parse_access(pick<std::string>({"sudo", "user:me", "file:a b:rw", "the *key*"})));
    });
    repeat([&] { book.metadata["Key " + std::to_string(++count_)] = chance() ? line() : ""; });
    repeat([&] { book.inputs.push_back(input()); });
    repeat([&] { book.prerequisites.push_back(check()); });
    for (int i = 1 + number(4); i > 0; --i) book.steps.push_back(step());
    repeat([&] { book.verification.push_back(check()); });
    repeat([&] { book.rollback.push_back(undo()); });
    repeat([&] {
      book.state.push_back(check());
      for (Action& a : book.state.back().actions) a.effect = Effect::pure;
    });
    repeat([&] {
      book.related.push_back(
          {title(), pick<std::string>({"a.md", "../x/(b).md#c", "a b.md", "https://x/?a=1&b=*2*", ""}), {}});
    });
    return book;
  }

private:
  /// One line with everything that Markdown could take for something else.
  std::string line() {
    static const std::vector<std::string> words{"a",      "rm -rf", "*b*",     "_c_",       "snake_case",
                                                "`d`",    "[e]",    "(f)",     "<g>",       "&amp;",
                                                "\\",     "\\*",    "# h",     "- i",       "1. j",
                                                "+",      ">",      "{{ k }}", "\xC3\xA9",  "\xF0\x9F\x9A\x80",
                                                "~~l~~",  "!",      "![m](n)", "http://o/", "a:",
                                                "**p**:", "x ##",   "{q}",     "{r=s}",     "$t",
                                                "\"u\"",  "'v'",    "|",       "=",         "---",
                                                "</w>",   "&#35;",  "<!--",    "```"};
    std::string out = pick(words);
    repeat([&] { out += " " + pick(words); });
    return out;
  }
  std::string title() { return line(); }

  /// A script as it comes, blanks and fences included.
  std::string script() {
    static const std::vector<std::string> lines{
        "echo a",        "",   "  two", "\ttab",  "```",      "````` x", "~~~",    "trailing  ", "   ",
        "if true; then", "fi", "$x",    "# note", "\xC3\xA9", "- item",  "1. one", "cat <<'E'",  "E"};
    std::string out = chance() ? "true" : "\necho";
    repeat([&] { out += "\n" + pick(lines); });
    if (number(4) == 0) out += "\n\n";
    return out;
  }

  Values request() {
    Values one{{"method", pick<std::string>({"GET", "POST"})},
               {"url", pick<std::string>({"http://x/{{ a b }}", "https://y:1/?q=1"})}};
    if (chance()) one["headers"] = Value{{"Accept", "a/b; q=1"}, {"X-Y", "{{ z }}"}};
    if (chance()) one["captures"] = Value{{"a", "/b/0"}, {"c", "header:X-Y"}};
    if (chance())
      one["expect"] = pick<std::string>({"HTTP 2xx", "HTTP 200, 404\nX: y...", "HTTP/1.1 201\n\n{\"a\":\n 1}\n"});
    return one;
  }

  /// Several requests.
  Values requests() {
    boost::json::array all;
    do {
      Values one = request();
      if (chance()) one["name"] = pick<std::string>({"log in", "x"});
      if (chance()) one["body"] = pick<std::string>({"{\"a\": 1}", "a\n\n```\nb", "  x"});
      all.emplace_back(std::move(one));
    } while (all.size() < 2 || chance());
    return {{"requests", std::move(all)}};
  }

  Action action(bool plain_effect = true) {
    Action a;
    switch (number(5)) {
    case 0: {
      a.handler = "http";
      a.params = request();
      if (chance()) a.params["body"] = pick<std::string>({"{\"a\": 1}", "a\n\n```\nb\n", "  x"});
      if (chance()) a.params = requests();
      if (chance()) a.params["ca_file"] = "a b.pem";
      if (chance()) a.params["follow_redirects"] = chance();
      maybe([&] { a.expect = Expectation{Expectation::Kind::http, "HTTP/1.1 404\nX: y", {}}; });
      break;
    }
    case 2:
      a.handler = pick<std::string>({"sql", "kubectl", "drain_node"});
      a.params = {{"text", script()}};
      if (chance()) a.params["cwd"] = "a b";
      break;
    case 1:
      a.handler = "confirm";
      a.params = {{"prompt", pick<std::string>({"Really?", "Is *it*\n\n```\nso\n```\n?", "- one\n- two"})}};
      break;
    default:
      a.handler = "shell";
      a.params = {{"script", script()}, {"shell", pick<std::string>({"sh", "bash", "zsh"})}};
      maybe([&] { a.capture = "out" + std::to_string(++count_); });
      maybe([&] {
        a.expect = Expectation{pick<Expectation::Kind>({Expectation::Kind::text, Expectation::Kind::json,
                                                        Expectation::Kind::contains, Expectation::Kind::regex}),
                               pick<std::string>({"{\"a\": [1]}", "1", "\"```\""}),
                               {}};
      });
      maybe([&] { a.params["cwd"] = pick<std::string>({"/srv", "{{ a }}/b c", "\"q\"'"}); });
      maybe([&] { a.params["user"] = "deploy"; });
      maybe([&] {
        a.params["env"] =
            Value{{"A", "1"}, {"B_2", pick<std::string>({"", "two words", "it's", "\"a\\", "'\"`", "{{ x }}"})}};
      });
    }
    if (chance()) a.effect = Effect(number(3));
    if (!a.effect && !plain_effect) a.effect = Effect::pure;
    maybe([&] {
      a.timeout = pick<std::chrono::milliseconds>(
          {std::chrono::milliseconds(1500), std::chrono::minutes(90), std::chrono::hours(48)});
    });
    maybe([&] { a.retry.retries = std::uint32_t(1 + number(9)); });
    if (a.retry.retries > 0)
      maybe([&] {
        a.until = Condition{pick<std::string>({"output == 'ok'", "size(stdout) > 0 && \"`\" != '{'", "a\\b"}), {}};
      });
    if (a.retry.retries > 0) maybe([&] { a.retry.delay = std::chrono::milliseconds(250); });
    return a;
  }

  void head(Step& s) {
    s.title = title();
    s.id = chance() ? "step-" + std::to_string(++count_) : "S." + std::to_string(++count_) + "_x";
    if (number(4) == 0)
      s.notes = pick<std::string>(
          {"Some *prose*.", "One.\n\n- a\n  b\n- c\n\n> quote", "| a |\n|---|\n| 1 |", "It follows:"});
  }

  void flow(Step& s) {
    Flow f;
    if (chance())
      f.when.text =
          pick<std::string>({"inputs.a == 'b'", "has(steps.x) || {'a': [1]}['a'][0] < 2", "\"\\n\" == 'it\\'s'"});
    if (s.actions.empty()) f.when.text = "inputs.a";
    if (chance()) f.loop = Loop{{"inputs.list", {}}, chance() ? "item" : "host", std::uint32_t(1 + number(3))};
    repeat([&] {
      const std::string id = "n" + std::to_string(number(99));
      if (std::ranges::find(f.needs, id) == f.needs.end()) f.needs.push_back(id);
    });
    if (f != Flow()) s.flow = f;
  }

  Step step(int depth = 0) {
    Step s;
    head(s);
    if (depth < 3 && number(5) == 0) {
      for (int i = 1 + number(3); i > 0; --i) s.steps.push_back(step(depth + 1));
    }
    if (depth == 0 && s.steps.empty() && number(4) == 0) { // a person is asked what the title says
      s.actions.resize(1);
      s.actions[0].handler = "confirm";
      s.actions[0].params = {{"prompt", s.notes.empty() ? s.title : s.title + "\n\n" + s.notes}};
    } else if (s.steps.empty() && s.notes.empty() && depth == 0 && number(8) == 0) { // another runbook
      s.actions.resize(1);
      s.actions[0].handler = "runbook";
      s.actions[0].params = {{"file", pick<std::string>({"x.md", "../a b/c.md"})}};
      return s;
    } else if (s.steps.empty() || chance()) {
      for (int i = 1 + number(2); i > 0; --i) s.actions.push_back(action());
    }
    maybe([&] { flow(s); });
    maybe([&] { s.on_failure = OnFailure(number(3)); });
    if (s.actions.empty()) return s; // a group
    maybe([&] { s.checks.push_back(action(false)); });
    maybe([&] { s.probe.push_back(action(false)); });
    s.isolated = number(5) == 0;
    s.on_doubt = number(3) == 0 ? OnDoubt(number(s.probe.empty() ? 4 : 5)) : OnDoubt::ask;
    s.irreversible = number(5) == 0;
    if (s.irreversible) {
      for (Action& a : s.actions) a.effect.reset();
    } else {
      repeat([&] { s.undo.push_back(action()); });
    }
    return s;
  }

  Step check() {
    Step s;
    head(s);
    s.actions.push_back(action(false));
    return s;
  }

  Step undo() {
    Step s;
    head(s);
    for (int i = 1 + number(2); i > 0; --i) s.actions.push_back(action());
    return s;
  }

  Input input() {
    Input i;
    i.name = "in_" + std::to_string(++count_);
    i.type = InputType(number(6));
    i.required = chance();
    if (i.type == InputType::secret) {
      if (chance()) i.from = *parse_secret_origin(pick<std::string>({"env:T", "file:/a b, c", "command:x `y` | z"}));
    } else if (!i.required && chance()) {
      static const std::vector<Value> values{"a, `b` c", -7, 2.5, true, " /x y/"};
      i.default_value = values[std::size_t(i.type)];
      if (i.type == InputType::string && chance()) i.default_value = "";
    }
    if (chance()) i.pattern = pick<std::string>({"^\\d+$", "a|b", "`", "[^ ]* ,()", "(?i)x"});
    if (chance()) i.description = line();
    return i;
  }

  int count_ = 0;
};

std::string json(Runbook book) {
  return canonical_json(to_json(book));
}

std::string written(const Runbook& book) {
  const Result<std::string> out = to_markdown(book);
  REQUIRE_MESSAGE(out.has_value(), to_string(out.error()));
  return *out;
}

/// Why the runbook cannot be written.
std::string refusal(const Runbook& book) {
  const Result<std::string> out = to_markdown(book);
  REQUIRE_MESSAGE(out.has_error(), *out);
  CHECK(out.error().code == errc::invalid_document);
  return to_string(out.error());
}

Runbook with_script(const std::string& script) {
  Runbook book("T");
  book.step("s").use("shell", {{"script", script}, {"shell", "sh"}});
  return book;
}

std::string content(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("write: a runbook reads like one that a person wrote") {
  Runbook book("Deploy");
  book.purpose = "Put it live";
  book.risk_level = RiskLevel::high;
  book.required_access.push_back(parse_access("command:curl"));
  book.inputs.push_back({"version", InputType::string, true, {}, "^\\d+$", "What to put live.", {}});
  book.step("unpack-it")
      .titled("Unpack it")
      .use("shell", {{"script", "tar x"}, {"shell", "bash"}})
      .rollback("shell", {{"script", "rm"}});
  Step& step = book.step("ask")
                   .titled("Look at it")
                   .use("http", {{"method", "GET"}, {"url", "http://x/"}, {"headers", {{"A", "b"}}}, {"body", "c"}});
  step.actions[0].timeout = std::chrono::minutes(2);
  step.actions[0].retry.retries = 3;
  step.actions[0].expect = Expectation{Expectation::Kind::json, "{}", {}};
  step.on_failure = OnFailure::stop;
  book.step("tell-all").titled("Tell all").use("confirm", {{"prompt", "Tell all"}});
  book.verification.push_back(Step());
  book.verification[0].id = "it-runs";
  book.verification[0].use("shell", {{"script", "true"}});
  book.related.push_back({"Other", "other.md", {}});
  CHECK(written(book) == R"(# Deploy

**Purpose**: Put it live
**Risk Level**: High
**Required Access**: command:curl

## Inputs

- `version` (string, required): What to put live. Pattern: `^\d+$`

## Steps

1. Unpack it
   ```bash
   tar x
   ```
   Rollback:
   ```sh
   rm
   ```
2. Look at it {#ask}
   ```http {timeout=2m retries=3 on_failure=stop}
   GET http://x/
   A: b

   c
   ```
   Expected:
   ```json
   {}
   ```
3. Tell all

## Verification

- it-runs
  ```sh
  true
  ```

## Related Runbooks

- [Other](other.md)
)");
}

TEST_CASE("write: any runbook that Markdown can say is read back as it was") {
  for (std::uint32_t seed = 0; seed < 800; ++seed) {
    CAPTURE(seed);
    const Runbook book = Generator(seed).runbook();
    const Result<std::string> text = to_markdown(book);
    REQUIRE_MESSAGE(text.has_value(), to_string(text.error()) << "\n" << json(book));
    const Parsed read = parse_markdown(*text);
    REQUIRE_MESSAGE(read.ok(), *text);
    REQUIRE_MESSAGE(json(read.runbook) == json(book), *text);
    REQUIRE(format_markdown(*text).value() == *text);
  }
}

TEST_CASE("write: documents go to JSON and back without a change") {
  int count = 0;
  for (const char* folder : {"/examples/runbooks", "/tests/data"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(RUNBOOK_SOURCE_DIR + std::string(folder))) {
      if (entry.path().extension() != ".md") continue;
      CAPTURE(entry.path());
      const Parsed parsed = parse_markdown(content(entry.path()));
      if (!parsed.ok()) continue;
      ++count;
      const Runbook book = from_json(to_json(parsed.runbook)).value();
      CHECK(json(parse_markdown(written(book)).runbook) == json(parsed.runbook));
    }
  }
  CHECK(count >= 3);
}

TEST_CASE("write: scripts come back byte for byte") {
  for (const std::string& script :
       {std::string("a\n"), std::string("\n\na\n\n\n"), std::string("\t a\n \n   \nb \t"),
        std::string("```\n````\n`````"), std::string("~~~\n```sh\n~~~~"), std::string("    x"),
        std::string("1. a\n\n- b\n# c\n> d"), std::string(2000, '`')}) {
    const Parsed read = parse_markdown(written(with_script(script)));
    CHECK(to_text(read.runbook.steps.at(0).actions.at(0).params.at("script")) == script);
  }
}

TEST_CASE("write: what no document can say is refused with its place, never left out") {
  Runbook drain("Drain");
  drain.step("drain").use("drain_node", {{"node", "web-1"}});
  CHECK(refusal(drain).find("/steps/0/actions/0/params: no block can give the handler 'drain_node' its parameters") !=
        std::string::npos);
  CHECK(refusal(with_script("a\rb")).find("/steps/0/actions/0/params/script") != std::string::npos);
  CHECK(refusal(with_script("kubectl delete <pod-name>")).find("placeholder") != std::string::npos);
  CHECK(refusal(with_script("$ ls")).find("/steps/0/actions/0/params/script") != std::string::npos);
  CHECK(refusal(with_script("")).find("empty-block") != std::string::npos);
  CHECK(refusal(Runbook("Nothing to do")).find("no-steps") != std::string::npos);
  Runbook book = with_script("a");
  book.metadata["Owners"] = Value{{"a", " b"}}; // an object stays one, in front matter
  book.metadata["Text"] = "two\nlines";
  CHECK(json(parse_markdown(written(book)).runbook) == json(book));
  book = with_script("a");
  book.steps[0].id = "not an id";
  CHECK(refusal(book).find("/steps/0/id") != std::string::npos);
  book = with_script("a");
  book.steps[0].title = "two\nlines";
  CHECK(refusal(book).find("/steps/0/title") != std::string::npos);
  book = with_script("a");
  book.steps[0].actions[0].params["umask"] = "022";
  CHECK(refusal(book).find("/steps/0/actions/0/params/umask") != std::string::npos);
  book = with_script("a");
  book.steps[0].notes = "Then run\n\n```sh\nrm -rf /\n```";
  CHECK(refusal(book).find("/steps/0/actions") != std::string::npos);
  book = with_script("a");
  book.rollback.push_back(book.steps[0]);
  book.rollback[0].id = "b";
  book.rollback[0].title = "Undo step 1"; // would be that step's
  CHECK(refusal(book).find("/rollback") != std::string::npos);
}
