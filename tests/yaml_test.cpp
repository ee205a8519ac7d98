// YAML as values: what is read, what is refused and where, and at what cost.
#include "yaml/read.hpp"

#include "support/cpu_time.hpp"

#include <boost/json/string.hpp>
#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include <pthread.h>

using runbook::Value;
using runbook::yaml::read;

namespace {

Value value(std::string_view text) {
  const auto got = read(text);
  REQUIRE_MESSAGE(got.value.has_value(), got.problem.what);
  return *got.value;
}

/// "offset: what; hint" of a text that is refused.
std::string refusal(std::string_view text) {
  const auto got = read(text);
  REQUIRE_FALSE(got.value.has_value());
  return std::to_string(got.problem.begin) + ": " + got.problem.what + "; " + got.problem.hint;
}

bool refuses(std::string_view text, std::string_view why) {
  const std::string got = refusal(text);
  const bool found = got.find(why) != std::string::npos;
  if (!found) MESSAGE(got);
  return found;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

} // namespace

TEST_CASE("yaml: objects, lists and text are read") {
  CHECK(value("a: x\nb:\n  - 1\n  - {c: d, e: []}\n") ==
        Value{{"a", "x"}, {"b", {1, {{"c", "d"}, {"e", Value(boost::json::array{})}}}}});
  CHECK(value("").is_null());
  CHECK(value("# nothing\n").is_null());
  CHECK(value("---\na: b\n...\n") == Value{{"a", "b"}});
  CHECK(value("a: \"x\\ty\"\nb: 'it''s'\nc: |\n  two\n   lines\nd: >\n  one\n  line\n") ==
        Value{{"a", "x\ty"}, {"b", "it's"}, {"c", "two\n lines\n"}, {"d", "one line\n"}});
}

TEST_CASE("yaml: words without quotes mean what they mean in JSON and are text otherwise") {
  const Value read = value("[true, false, null, ~, 0, -7, 1.5, 1e3, 18446744073709551615]");
  CHECK(read == Value{true, false, nullptr, nullptr, 0, -7, 1.5, 1e3, 18446744073709551615U});
  const std::vector<std::string> words{"yes", "no",  "on",   "off",  "y",          "n",     "True", "NULL",
                                       "0o7", "010", "0x1F", "1:30", "1_000",      "+1",    ".5",   "1.",
                                       "1e",  "-x",  ".inf", ".nan", "2001-12-14", "1.2.3", "="};
  for (const std::string& word : words) {
    const Value got = value("a: " + word);
    CHECK_MESSAGE(got.at("a") == Value(word), word);
  }
  CHECK(value("yes: 1\nno: 2\n") == Value{{"yes", 1}, {"no", 2}});
  CHECK(value("a: '1'\nb: \"true\"\nc: |\n  1\n") == Value{{"a", "1"}, {"b", "true"}, {"c", "1\n"}});
}

TEST_CASE("yaml: a number that looks like a version is read with a doubt") {
  const auto got = read("version: 1.10\nb: 1.5\nc: 10\nd: '1.10'\ne: 1e10\n");
  REQUIRE(got.doubtful.size() == 1);
  CHECK(got.doubtful[0].what == "1.10 is read as the number 1.1");
  CHECK(got.doubtful[0].begin == 9);
  CHECK(refuses("commit: 12e4567", "8: the number 12e4567 is too large; put quotes around it"));
}

TEST_CASE("yaml: what JSON cannot say is refused at its place") {
  CHECK(refuses("a: &x 1\nb: *x\n", "3: anchors (&name) are not read"));
  CHECK(refuses("a: 1\nb: *x\n", "aliases (*name) are not read"));
  CHECK(refuses("a: &x {b: c}\n", "3: anchors"));
  CHECK(refuses("a: !!str 1\n", "3: tags (!name) are not read"));
  CHECK(refuses("a: !x [1]\n", "3: tags"));
  CHECK(refuses("a: ! 1\n", "3: tags"));
  CHECK(refuses("a: {b: c}\n<<: {d: e}\n", "10: merge keys (<<) are not read"));
  CHECK(refuses("a: 1\n---\nb: 2\n", "there is a second document"));
  CHECK(refuses("1: a\n", "0: a key is text, and 1 is none; put quotes around it"));
  CHECK(refuses("a:\n  true: b\n", "5: a key is text, and true is none"));
  CHECK(refuses("? [a]\n: b\n", "2: a key is text, and this is an object or a list"));
  CHECK(refuses("a: {{ name }}\n",
                "4: a key is text, and this is an object or a list; put quotes around text that starts with {"));
  CHECK(refuses("? \n: b\n", "a key is text, and nothing is none"));
  CHECK(value("'1': a\n'<<': b\n") == Value{{"1", "a"}, {"<<", "b"}});
}

TEST_CASE("yaml: a key that is there twice is refused with both places") {
  CHECK(refuses("a: 1\nb:\n  - c: {}\nd: [1, {x: 1}]\nb: 2\n",
                "33: the key 'b' is there twice, first in line 2; remove one of the two"));
  CHECK(refuses("{a: 1, \"a\": 2}", "7: the key 'a' is there twice, first in line 1"));
}

TEST_CASE("yaml: text that is not YAML is refused at its place with a hint") {
  CHECK(refuses("a:\n\t- b\n", "3: this is not YAML"));
  CHECK(refuses("a:\n\t- b\n", "indent with blanks"));
  CHECK(refuses("a: b: c\n", "4: this is not YAML"));
  CHECK(refuses("a: b: c\n", "put quotes around text that holds ': '"));
  CHECK(refuses("\xC3\xA9: 'x' y\n", "8: this is not YAML")); // bytes, and libyaml counts characters
  CHECK(refuses("a: \"\\q\"\n", "use single quotes"));
  CHECK(refuses("a: 'x\nb: y\n", "3: the quotes that are opened here are never closed"));
  CHECK(refuses("a: [1, , 2]\n", "this is not YAML"));
  CHECK(refuses("a: @x\n", "put quotes around text that starts with it"));
  CHECK(refuses("a: \x01\n", "3: this is not YAML: control characters are not allowed"));
  CHECK(refuses("a: \xFF\n", "3: the text is not valid UTF-8"));
  CHECK(refuses("- a\nb: c\n", "this is not YAML"));
}

TEST_CASE("yaml: line breaks that only some readers know are refused") {
  CHECK(refuses("a: |\n  x\xC2\x85y\n", "8: U+0085 is a line break in some versions of YAML only"));
  CHECK(refuses("a: x\xE2\x80\xA8y\n", "U+2028"));
  CHECK(value("a: \"x\\Ly\\N\"\n") == Value{{"a", "x\xE2\x80\xA8y\xC2\x85"}});
}

TEST_CASE("yaml: every value has its place") {
  const std::string text = "\xC3\xA9: [1, {x: \"y z\"}]\nb: |\n  two\n  lines\n\nc:\n  - d\n  -   e: f\n";
  const auto got = read(text);
  REQUIRE(got.value.has_value());
  std::vector<std::string> parts;
  for (const auto& place : got.places) parts.push_back(text.substr(place.begin, place.end - place.begin));
  CHECK(parts == std::vector<std::string>{text.substr(0, text.size() - 1), "[1, {x: \"y z\"}]", "1", "{x: \"y z\"}",
                                          "\"y z\"", "|\n  two\n  lines", "- d\n  -   e: f", "d", "e: f", "f"});
  CHECK(text.substr(got.places[1].key, 2) == "\xC3\xA9");
  CHECK(text.substr(got.places[4].content, 3) == "y z");
  CHECK(text.substr(got.places[5].content, 3) == "two");
  CHECK(got.places[1].next == 5);
  CHECK(got.places[0].next == 10);
}

TEST_CASE("yaml: a nesting of 64 is read and a deeper one is refused whatever it is made of") {
  CHECK(value(repeated("[", 64) + repeated("]", 64)).is_array());
  for (const std::string bracket : {"[", "{a: ", "[a, ", "- "}) {
    CHECK_MESSAGE(refusal(repeated(bracket, 65) + "x").find("nested deeper than 64") != std::string::npos, bracket);
  }
  for (const std::string bracket : {"{", "{? ", "? ", "- ? "}) {
    CHECK_MESSAGE(refusal(repeated(bracket, 65) + "x").find("a key is text") != std::string::npos, bracket);
  }
  CHECK(refuses(repeated("[", 64) + "{}" + repeated("]", 64), "64: nested deeper than 64"));
}

TEST_CASE("yaml: hostile depth needs no stack") {
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 256 * 1024);
  const auto body = [](void*) -> void* {
    for (const char* bracket : {"[", "{", "{? ", "[a,", "- ", "? ", "[[]", "&a [", "!t {"})
      static_cast<void>(read(repeated(bracket, 300'000)));
    return nullptr;
  };
  pthread_t thread{};
  REQUIRE(pthread_create(&thread, &small, body, nullptr) == 0);
  pthread_join(thread, nullptr);
  pthread_attr_destroy(&small);
}

TEST_CASE("yaml: the cost of a text grows with its length and no faster") {
  constexpr std::size_t n = 300'000;
  std::string keys;
  for (std::size_t i = 0; i < n / 10; ++i) keys += "k" + std::to_string(i) + ": v\n";
  std::string deep;
  for (std::size_t i = 0; i < 600; ++i) deep += std::string(i, ' ') + "a:\n";
  const std::vector<std::string> texts{"a: " + repeated("x ", n),
                                       "a: \"" + repeated("\\n", n),
                                       "a: |\n" + repeated(" x\n", n),
                                       "a: |\n x" + repeated("\n", n),
                                       repeated("- x\n", n),
                                       repeated("- a: b\n", n),
                                       "[" + repeated("a,", n) + "]",
                                       "{" + repeated("a: {},", n),
                                       repeated("# x\n", n),
                                       repeated("---\n", n),
                                       repeated("- *a\n", n),
                                       repeated("- [a]: b\n", n),
                                       repeated("- |\n\n  x\n", n),
                                       repeated(" ", n) + "a: b",
                                       repeated("\xC3\xA9 ", n),
                                       "a: " + repeated("\t", n) + "b",
                                       keys,
                                       deep};
  for (const std::string& text : texts) {
    const auto used = runbook_test::cpu_time([&] { static_cast<void>(read(text)); });
    CHECK_MESSAGE(used < std::chrono::seconds(3), text.substr(0, 20));
  }
}
