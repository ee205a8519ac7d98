#include "expectation.hpp"
#include "support/cpu_time.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace rb = runbook;
using Kind = rb::Expectation::Kind;

namespace {

/// The mismatch, or "" if there is none.
std::string compare(Kind kind, std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return rb::mismatch({kind, std::string(expected), {}}, output, values).value_or("");
}

std::string text(std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return compare(Kind::text, expected, output, values);
}

std::string json(std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return compare(Kind::json, expected, output, values);
}

std::string http(std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return compare(Kind::http, expected, output, values);
}

std::string contains(std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return compare(Kind::contains, expected, output, values);
}

std::string regex(std::string_view expected, std::string_view output, const rb::Values& values = {}) {
  return compare(Kind::regex, expected, output, values);
}

bool has(const std::string& message, std::string_view part) {
  return message.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("expectation: equal text matches and blanks at ends do not count") {
  CHECK(text("a\nb\n", "a\nb").empty());
  CHECK(text("a \t\nb", "a\nb  \n\n \n").empty());
  CHECK(text("a\r\nb\r\n", "a\nb\n").empty());
  CHECK(text("a\nb\n", "a\r\nb\r\n").empty());
  CHECK(text("", "").empty());
  CHECK(text("\n\n", "").empty());
  CHECK(text("", " \n").empty());
  CHECK_FALSE(text(" a", "a").empty());
  CHECK_FALSE(text("a\nb", "a\n\nb").empty());
  CHECK_FALSE(text("", "x").empty());
  CHECK_FALSE(text("x", "").empty());
}

TEST_CASE("expectation: the message names the first line that differs") {
  CHECK(text("a\nb\nc", "a\nx\nc") == R"(line 2: expected "b", got "x")");
  CHECK(text("a\nb", "a") == R"(line 2: expected "b", got the end of the output)");
  CHECK(text("a", "a\nb") == R"(line 2: expected the end of the output, got "b")");
  CHECK(text("a\n...\nc\nd", "a\nb\nc\ne") == R"(line 4: expected "d", got "e")");
  CHECK(text("a\n...\nz", "a\nb\nc") == R"(expected "z" after line 1 of the output, but no line there is like it)");
  CHECK(text("...\nz", "a") == R"(expected "z" in the output, but no line there is like it)");
}

TEST_CASE("expectation: the message cannot forge terminal output and stays short") {
  const std::string message = text("a", "\x1b[2Jcl\xffr\u202e\t");
  CHECK(message == R"(line 1: expected "a", got "\x1b[2Jcl\xffr\u{202e}")");
  CHECK(text(std::string(100'000, 'e'), std::string(100'000, 'g')).size() < 400);
  CHECK(has(text("a\tb", "a b"), R"(a\tb)"));
}

TEST_CASE("expectation: a line of three dots stands for any lines and for none") {
  CHECK(text("...", "").empty());
  CHECK(text("...", "a\nb").empty());
  CHECK(text("a\n...\nb", "a\nb").empty());
  CHECK(text("a\n...\nb", "a\n1\n2\nb").empty());
  CHECK(text("a\n  ...  \nb", "a\n1\nb").empty());
  CHECK(text("...\nb\n...", "a\nb\nc").empty());
  CHECK(text("...\na\nb", "a\na\nb").empty());
  CHECK(text("...\n...\nb\n...\n...", "b").empty());
  CHECK_FALSE(text("...\nb", "a\nb\nc").empty());
  CHECK_FALSE(text("a\n...", "b").empty());
}

TEST_CASE("expectation: three dots inside a line stand for any text of that line") {
  CHECK(text("took ... ms", "took 12 ms").empty());
  CHECK(text("took... ms", "took ms").empty());
  CHECK(text("...ready", "is ready").empty());
  CHECK(text("Loading...", "Loading 100 %").empty());
  CHECK(text("a...b...c", "a1b2c").empty());
  CHECK(text("a......c", "ac").empty());
  CHECK(text("x ...", "x   ").empty());
  CHECK_FALSE(text("a...b...c", "a1c2b").empty());
  CHECK_FALSE(text("ab...ba", "aba").empty()); // both ends need their own characters
  CHECK_FALSE(text("took ... ms", "took 12\nms").empty());
  CHECK_FALSE(text("a...a", "a").empty());
}

TEST_CASE("expectation: a value is compared as it is and its dots are no wildcard") {
  CHECK(text("to {{ host }}", "to web-1", {{"host", "web-1"}}).empty());
  CHECK(text("{{ v }}", "...", {{"v", "..."}}).empty());
  CHECK_FALSE(text("{{ v }}", "anything", {{"v", "..."}}).empty());
  CHECK_FALSE(text("a{{ v }}.b", "axxb", {{"v", ".."}}).empty());
  CHECK(text("{{ v }}", "{{ w }}", {{"v", "{{ w }}"}, {"w", "no"}}).empty());
  CHECK(text("-{{ v }}-", "-a\nb-", {{"v", "a\nb"}}).empty());
  CHECK_FALSE(text("{{ v }}", "x\ny", {{"v", "..."}}).empty());
  CHECK(has(text("{{ missing }}", "x"), "'missing'"));
}

TEST_CASE("expectation: wildcards agree with a plain recursive matcher") {
  const auto lines_of = [](const std::string& all) {
    std::vector<std::string> lines{""};
    for (const char c : all) {
      if (c == '\n') {
        lines.emplace_back();
      } else {
        lines.back() += c;
      }
    }
    while (!lines.empty() && lines.back().empty()) lines.pop_back();
    return lines;
  };
  std::function<bool(std::string_view, std::string_view)> line_matches = [&](std::string_view p, std::string_view l) {
    if (p.empty()) return l.empty();
    if (p.starts_with("...")) {
      for (std::size_t i = 0; i <= l.size(); ++i) {
        if (line_matches(p.substr(3), l.substr(i))) return true;
      }
      return false;
    }
    return !l.empty() && p.front() == l.front() && line_matches(p.substr(1), l.substr(1));
  };
  std::function<bool(const std::vector<std::string>&, std::size_t, const std::vector<std::string>&, std::size_t)>
      matches = [&](const auto& p, std::size_t i, const auto& l, std::size_t j) {
        if (i == p.size()) return j == l.size();
        if (p[i] == "...") {
          for (std::size_t k = j; k <= l.size(); ++k) {
            if (matches(p, i + 1, l, k)) return true;
          }
          return false;
        }
        return j < l.size() && line_matches(p[i], l[j]) && matches(p, i + 1, l, j + 1);
      };
  std::mt19937 random(3);
  const auto make = [&](const std::vector<std::string_view>& pieces) {
    std::string all;
    for (auto count = random() % 9; count > 0; --count) all += pieces[random() % pieces.size()];
    return all;
  };
  std::size_t agreed = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string expected = make({"a", "b", "\n", "...", "\n...\n"});
    const std::string output = make({"a", "b", "\n", "ab", "a\n"});
    CAPTURE(expected);
    CAPTURE(output);
    const bool wanted = matches(lines_of(expected), 0, lines_of(output), 0);
    REQUIRE(text(expected, output).empty() == wanted);
    if (wanted) ++agreed;
  }
  CHECK(agreed > 500);
}

TEST_CASE("expectation: wildcards never take exponential time") {
  std::string pattern;
  std::string lines;
  for (int i = 0; i < 200; ++i) {
    pattern += "...a";
    lines += "...\na\n";
  }
  const auto cost = runbook_test::cpu_time([&] {
    CHECK_FALSE(text(pattern + "b", std::string(500'000, 'a')).empty());
    std::string output;
    for (int i = 0; i < 100'000; ++i) output += "a\n";
    CHECK_FALSE(text(lines + "b", output).empty());
    CHECK_FALSE(text("..." + std::string(100'000, 'a') + "b...", std::string(400'000, 'a')).empty());
  });
  CHECK(cost < std::chrono::seconds{3});
}

TEST_CASE("expectation: a part stands somewhere in the output") {
  CHECK(contains("b", "abc").empty());
  CHECK(contains("b  \nc\n\n", "a\nb\t\r\nc\r\nd").empty());
  CHECK(contains("\n\nb\n", "a\nb").empty());
  CHECK(contains("a.c", "xa.cx").empty());
  CHECK(contains("...", "a...b").empty());
  CHECK(contains("to {{ host }}!", "go to a*b! now", {{"host", "a*b"}}).empty());
  CHECK(contains("{{ v }}", "x {{ w }}", {{"v", "{{ w }}"}, {"w", "y"}}).empty());
  CHECK_FALSE(contains("a.c", "abc").empty());
  CHECK_FALSE(contains("...", "ab").empty()); // no wildcard here
  CHECK_FALSE(contains("b\nd", "b\nc\nd").empty());
  CHECK_FALSE(contains("B", "b").empty());
  CHECK(contains("x\x1b", "") == R"(expected "x\x1b" somewhere in the output, got nothing)");
  CHECK(has(contains("{{ missing }}", "x"), "'missing'"));
}

TEST_CASE("expectation: a pattern matches somewhere in the output") {
  CHECK(regex("\\d+ pods?", "there are 12 pods").empty());
  CHECK(regex("^ready$", "not yet\nready  \n").empty());
  CHECK(regex("^a$\n^b$", "x\na\r\nb\r\n").empty());
  CHECK(regex("\n  (?i)READY\n", "ready").empty() == false); // blanks in front of a line count
  CHECK(regex("(?i)READY", "ready").empty());
  CHECK(regex("a|b", "xb").empty());
  CHECK_FALSE(regex("^ready$", "is ready").empty());
  CHECK_FALSE(regex("a.c", "a\nc").empty());
  CHECK(regex("x+", "y") == R"(expected output that matches 'x+', got "y")");
}

TEST_CASE("expectation: a value in a pattern stands for itself") {
  for (const char* value : {"1.4.2", "a+b", "(", "[x]", "\\d", "^", "$", "{{ w }}", "\\E.*", "\xC3\xA4", "*", "a|b"}) {
    CHECK_MESSAGE(regex("^v: {{ v }}$", "v: " + std::string(value), {{"v", value}}).empty(), value);
    CHECK_FALSE(regex("^v: {{ v }}$", "v: other", {{"v", value}}).empty());
  }
  CHECK_FALSE(regex("{{ v }}", "1x4", {{"v", "1.4"}}).empty());
  CHECK(has(regex("{{ missing }}", "x"), "'missing'"));
  CHECK(has(regex("{{ v }}", "x", {{"v", std::string(5000, 'v')}}), "the expected pattern cannot be used"));
}

TEST_CASE("expectation: large and hostile outputs cost no more than their size") {
  const std::string large(1'000'000, 'a');
  const auto cost = runbook_test::cpu_time([&] {
    CHECK_FALSE(contains(std::string(300'000, 'a') + 'b', large).empty());
    CHECK_FALSE(regex("(a*)*b", large).empty());
    CHECK_FALSE(regex("(a|aa)+$", large + "!").empty());
    CHECK(contains("b", large + "b").empty());
    CHECK_FALSE(contains("b", std::string(1'000'000, '\n')).empty());
  });
  CHECK(cost < std::chrono::seconds{3});
  CHECK(contains(std::string(100'000, 'e'), large).size() < 600);
  CHECK_FALSE(regex("^\\w+$", "\xff\xfe\0x").empty()); // no text at all
}

TEST_CASE("expectation: what no output could be compared with is found before anything runs") {
  CHECK(has(rb::flaw({Kind::regex, "a(", {}}).value_or(""), "'a(' is no regular expression: "));
  CHECK(rb::flaw({Kind::regex, "(?=x)", {}}).has_value()); // RE2 looks nowhere ahead
  CHECK(rb::flaw({Kind::regex, "a{1,100000}", {}}).has_value());
  CHECK_FALSE(rb::flaw({Kind::regex, "^{{ v }}$", {}}).has_value());
  for (const Kind kind : {Kind::regex, Kind::contains}) {
    CHECK(has(rb::flaw({kind, " \n", {}}).value_or(""), "the expected text is empty"));
  }
  CHECK_FALSE(rb::flaw({Kind::contains, "a(", {}}).has_value());
}

TEST_CASE("expectation: JSON compares as a subset") {
  CHECK(json(R"({"a": 1})", R"({"b": [1], "a": 1})").empty());
  CHECK(json(R"({"a": {"b": null}})", R"({"a": {"b": null, "c": 2}})").empty());
  CHECK(json("[]", "[]").empty());
  CHECK(json(R"(["x", {"y": 1}])", R"(["x", {"y": 1, "z": 2}])").empty());
  CHECK(json("5", " 5\n").empty());
  CHECK(json(R"({"a": 1, "b": {"c": [1, {"d~/e": 2}]}})", R"({"a": 1, "b": {"c": [1, {"d~/e": 3}]}})") ==
        "at /b/c/1/d~0~1e: expected 2, got 3");
  CHECK(json(R"({"a": 1})", "{}") == "at /a: expected 1, got nothing");
  CHECK(json(R"({"a": null})", "{}") == "at /a: expected null, got nothing");
  CHECK(json("[1]", "[1,2]") == "at the top: expected an array of 1, got one of 2");
  CHECK(json(R"({"a": "1"})", R"({"a": 1})") == R"(at /a: expected "1", got 1)");
  CHECK(json(R"("A")", R"("a")") == R"(at the top: expected "A", got "a")");
  CHECK_FALSE(json("{}", "[]").empty());
  CHECK_FALSE(json("true", "1").empty());
  CHECK_FALSE(json("null", "false").empty());
  CHECK_FALSE(json("[null]", "[]").empty());
  CHECK(json("[null, [], {}]", R"([null, [], {"a": 1}])").empty());
  CHECK_FALSE(json("[1, 2]", "[2, 1]").empty());
  CHECK(json("[{{ n }}, \"{{ n }}\", {{ o }}]", R"([7, "7", {"a": null, "b": 1}])", {{"n", 7}, {"o", {{"a", nullptr}}}})
            .empty());
}

TEST_CASE("expectation: JSON numbers are compared by their value") {
  CHECK(json("1", "1.0").empty());
  CHECK(json("1e2", "100").empty());
  CHECK(json("18446744073709551615", "18446744073709551615").empty());
  CHECK(json("-0.0", "0").empty());
  CHECK_FALSE(json("9007199254740993", "9007199254740992.0").empty());
  CHECK_FALSE(json("18446744073709551615", "1.8446744073709552e19").empty());
  CHECK_FALSE(json("-1", "18446744073709551615").empty());
  CHECK_FALSE(json("1", "1.5").empty());
}

TEST_CASE("expectation: values are escaped for their place in JSON") {
  const rb::Values values{{"v", R"(a"b\)"}, {"n", 7}};
  CHECK(json(R"({"x": "{{ v }}", "y": {{ n }}, "z": {{ v }}})", R"({"x": "a\"b\\", "y": 7, "z": "a\"b\\"})", values)
            .empty());
  CHECK_FALSE(json(R"({"x": "{{ v }}"})", R"({"x": "", "y": 1})", {{"v", R"(", "y": "1)"}}).empty());
}

TEST_CASE("expectation: what is not JSON is said clearly") {
  CHECK(has(json("{}", "oops\x1b[2J"), R"(expected JSON, got "oops\x1b[2J", which is not JSON)"));
  CHECK(has(json("{}", ""), "not JSON"));
  CHECK(has(json("{}", "{} {}"), "not JSON"));
  CHECK(has(json("{oops", "{}"), "the expected text is not JSON"));
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  CHECK(has(json("[]", deep), "not JSON"));
  CHECK_FALSE(has(json("[]", deep), std::string(200, '[')));
}

TEST_CASE("expectation: a flaw of the expectation itself is found before anything runs") {
  CHECK_FALSE(rb::flaw({Kind::json, R"({"a": {{ n }}, "b": "{{ v }}"})", {}}).has_value());
  CHECK_FALSE(rb::flaw({Kind::text, "{oops", {}}).has_value());
  CHECK_FALSE(rb::flaw({Kind::http, "HTTP/1.1 200\n\n{oops", {}}).has_value());
  CHECK(rb::flaw({Kind::json, "{oops", {}}).has_value());
  CHECK(rb::flaw({Kind::json, "", {}}).has_value());
}

TEST_CASE("expectation: of a response only the body is compared here") {
  CHECK(http("HTTP/1.1 404", "whatever").empty());
  CHECK(http("HTTP/1.1 404\nx-a: b\n", "whatever").empty());
  CHECK(http("HTTP/1.1 200\n\n  \n", "whatever").empty());
  CHECK(http("HTTP/1.1 200\r\nx: y\r\n\r\nhello ...\r\n", "hello world\n").empty());
  CHECK_FALSE(http("HTTP/1.1 200\n\nhello", "bye").empty());
  CHECK(http("HTTP/1.1 200\n\n{\"a\": {{ n }}}\n", R"({"b": 2, "a": 1})", {{"n", 1}}).empty());
  CHECK(has(http("HTTP/1.1 200\n\n{\"a\": 1}\n", R"({"a": 2})"), "at /a"));
  CHECK(http("HTTP/1.1 200\n\n{{ version }}\n", "1.4.2\n", {{"version", "1.4.2"}}).empty());
  CHECK(http("HTTP/1.1 200\n\n{ not json ... }\n", "{ not json at all }").empty());
}
