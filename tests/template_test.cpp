#include "support/cpu_time.hpp"
#include "template.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <random>
#include <string>

namespace rb = runbook;
using rb::Place;
using rb::Value;
using rb::Values;

namespace {

std::string expanded(std::string_view text, const Values& values, Place place = Place::text) {
  const auto result = rb::expand(text, values, place);
  REQUIRE_MESSAGE(result.has_value(), to_string(result.error()));
  return *result;
}

std::string failure(std::string_view text, const Values& values, Place place = Place::text) {
  const auto result = rb::expand(text, values, place);
  REQUIRE_FALSE(result.has_value());
  CHECK(result.error().code == rb::errc::invalid_input);
  return result.error().message;
}

std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Text of pieces that are dangerous somewhere.
std::string nasty_text(std::mt19937& random) {
  static constexpr std::string_view pieces[] = {"{{", "}}",  "{{ a }}", "{{b}}", "\"", "\\",    "/",   "?", "&",
                                                "%",  "%41", "\n",      "\t",    "ä",  "$(id)", "'",   " ", "x",
                                                "{",  "}",   "\r",      "<",     "`",  "\x01",  "-rf", "#"};
  std::string text;
  for (auto count = random() % 8; count > 0; --count) text += pieces[random() % std::size(pieces)];
  return text;
}

} // namespace

TEST_CASE("template: a name is replaced with or without blanks around it") {
  const Values values{{"name", "web-1"}, {"n", 3}, {"none", nullptr}};
  CHECK(expanded("to {{ name }} and {{name}}\t{{\tn}}", values) == "to web-1 and web-1\t3");
  CHECK(expanded("[{{ none }}]", values) == "[]");
  CHECK(expanded("", values).empty());
  CHECK(expanded("no template", values) == "no template");
}

TEST_CASE("template: a dotted name reaches into objects") {
  const Values values{{"reply", {{"host", {{"ip-4", "10.0.0.1"}, {"up", true}}}}}};
  CHECK(expanded("{{ reply.host.ip-4 }} {{ reply.host.up }}", values) == "10.0.0.1 true");
  CHECK(expanded("{{ reply.host }}", values) == R"({"ip-4":"10.0.0.1","up":true})");
  CHECK(failure("{{ reply.port }}", values).find("'reply' has no member 'port'") != std::string::npos);
  CHECK(failure("{{ reply.host.up.x }}", values).find("'reply.host.up' is not an object") != std::string::npos);
}

TEST_CASE("template: an unknown name is an error that names it") {
  CHECK(failure("go {{ vresion }}", {{"version", "1"}}).find("'vresion'") != std::string::npos);
}

TEST_CASE("template: what is no template stays as it stands") {
  const Values values{{"a", "A"}};
  for (const std::string text : {"{{", "}}", "{{ a", "a }}", "{ { a } }", "{{}}", "{{ a b }}", "{{ .Status }}",
                                 "{{a..b}}", "{{ a. }}", "{{ 1a }}", "{{a\n}}", "{{ a|upper }}", "}}{{", "{{ -a }}"}) {
    CAPTURE(text);
    CHECK(expanded(text, values) == text);
    CHECK(rb::template_names(text).empty());
  }
  CHECK(expanded("{{{a}}}", values) == "{A}");
  CHECK(expanded("{{ {{ a }} }}", values) == "{{ A }}");
  CHECK(expanded(R"({"x":{"y":{{a}}}})", values) == R"({"x":{"y":A}})");
}

TEST_CASE("template: braces around something that is no name are told apart") {
  const auto parts = rb::template_parts("x {{ .Status }} {{ a }}");
  REQUIRE(parts.size() == 4);
  CHECK(parts[1].kind == rb::TemplatePart::Kind::other);
  CHECK(parts[1].text == "{{ .Status }}");
  CHECK(parts[3].kind == rb::TemplatePart::Kind::name);
  CHECK(parts[3].name == "a");
}

TEST_CASE("template: inside a JSON string a value is its content and elsewhere a JSON value") {
  const Values values{{"text", "a\"b\\c\nd"}, {"n", 5}, {"list", {1, "two"}}, {"none", nullptr}};
  CHECK(expanded(R"({"a": "<{{ text }}>", "b": {{ text }}, "c": {{ n }}, "d": "{{ n }}", "e": {{ list }}})", values,
                 Place::json) == R"({"a": "<a\"b\\c\nd>", "b": "a\"b\\c\nd", "c": 5, "d": "5", "e": [1,"two"]})");
  CHECK(expanded(R"(["\"{{ n }}", {{ none }}, "\\", {{ text }}])", values, Place::json) ==
        R"(["\"5", null, "\\", "a\"b\\c\nd"])");
}

TEST_CASE("template: in a URL everything but unreserved characters is percent-encoded") {
  const Values values{{"v", "../a b?c=d&e#ü%"}, {"w", "A-z_0.9~"}};
  CHECK(expanded("http://h/{{ v }}", values, Place::url_path) == "http://h/..%2Fa%20b%3Fc%3Dd%26e%23%C3%BC%25");
  CHECK(expanded("http://h/?q={{ v }}&w={{ w }}", values, Place::url_query) ==
        "http://h/?q=..%2Fa%20b%3Fc%3Dd%26e%23%C3%BC%25&w=A-z_0.9~");
}

TEST_CASE("template: a value cannot become a header of its own") {
  CHECK(expanded("Bearer {{ t }}", {{"t", "abc"}}, Place::header) == "Bearer abc");
  for (const std::string_view bad :
       {std::string_view{"a\r\nX: y"}, std::string_view{"a\nb"}, std::string_view{"a\0b", 3}}) {
    CHECK(failure("Bearer {{ t }}", {{"t", bad}}, Place::header).find("'t'") != std::string::npos);
    CHECK(rb::expand_known("Bearer {{ t }}", {{"t", bad}}, Place::header) == "Bearer {{ t }}");
  }
}

TEST_CASE("template: what is put in is never expanded again") {
  std::mt19937 random(7);
  for (int i = 0; i < 5000; ++i) {
    const std::string a = nasty_text(random);
    const std::string b = nasty_text(random);
    const Values values{{"a", a}, {"b", b}};
    CAPTURE(a);
    CAPTURE(b);
    REQUIRE(expanded("<{{ a }}|{{ b }}>", values) == "<" + a + "|" + b + ">");
    REQUIRE(percent_decoded(expanded("{{ a }}/{{ b }}", values, Place::url_path)) == a + "/" + b);
    const auto json = rb::parse_json(expanded(R"({"x": "{{ a }}{{ b }}", "y": {{ b }}})", values, Place::json));
    REQUIRE_MESSAGE(json.has_value(), to_string(json.error()));
    REQUIRE(*json == Value{{"x", a + b}, {"y", b}});
    REQUIRE(rb::expand_value(Value{{"k", "{{ a }}"}, {"l", {"-{{ b }}-"}}}, values).value() ==
            Value{{"k", a}, {"l", Value(boost::json::array{"-" + b + "-"})}});
  }
}

TEST_CASE("template: a string that is nothing but a name becomes the value with its type") {
  const Values values{{"n", 5}, {"on", true}, {"list", {1, 2}}};
  const Value params{{"count", "{{ n }}"}, {"text", "n={{ n }}"}, {"deep", {{"on", "{{on}}"}}}, {"plain", 7}};
  const auto result = rb::expand_value(params, values);
  REQUIRE_MESSAGE(result.has_value(), to_string(result.error()));
  CHECK(*result == Value{{"count", 5}, {"text", "n=5"}, {"deep", {{"on", true}}}, {"plain", 7}});
  CHECK(rb::expand_value(Value(" {{ n }}"), values).value() == Value(" 5"));
  CHECK(rb::expand_value(Value("{{ list }}"), values).value() == (Value{1, 2}));
  CHECK(rb::expand_value(Value{{"{{ n }}", 1}}, values).value() == Value{{"{{ n }}", 1}}); // keys are names
  CHECK_FALSE(rb::expand_value(Value{{"deep", {{"x", "{{ y }}"}}}}, values).has_value());
}

TEST_CASE("template: names are listed in order and unknown ones can be left as they stand") {
  CHECK(rb::template_names("{{ b }}{{a.c}} {{ b }} {{ - }}") == std::vector<std::string>{"b", "a.c", "b"});
  CHECK(rb::expand_known("{{ a }} {{ b }} {{ a.x }}", {{"a", "1"}}) == "1 {{ b }} {{ a.x }}");
}

TEST_CASE("template: the pieces of any text put together are the text") {
  std::mt19937 random(11);
  for (int i = 0; i < 5000; ++i) {
    const std::string text = nasty_text(random) + nasty_text(random);
    std::string together;
    for (const auto& part : rb::template_parts(text)) together += part.text;
    REQUIRE(together == text);
  }
}

TEST_CASE("template: huge odd texts cost linear time") {
  const auto time_of = [](std::string_view piece, std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += piece;
    return runbook_test::cpu_time([&] { CHECK(rb::expand_known(text, {{"a", "1"}}).size() > 0); });
  };
  for (const std::string_view piece : {"{{", "}}", "{{ a }}", "{{{", "{{ a }} }}", "{{}}", "{ {{a "}) {
    CAPTURE(piece);
    CHECK(time_of(piece, 400'000) < std::chrono::seconds{2}); // quadratic would be minutes
  }
}
