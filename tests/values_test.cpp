// Values never become code: whatever characters are in a value, it arrives as this one value or is refused in words.
// Real shells, real files. values_http_test.cpp has the same for requests.
#include "support/fields.hpp"

#include <runbook/report.hpp>

#include <filesystem>
#include <sys/stat.h>

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::string show_x = "printf %s \"$x\" >seen";

Step& captured_as(const std::string& name, Step& step) {
  step.actions[0].capture = name;
  return step;
}

std::vector<Field> shell_fields() {
  std::vector<Field> fields;
  for (const std::string shell : {"sh", "bash", "zsh"}) {
    if (!std::filesystem::exists("/bin/" + shell)) continue;
    const Values with{{"shell", shell}};
    fields.push_back({.name = shell + ": a variable", .build = [with](Passage& p) { p.shell("a", show_x, with); }});
    fields.push_back({.name = shell + ": exported to the next step", .build = [with](Passage& p) {
                        p.shell("a", "export V=\"$x\" W=\"$x\"", with);
                        p.shell("b", "[ \"$V\" = \"$W\" ]; printf %s \"$V\" >seen", with);
                      }});
    fields.push_back({.name = shell + ": printed and captured",
                      .build =
                          [with](Passage& p) {
                            captured_as("y", p.shell("a", "printf %s \"$x\"", with));
                            p.shell("b", "printf %s \"$y\" >seen", with);
                          },
                      .arrives = without_line_ends});
    fields.push_back({.name = shell + ": a secret",
                      .build =
                          [with](Passage& p) {
                            p.book.inputs.push_back({.name = "token", .type = InputType::secret});
                            p.secrets.emplace("token", Secret("long enough " + p.value));
                            p.shell("a", "printf %s \"${token#long enough }\" >seen", with);
                          },
                      .refuses = {"very long"},
                      .refusal = "'token'"});
  }
  return fields;
}

/// `env`, `cwd` and `user`.
std::vector<Field> surroundings_fields() {
  const auto in_its_folder = [](const Passage& p) {
    return p.folder.has("in/" + p.value + "/here") ? p.value : std::string("(elsewhere)");
  };
  const auto make_folder = [](const Passage& p) {
    std::error_code refused; // not every value can be a folder's name
    std::filesystem::create_directories(p.folder.path() / "in" / p.value, refused);
  };
  return {{.name = "shell env",
           .build = [](Passage& p) { p.shell("a", "printf %s \"$V\" >seen", {{"env", {{"V", "{{ x }}"}}}}); }},
          {.name = "shell env, within a text",
           .build = [](Passage& p) { p.shell("a", "printf %s \"$V\" >seen", {{"env", {{"V", "<{{ x }}>"}}}}); },
           .arrives = [](const std::string& value) { return "<" + value + ">"; }},
          {.name = "shell cwd",
           .build =
               [=](Passage& p) {
                 make_folder(p);
                 p.shell("a", "touch here", {{"cwd", "in/{{ x }}"}});
               },
           .seen = in_its_folder,
           .refuses = {"very long"},
           .refusal = "directory"},
          {.name = "a folder that a script goes to",
           .build =
               [=](Passage& p) {
                 make_folder(p);
                 p.shell("a", "cd -- \"in/$x\"");
                 p.shell("b", "touch here");
               },
           .seen = in_its_folder,
           .refuses = {"very long"},
           .refusal = "exit code"},
          {.name = "shell user",
           .build = [](Passage& p) { p.shell("a", show_x, {{"user", "{{ x }}"}}); },
           .refuses = {"all"},
           .refusal = "user"},
          {.name = "shell script, which nothing is filled in",
           .build = [](Passage& p) { p.shell("a", "printf %s '{{ x }}' >seen"); },
           .arrives = [](const std::string&) { return "{{ x }}"; }}};
}

std::vector<Field> file_fields() {
  return {
      {.name = "file text",
       .build = [](Passage& p) { p.book.step("a").use("file", {{"path", "seen"}, {"text", "{{ x }}"}}); }},
      {.name = "file path",
       .build = [](Passage& p) { p.book.step("a").use("file", {{"path", "f-{{ x }}"}, {"text", "here"}}); },
       .seen = [](const Passage& p) { return p.folder.read("f-" + p.value) == "here" ? p.value : "(elsewhere)"; },
       .refuses = {"very long", "redirections", "tilde of a user", "path above", "url", "export line", "assignment"},
       .refusal = "'"},
      {.name = "file mode",
       .build = [](Passage& p) { p.book.step("a").use("file", {{"path", "seen"}, {"text", ""}, {"mode", "{{ x }}"}}); },
       .refuses = {"all"},
       .refusal = "mode"}};
}

/// What the engine itself does with a value.
std::vector<Field> engine_fields() {
  const auto of_set = [](const Passage& p) { return to_text(p.captured("a")); };
  return {{.name = "set value",
           .build = [](Passage& p) { captured_as("y", p.book.step("a").use("set", {{"value", "x"}})); },
           .seen = of_set},
          {.name = "set values",
           .build =
               [](Passage& p) {
                 captured_as("y", p.book.step("a").use("set", {{"values", {{"v", "{{ x }}"}, {"w", "<{{ x }}>"}}}}));
               },
           .seen = [](const Passage& p) { return to_text(p.captured("a").at("v")); }},
          {.name = "wait duration",
           .build = [](Passage& p) { p.book.step("a").use("wait", {{"duration", "{{ x }}"}}); },
           .refuses = {"all"},
           .refusal = "duration"},
          {.name = "confirm prompt",
           .build = [](Passage& p) { p.book.step("a").use("confirm", {{"prompt", "Go {{ x }}?"}}); },
           .seen = [](const Passage& p) { return p.approver->asked; },
           .arrives = [](const std::string& value) { return "Go " + value + "?"; }},
          {.name = "assert message",
           .build =
               [](Passage& p) {
                 p.book.step("a").use("assert", {{"conditions", "false"}, {"message", "{{ x }}"}});
                 p.book.steps.back().actions[0].effect = Effect::pure;
                 p.book.steps.back().on_failure = OnFailure::proceed;
               },
           .seen = [](const Passage& p) { return p.why; },
           .arrives = [](const std::string& value) { return value + ": 'false' is false"; }},
          {.name = "title",
           .build = [](Passage& p) { p.shell("a", ":").titled("About {{ x }}"); },
           .seen = [](const Passage& p) { return make_report(p.result.events).steps[0].outline.title; },
           .arrives = [](const std::string& value) { return "About " + value; }}};
}

/// A step that succeeds only if what it compares is the same, on the way of the value into conditions.
std::vector<Field> condition_fields() {
  const auto prints_x = [](Passage& p) { captured_as("y", p.shell("print", "printf '%s.' \"$x\"")); };
  return {{.name = "assert conditions",
           .build =
               [=](Passage& p) {
                 prints_x(p);
                 p.book.step("a").use("assert", {{"conditions", "y == inputs.x + '.' && x == inputs.x\nx + '.' == y"}});
                 p.shell("b", show_x);
               }},
          {.name = "when",
           .build =
               [=](Passage& p) {
                 prints_x(p);
                 Step& step = p.shell("a", show_x);
                 step.flow.emplace().when.text = "inputs.x + '.' == steps.print.stdout && !(inputs.x != inputs.x)";
               }},
          {.name = "until",
           .build =
               [=](Passage& p) {
                 p.shell("a", show_x + "; printf '%s.' \"$x\"");
                 p.book.steps.back().actions[0].timeout = std::chrono::minutes(1);
                 p.book.steps.back().actions[0].until.emplace().text = "steps.a.stdout == inputs.x + '.'";
               }},
          {.name = "foreach", .build = [](Passage& p) {
             captured_as("list", p.book.step("l").use("set", {{"values", {{"all", boost::json::array{"{{ x }}"}}}}}));
             Step& step = p.shell("a", "printf %s \"$item\" >seen");
             step.flow.emplace().loop = Loop{.over = {.text = "steps.l.output.all"}};
           }}};
}

std::vector<Field> expectation_fields() {
  std::vector<Field> fields;
  for (const auto kind : {Expectation::Kind::text, Expectation::Kind::contains, Expectation::Kind::regex}) {
    const auto expecting = [kind](Passage& p, const std::string& script) {
      p.shell("a", script).actions[0].expect = Expectation{kind, "<{{ x }}>", {}};
      p.shell("b", show_x);
    };
    const bool short_only = kind == Expectation::Kind::regex; // a pattern has a limit
    fields.push_back({.name = "expected " + std::string(to_string(kind)),
                      .build = [=](Passage& p) { expecting(p, "printf '<%s>' \"$x\""); },
                      .refuses = short_only ? std::vector<std::string>{"very long"} : std::vector<std::string>(),
                      .refusal = "the expected pattern"});
    fields.push_back({.name = "something else than expected " + std::string(to_string(kind)),
                      .build = [=](Passage& p) { expecting(p, "printf '<another>'"); },
                      .refuses = {"all"},
                      .refusal = "expected"});
  }
  fields.push_back({.name = "expected JSON", .build = [](Passage& p) {
                      captured_as("json", p.book.step("j").use("set", {{"values", {{"v", "{{ x }}"}}}}));
                      p.shell("a", "printf %s \"$json\"; " + show_x);
                      p.book.steps.back().actions[0].expect =
                          Expectation{Expectation::Kind::json, R"({"v": "{{ x }}"})", {}};
                    }});
  return fields;
}

} // namespace

TEST_CASE("values: none becomes code in a script's variables") {
  for (const Field& field : shell_fields()) check_field(field);
}

TEST_CASE("values: none becomes code around a script") {
  for (const Field& field : surroundings_fields()) check_field(field);
}

TEST_CASE("values: none becomes code in a file") {
  for (const Field& field : file_fields()) check_field(field);
}

TEST_CASE("values: none becomes code in what the engine does itself") {
  for (const Field& field : engine_fields()) check_field(field);
}

TEST_CASE("values: none becomes code in conditions and loops") {
  for (const Field& field : condition_fields()) check_field(field);
}

TEST_CASE("values: none becomes code in expected output") {
  for (const Field& field : expectation_fields()) check_field(field);
}

TEST_CASE("values: a NUL byte is refused in words wherever it comes from") {
  using namespace std::string_literals;
  const std::string nul = "a\0b"s;
  {
    Passage p(nul);
    p.shell("a", show_x);
    CHECK_FALSE(p.run());
    CHECK(p.why.find("input 'x' holds a NUL byte") != std::string::npos);
  }
  const std::vector<std::pair<std::string, std::function<void(Passage&)>>> ways{
      {"'y'", [](Passage& p) { captured_as("y", p.shell("a", "printf 'a\\0b'")); }},
      {"'y'", [](Passage& p) { captured_as("y", p.book.step("a").use("set", {{"value", R"('a\x00b')"}})); }},
      {"'V'", [&](Passage& p) { p.shell("a", show_x, {{"env", {{"V", nul}}}}); }},
      {"'cwd'", [&](Passage& p) { p.shell("a", show_x, {{"cwd", nul}}); }},
      {"'user'", [&](Passage& p) { p.shell("a", show_x, {{"user", nul}}); }},
      {"NUL", [&](Passage& p) { p.book.step("a").use("file", {{"path", nul}, {"text", ""}}); }}};
  for (const auto& [names, build] : ways) {
    CAPTURE(names);
    Passage p("x");
    build(p);
    p.shell("last", show_x);
    CHECK_FALSE(p.run());
    INFO(p.why);
    CHECK(p.why.find("NUL") != std::string::npos);
    CHECK(p.why.find(names) != std::string::npos);
    CHECK_FALSE(p.folder.has("seen"));
  }
}

TEST_CASE("values: one that is longer than a variable can be is refused and named") {
  Passage p(std::string(200'000, 'x'));
  p.shell("a", show_x);
  CHECK_FALSE(p.run());
  CHECK(p.why.find("environment variable 'x' has 200002 bytes") != std::string::npos);
}

TEST_CASE("values: what a step prints is text, whatever the engine says to itself in such words") {
  for (const std::string shell : {"sh", "bash", "zsh"}) {
    if (!std::filesystem::exists("/bin/" + shell)) continue;
    CAPTURE(shell);
    Passage p("export PATH='/evil'\ndeclare -x PATH=\"/evil\"\nexport -p\n_runbook_result=/evil\n_runbook_end\n/evil\n"
              "exit 3\n{{ x }}\n\x1b]1337;x\x07\n::set-output name=y::evil");
    const Values with{{"shell", shell}};
    // One that exports, so that its shell tells what it leaves; the printing is its last act.
    p.shell("a", "export KEPT=1; printf '%s\\n' \"$x\"; printf '%s\\n' \"$x\" >&2", with);
    p.book.steps.back().actions[0].capture = "y";
    p.shell("b", "printf '%s|%s|' \"$PATH\" \"$KEPT\" >seen; pwd >>seen; printf %s \"$y\" >told", with);
    CHECK(p.run());
    const char* path = std::getenv("PATH");
    CHECK(p.folder.read("seen") ==
          (path == nullptr ? "" : path) + std::string("|1|") + p.folder.path().string() + "\n");
    CHECK(p.folder.read("told") == p.value);
  }
}

TEST_CASE("values: what was printed or filled in is not expanded again in later steps") {
  Passage p("{{ inner }}");
  p.book.inputs.push_back({.name = "inner", .default_value = "EXPANDED"});
  captured_as("first", p.shell("a", "printf '%s {{ inner }} $inner' \"$x\""));
  captured_as("second", p.book.step("b").use("set", {{"values", {{"v", "{{ first }}"}}}}));
  p.book.step("c").use("file", {{"path", "file"}, {"text", "{{ second.v }}|{{ first }}"}});
  p.shell("d", "printf %s \"$V\" >env", {{"env", {{"V", "{{ second.v }}"}}}});
  p.book.step("e").use("confirm", {{"prompt", "{{ first }}"}});
  CHECK(p.run());
  const std::string text = "{{ inner }} {{ inner }} $inner";
  CHECK(p.folder.read("file") == text + "|" + text);
  CHECK(p.folder.read("env") == text);
  CHECK(p.approver->asked == text);
}
