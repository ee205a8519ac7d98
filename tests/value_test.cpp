// Values as text: canonical JSON, plain text, and reading JSON strictly.
#include <runbook/value.hpp>

#include "json_text.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <random>

using namespace runbook;

namespace {

Diagnostic refusal(std::string_view text) {
  const Result<Value> read = parse_json(text, "book.json");
  REQUIRE_MESSAGE(read.has_error(), text);
  REQUIRE(read.error().code == errc::invalid_document);
  REQUIRE(read.error().diagnostics.size() == 1);
  return read.error().diagnostics.front();
}

Value random_value(std::mt19937& random, int depth) {
  const auto pick = [&](int n) { return std::uniform_int_distribution<int>(0, n - 1)(random); };
  switch (pick(depth > 0 ? 8 : 6)) {
  case 0: return nullptr;
  case 1: return pick(2) == 0;
  case 2: return std::uniform_int_distribution<std::int64_t>(INT64_MIN, INT64_MAX)(random);
  case 3: return std::uint64_t{1} << 63U;
  case 4: {
    const std::uint64_t bits = std::uniform_int_distribution<std::uint64_t>()(random);
    const auto number = std::bit_cast<double>(bits);
    return std::isfinite(number) ? number : 0.5;
  }
  case 5: {
    std::string text;
    for (int i = pick(8); i > 0; --i) text += std::string_view("a\"\\\n\x01/{ \x7f\xC3\xA9")[std::size_t(pick(9))];
    return Value(text);
  }
  case 6: {
    boost::json::array array;
    for (int i = pick(4); i > 0; --i) array.push_back(random_value(random, depth - 1));
    return array;
  }
  default: {
    Values object;
    for (int i = pick(4); i > 0; --i) object[std::string(1, char('a' + pick(26)))] = random_value(random, depth - 1);
    return object;
  }
  }
}

} // namespace

TEST_CASE("value: canonical JSON sorts keys at every depth and leaves arrays as they are") {
  const Value value{{"b", {{"z", 1}, {"a", 2}}}, {"a", {3, 1, 2}}};
  CHECK(canonical_json(value) == R"({"a":[3,1,2],"b":{"a":2,"z":1}})");
}

TEST_CASE("value: equal values have equal canonical JSON") {
  CHECK(canonical_json(Value(std::int64_t{7})) == canonical_json(Value(std::uint64_t{7})));
  CHECK(canonical_json(Value(-0.0)) == canonical_json(Value(0.0)));
  CHECK(canonical_json(Value{{"a", 1}, {"b", 2}}) == canonical_json(Value{{"b", 2}, {"a", 1}}));
}

TEST_CASE("value: numbers have one form that reads back as the same number") {
  CHECK(canonical_json(Value(1.5)) == "1.5");
  CHECK(canonical_json(Value(100000.0)) == "100000");
  CHECK(canonical_json(Value(0.1)) == "0.1");
  CHECK(canonical_json(Value(1e21)) == "1e+21");
  CHECK(canonical_json(Value(5e-324)) == "5e-324");
  CHECK(canonical_json(Value(std::numeric_limits<double>::infinity())) == "null");
  CHECK(canonical_json(Value(std::nan(""))) == "null");
  CHECK(canonical_json(Value(std::numeric_limits<std::int64_t>::min())) == "-9223372036854775808");
}

TEST_CASE("value: control characters are escaped and other text stays as it is") {
  CHECK(canonical_json(Value("a\"b\\c\n\r\t\x01 \xC3\xA9")) == "\"a\\\"b\\\\c\\n\\r\\t\\u0001 \xC3\xA9\"");
}

TEST_CASE("value: as text a string is itself and null is nothing") {
  CHECK(to_text(Value("a \"b\"\n")) == "a \"b\"\n");
  CHECK(to_text(Value(nullptr)).empty());
  CHECK(to_text(Value(true)) == "true");
  CHECK(to_text(Value(-3)) == "-3");
  CHECK(to_text(Value(2.0)) == "2");
  CHECK(to_text(Value{{"b", 1}, {"a", {1, nullptr}}}) == R"({"b":1,"a":[1,null]})");
}

TEST_CASE("value: what is written as canonical JSON reads back as the same bytes") {
  std::mt19937 random(20240229);
  for (int i = 0; i < 3000; ++i) {
    const std::string text = canonical_json(random_value(random, 4));
    const Result<Value> read = parse_json(text);
    REQUIRE_MESSAGE(read.has_value(), text);
    REQUIRE(canonical_json(*read) == text);
  }
}

TEST_CASE("value: reading JSON keeps the exact value of numbers") {
  CHECK(parse_json("-9223372036854775808").value() == Value(std::numeric_limits<std::int64_t>::min()));
  CHECK(parse_json("18446744073709551615").value() == Value(std::numeric_limits<std::uint64_t>::max()));
  CHECK(parse_json("0.30000000000000004").value().get_double() == 0.1 + 0.2);
  CHECK(parse_json("2.2250738585072011e-308").value().get_double() == 2.2250738585072011e-308);
  CHECK(parse_json("1e-400").value().get_double() == 0.0);
}

TEST_CASE("value: a duplicate key is refused and its place is the second one") {
  const Diagnostic d = refusal("{\"a\": 1,\n \"\xC3\xA9\": 2, \"a\": 3}");
  CHECK(to_string(d).starts_with("book.json:2:10: error: the key 'a' is there twice"));
  CHECK(refusal(R"([{"k\"": 1, "k\u0022": 2}])").span.column == 13);
}

TEST_CASE("value: equal keys in different objects are not duplicates") {
  CHECK(parse_json(R"([{"a": {"a": {"a": 1}}}, {"a": 2}])").has_value());
}

TEST_CASE("value: a nesting of 64 is read and a deeper one refused") {
  CHECK(parse_json(std::string(64, '[') + std::string(64, ']')).has_value());
  const Diagnostic d = refusal(std::string(65, '[') + std::string(65, ']'));
  CHECK(d.message == "nested deeper than 64");
  CHECK(refusal(std::string(5'000'000, '[')).message == "nested deeper than 64");
}

TEST_CASE("value: trailing text is refused") {
  const Diagnostic d = refusal("{}\n  {}");
  CHECK(d.message == "there is text after the JSON document");
  CHECK(d.span.line == 2);
  CHECK(d.span.column == 3);
  CHECK(parse_json(" \t\r\n[] \r\n").has_value());
}

TEST_CASE("value: text that ends too early is refused at its end") {
  for (const char* text : {"", "   ", "{", "[1,", "\"abc", "{\"a\"", "tru", "-"}) {
    CHECK_MESSAGE(refusal(text).message == "the JSON text ends too early", text);
  }
  CHECK(refusal("[1,\n2,").span.line == 2);
  CHECK(refusal("[1,\n2,").span.column == 3);
}

TEST_CASE("value: what only some readers accept is refused") {
  for (const char* text :
       {"// c\n1", "[1,]", "{a: 1}", "NaN", "01", "'a'", "[1 2]", "\"a\nb\"", "\"\\x\"", "+1", ".5"}) {
    CHECK_MESSAGE(parse_json(text).has_error(), text);
  }
}

TEST_CASE("value: a number that no double can hold is refused instead of becoming infinity") {
  CHECK(refusal("[1e400]").message == "the number 1e400 is too large");
  CHECK(refusal("-1e999999999999").message.find("too large") != std::string::npos);
}

TEST_CASE("value: text that is not UTF-8 is refused at its place") {
  const Diagnostic d = refusal("[\"\xC3\xA9\xFF\"]");
  CHECK(d.message == "the text is not valid UTF-8");
  CHECK(d.span.column == 4);
}

TEST_CASE("value: many keys are read in linear time") {
  std::string text = "{";
  for (int i = 0; i < 100'000; ++i) text += (i == 0 ? "\"k" : ",\"k") + std::to_string(i) + "\":0";
  text += '}';
  CHECK(parse_json(text).value().get_object().size() == 100'000);
}
