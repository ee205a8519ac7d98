#include "support/cpu_time.hpp"

#include <runbook/plan.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <string>
#include <vector>

namespace rb = runbook;
using rb::Input;
using rb::InputType;
using rb::Value;
using rb::Values;

namespace {

rb::HandlerRegistry registry() {
  rb::HandlerRegistry handlers;
  handlers.add({.name = "note", .effect = rb::Effect::pure},
               [](rb::StepContext&) -> rb::Result<Value> { return nullptr; });
  return handlers;
}

rb::Runbook book(std::vector<Input> inputs) {
  rb::Runbook out{"Inputs"};
  out.path = "inputs.md";
  out.inputs = std::move(inputs);
  out.step("note").use("note");
  return out;
}

Input input(std::string name, InputType type = InputType::string) {
  Input out;
  out.name = std::move(name);
  out.type = type;
  return out;
}

rb::Error refused(const rb::Runbook& runbook, const Values& given) {
  const auto plan = rb::make_plan(runbook, registry(), given);
  REQUIRE_FALSE(plan.has_value());
  return plan.error();
}

/// The diagnostic that there is; it must be the only one.
rb::Diagnostic only(const rb::Error& error) {
  REQUIRE_MESSAGE(error.diagnostics.size() == 1, to_string(error));
  return error.diagnostics.front();
}

Value bound(InputType type, const Value& given) {
  const auto plan = rb::make_plan(book({input("x", type)}), registry(), {{"x", given}});
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  return plan->inputs().at("x");
}

bool accepts(InputType type, const Value& given) {
  const auto plan = rb::make_plan(book({input("x", type)}), registry(), {{"x", given}});
  if (!plan) CHECK(plan.error().code == rb::errc::invalid_input);
  return plan.has_value();
}

bool pattern_takes(const std::string& pattern, const std::string& text) {
  Input with_pattern = input("x");
  with_pattern.pattern = pattern;
  const auto plan = rb::make_plan(book({with_pattern}), registry(), {{"x", text}});
  if (!plan) CHECK_MESSAGE(plan.error().code == rb::errc::invalid_input, to_string(plan.error()));
  return plan.has_value();
}

std::string pattern_flaw(const std::string& pattern) {
  Input with_pattern = input("x");
  with_pattern.pattern = pattern;
  const rb::Error error = refused(book({with_pattern}), {{"x", "a"}});
  CHECK(error.code == rb::errc::invalid_document);
  CHECK(only(error).code == "invalid-pattern");
  return only(error).message;
}

} // namespace

TEST_CASE("inputs: text becomes the declared type") {
  CHECK(bound(InputType::string, "5") == Value("5"));
  CHECK(bound(InputType::string, "") == Value(""));
  CHECK(bound(InputType::integer, "-5") == Value(-5));
  CHECK(bound(InputType::integer, "9223372036854775807") == Value(INT64_MAX));
  CHECK(bound(InputType::integer, Value(std::uint64_t{5})).is_int64());
  CHECK(bound(InputType::number, "5").is_int64());
  CHECK(bound(InputType::number, "-1.5e3") == Value(-1500.0));
  CHECK(bound(InputType::number, 2.5) == Value(2.5));
  CHECK(bound(InputType::boolean, "yes") == Value(true));
  CHECK(bound(InputType::boolean, "true") == Value(true));
  CHECK(bound(InputType::boolean, "no") == Value(false));
  CHECK(bound(InputType::boolean, "false") == Value(false));
  CHECK(bound(InputType::boolean, true) == Value(true));
  CHECK(bound(InputType::path, "/srv/a b") == Value("/srv/a b"));
}

TEST_CASE("inputs: what is not of the declared type is refused") {
  for (const char* text : {"", " 5", "5 ", "5x", "0x5", "+5", "5.0", "9223372036854775808", "five", "1e3", "٣"}) {
    CAPTURE(text);
    CHECK_FALSE(accepts(InputType::integer, text));
  }
  for (const char* text : {"", "nan", "inf", "-infinity", "1,5", "1e999", "0x1p3", "1.5 ", "--1"}) {
    CAPTURE(text);
    CHECK_FALSE(accepts(InputType::number, text));
  }
  for (const char* text : {"", "1", "on", "y", "truth", " true"}) {
    CAPTURE(text);
    CHECK_FALSE(accepts(InputType::boolean, text));
  }
  CHECK_FALSE(accepts(InputType::string, 5));
  CHECK_FALSE(accepts(InputType::string, Value(boost::json::array{})));
  CHECK_FALSE(accepts(InputType::integer, 5.5));
  CHECK_FALSE(accepts(InputType::integer, Value(UINT64_MAX)));
  CHECK_FALSE(accepts(InputType::integer, true));
  CHECK_FALSE(accepts(InputType::boolean, 1));
  CHECK_FALSE(accepts(InputType::path, ""));
}

TEST_CASE("inputs: a wrong value says what was expected and what came") {
  Input count = input("count", InputType::integer);
  count.description = "How many nodes";
  count.span = {7, 3, 7, 20};
  const rb::Error error = refused(book({count}), {{"count", "fi\x1bve"}});
  CHECK(error.code == rb::errc::invalid_input);
  CHECK(to_string(only(error)) ==
        "inputs.md:7:3: error: input 'count' expects an integer between -9223372036854775808 and 9223372036854775807, "
        "got 'fi\\x1bve'; How many nodes [invalid-input]");
}

TEST_CASE("inputs: text that no program can be given is refused") {
  const std::string nul("a\0b", 3);
  CHECK(only(refused(book({input("x")}), {{"x", nul}})).message.find("NUL") != std::string::npos);
  CHECK(only(refused(book({input("x", InputType::path)}), {{"x", nul}})).message.find("NUL") != std::string::npos);
  CHECK_FALSE(accepts(InputType::integer, Value(std::string_view("5\0", 2))));
  CHECK(only(refused(book({input("x")}), {{"x", "a\xff"}})).message == "input 'x' is not UTF-8: 'a\\xff'");
  CHECK(accepts(InputType::string, "line\nbreak, \x01 and ü are text"));
}

TEST_CASE("inputs: an unknown input is refused with the name that was meant") {
  const auto unknown = only(refused(book({input("version"), input("site")}), {{"verison", "1"}}));
  CHECK(unknown.code == "unknown-input");
  CHECK(unknown.message == "there is no input 'verison'");
  CHECK(unknown.hint == "did you mean 'version'?");
  CHECK(only(refused(book({input("version"), input("site")}), {{"q", "1"}})).hint == "the inputs are version, site");
  CHECK(only(refused(book({}), {{"q", "1"}})).hint == "the runbook has no inputs");
}

TEST_CASE("inputs: a required input must be given unless it has a default") {
  Input version = input("version");
  version.required = true;
  CHECK(only(refused(book({version}), {})).code == "missing-input");
  CHECK(only(refused(book({version}), {{"version", nullptr}})).code == "missing-input");
  CHECK(rb::make_plan(book({version}), registry(), {{"version", ""}}).has_value());
  version.default_value = "1.0";
  CHECK(rb::make_plan(book({version}), registry()).value().inputs().at("version") == Value("1.0"));
  version.default_value = nullptr;
  CHECK(only(refused(book({version}), {})).code == "missing-input");
}

TEST_CASE("inputs: what is neither given nor has a default is null and empty in text") {
  Input count = input("count", InputType::integer);
  count.pattern = "[0-9]+";
  rb::Runbook runbook = book({count});
  runbook.steps[0].titled("Scale to '{{ count }}'");
  const auto plan = rb::make_plan(runbook, registry());
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  CHECK(plan->inputs().at("count").is_null());
  CHECK(plan->steps()[0].title == "Scale to ''");
}

TEST_CASE("inputs: defaults are typed and checked even where a value is given") {
  Input count = input("count", InputType::integer);
  count.default_value = "3";
  CHECK(rb::make_plan(book({count}), registry()).value().inputs().at("count") == Value(3));
  count.default_value = "three";
  const rb::Error error = refused(book({count}), {{"count", "4"}});
  CHECK(error.code == rb::errc::invalid_document);
  CHECK(only(error).code == "invalid-default");
  Input version = input("version");
  version.pattern = "[0-9]+";
  version.default_value = "one";
  CHECK(only(refused(book({version}), {})).code == "invalid-default");
}

TEST_CASE("inputs: the order is that of the declaration") {
  const auto plan = rb::make_plan(book({input("b"), input("a")}), registry(), {{"a", "1"}, {"b", "2"}});
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  CHECK(plan->inputs().begin()->key() == "b");
}

TEST_CASE("inputs: a pattern must match the text as a whole") {
  CHECK(pattern_takes(R"(^\d+\.\d+\.\d+$)", "1.4.2"));
  CHECK_FALSE(pattern_takes(R"(^\d+\.\d+\.\d+$)", "1.4"));
  CHECK_FALSE(pattern_takes("[a-z]+", "abc; rm -rf /"));
  CHECK_FALSE(pattern_takes("[a-z]+", "abc\n"));
  CHECK(pattern_takes("a|bc", "bc"));
  CHECK(pattern_takes("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "123e4567-e89b-12d3-a456-426614174000"));
  CHECK(pattern_takes(R"((\d{1,3}\.){3}\d{1,3})", "10.0.0.254"));
  Input count = input("count", InputType::integer);
  count.pattern = "[1-9]";
  CHECK(rb::make_plan(book({count}), registry(), {{"count", 5}}).has_value());
  CHECK_FALSE(rb::make_plan(book({count}), registry(), {{"count", 50}}).has_value());
}

TEST_CASE("inputs: a pattern that cannot be used is an error of the document") {
  pattern_flaw("(");
  pattern_flaw("[z-a]");
  pattern_flaw("*");
  pattern_flaw("a\\");
  // Back-references and looking ahead could take time exponential in the text's length.
  CHECK(pattern_flaw("(a)\\1").find("\\1") != std::string::npos);
  CHECK(pattern_flaw("(?=a)a").find("(?=") != std::string::npos);
  pattern_flaw("a{100000}");
  pattern_flaw("((a{40}){40}){40}");
  pattern_flaw(std::string(1000, '('));
  CHECK(pattern_flaw(std::string(1025, 'a')).find("1024") != std::string::npos);
}

TEST_CASE("inputs: no pattern and no text make matching run away") {
  const std::string text(1'000'000, 'a');
  const auto cost = runbook_test::cpu_time([&] {
    for (const std::string pattern : {"(a+)+b", "(a|a)*b", "(a*)*(a*)*b", "(.*)(.*)(.*)(.*)b", "(a?){600}b"}) {
      CAPTURE(pattern);
      CHECK_FALSE(pattern_takes(pattern, text));
    }
    CHECK(pattern_takes("(a|b)*", text));
  });
  CHECK(cost < std::chrono::seconds{5});
}

TEST_CASE("inputs: names that are no variables or that programs give a meaning are refused") {
  for (const char* name : {"", "1a", "a-b", "a b", "a=b", "ä", "a.b"}) {
    CAPTURE(name);
    CHECK(only(refused(book({input(name)}), {})).code == "input-name");
  }
  for (const char* name : {"PATH", "HOME", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "LD_PRELOAD", "LD_LIBRARY_PATH",
                           "PS4", "LC_ALL", "PYTHONPATH", "GIT_SSH_COMMAND", "UID", "_", "TZ", "PWD", "BASHOPTS"}) {
    CAPTURE(name);
    const rb::Error error = refused(book({input(name)}), {});
    CHECK(error.code == rb::errc::invalid_document);
    CHECK(only(error).code == "reserved-name");
  }
  for (const char* name : {"path", "_x", "VERSION", "http_proxy", "LDFLAGS", "A1", "GIT_SHA", "HOSTNAME"}) {
    CAPTURE(name);
    CHECK(rb::make_plan(book({input(name)}), registry()).has_value());
  }
}

TEST_CASE("inputs: two of the same name are an error of the document") {
  const rb::Error error = refused(book({input("a"), input("a")}), {{"a", "1"}});
  CHECK(error.code == rb::errc::invalid_document);
  CHECK(only(error).code == "duplicate-input");
}

TEST_CASE("inputs: all problems are reported at once in the order of their places") {
  Input version = input("version");
  version.required = true;
  version.span = {9, 1, 9, 9};
  Input count = input("count", InputType::integer);
  count.span = {5, 1, 5, 9};
  const rb::Error error = refused(book({version, count}), {{"count", "x"}, {"nodes", "2"}});
  CHECK(error.code == rb::errc::invalid_input);
  CHECK(error.message == "the runbook cannot be run: 3 problems");
  REQUIRE(error.diagnostics.size() == 3);
  CHECK(error.diagnostics[0].code == "unknown-input");
  CHECK(error.diagnostics[1].code == "invalid-input");
  CHECK(error.diagnostics[2].code == "missing-input");
}
