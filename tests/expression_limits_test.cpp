// What an expression may cost: text, nesting, stack, work. And that no text whatever does harm.
#include "support/cpu_time.hpp"
#include "support/expressions.hpp"
#include "support/small_stack.hpp"

#include <atomic>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace rb = runbook;
using rb::Expression;
using rb::Value;
using rb::Values;
using runbook_test::cpu_time;
using runbook_test::error_of;
using runbook_test::evaluated;

namespace {

std::string repeated(std::string_view piece, std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text += piece;
  return text;
}

/// `before` as often as wanted, a middle, and as often `after`.
std::string nested(std::string_view before, std::string_view middle, std::string_view after, std::size_t count) {
  return repeated(before, count) + std::string(middle) + repeated(after, count);
}

/// The texts that are nested as deep as is allowed and, with one more level each, deeper.
std::vector<std::function<std::string(std::size_t)>> nestings() {
  return {
      [](std::size_t n) { return nested("(", "1", ")", n); },
      [](std::size_t n) { return nested("[", "1", "]", n); },
      [](std::size_t n) { return nested("{'k':", "1", "}", n); },
      [](std::size_t n) { return nested("a[", "0", "]", n); },
      [](std::size_t n) { return nested("string(", "1", ")", n); },
      [](std::size_t n) { return nested("(true ? ", "1", " : 2)", n); },
      [](std::size_t n) { return nested("(false ? 2 : ", "1", ")", n); },
      [](std::size_t n) { return nested("-(", "1", ")", n); },
      [](std::size_t n) { return nested("!(", "true", ")", n); },
      [](std::size_t n) { return nested("(1 * 1 + 1 == 2 && true || ", "true", ")", n); },
      [](std::size_t n) { return nested("(", "1", ").size()", n); },
      [](std::size_t n) { return nested("(", "1", ")*1+1==1&&true||true?1:1", n); },
      [](std::size_t n) { return "'a'" + repeated(".contains('a')", n); },
      [](std::size_t n) { return nested("true||true&&1==1+1*(", "1", ")", n); },
  };
}

} // namespace

TEST_CASE("expression limits: a text may be as long as stated and no longer") {
  const std::string longest = "1" + std::string(Expression::max_text - 1, ' ');
  CHECK(evaluated(longest) == Value(1));
  const auto error = error_of(longest + " ");
  CHECK(error.code == rb::errc::limit_exceeded);
  CHECK(error.diagnostics.at(0).message == "it has 16385 bytes; at most 16384 are allowed");
  CHECK(error.message.size() < 500);
  CHECK(error_of(std::string(std::size_t{1} << 24, '(')).code == rb::errc::limit_exceeded);
}

TEST_CASE("expression limits: nesting is limited whatever is nested") {
  for (const auto& nesting : nestings()) {
    CAPTURE(nesting(1));
    CHECK(Expression::parse(nesting(8)).has_value());
    const auto error = error_of(nesting(Expression::max_nesting + 1));
    CHECK(error.code == rb::errc::limit_exceeded);
    CHECK(error.diagnostics.at(0).message == "this is nested too deep: at most 64 levels are allowed");
  }
  CHECK(evaluated(nested("(", "1", ")", Expression::max_nesting - 1)) == Value(1));
}

TEST_CASE("expression limits: chains may be as long as the text") {
  CHECK(evaluated("1" + repeated("+1", 8000)) == Value(8001));
  CHECK(evaluated("true" + repeated("&&true", 2700)) == Value(true));
  CHECK(evaluated(repeated("false||", 2300) + "true") == Value(true));
  CHECK(evaluated(repeated("false?1:", 2000) + "2") == Value(2));
  CHECK(evaluated(repeated("!", 16000) + "true") == Value(true));
  CHECK(evaluated(repeated("-", 16001) + "7") == Value(-7));
  CHECK(evaluated("a" + repeated(".b", 8000), {{"a", nullptr}}).is_null());
  CHECK(evaluated("size([" + repeated("0,", 8000) + "])") == Value(8000));
}

TEST_CASE("expression limits: a stack of 256 KiB is enough for any expression") {
  std::size_t tried = 0;
  runbook_test::on_small_stack([&] {
    const Values variables{{"a", boost::json::array{0}}};
    for (const auto& nesting : nestings()) {
      for (std::size_t depth = 1; depth <= 2 * Expression::max_nesting; ++depth) {
        const auto expression = Expression::parse(nesting(depth));
        if (!expression) continue;
        (void)expression->evaluate(variables);
        ++tried;
      }
    }
    (void)Expression::parse(nested("((", "1", "))", 4000));
    (void)Expression::parse(repeated("true||true&&1==1+1*(", 800));
    const std::string groups = nested("(", "a", ")*", 900);
    (void)Expression::parse("'" + std::string(9000, 'a') + "'.matches('" + groups + "')");
  });
  CHECK(tried > 200);
}

TEST_CASE("expression limits: work is counted and ends with an error") {
  boost::json::array numbers;
  for (int i = 0; i < 50'000; ++i) numbers.emplace_back(i);
  const Values variables{{"list", numbers}, {"text", std::string(1'000'000, 'a')}};
  CHECK(evaluated("list == list && 49999 in list", variables) == Value(true));
  for (const std::string& text :
       {"list == list" + repeated("&& list == list", 100), "-1 in list" + repeated("|| -1 in list", 100),
        "[list" + repeated(",list", 100) + "]", "size(text)" + repeated("+size(text)", 1000),
        "text.contains('b')" + repeated("||text.contains('b')", 700),
        "text.matches('b')" + repeated("||text.matches('b+' + '')", 600),
        "text == text" + repeated("&&text==text", 1000), "false" + repeated("||text < text", 1000)}) {
    CAPTURE(text.substr(0, 40));
    rb::Error error;
    const auto time = cpu_time([&] { error = error_of(text, variables); });
    CHECK(error.code == rb::errc::limit_exceeded);
    CHECK(error.diagnostics.at(0).message ==
          "the evaluation costs more than the 1000000 units of work that are allowed");
    CHECK(time < std::chrono::seconds{5}); // it is tenths of a second
  }
}

TEST_CASE("expression limits: a limit is an error that no operator forgives") {
  const Values variables{{"text", std::string(1'000'000, 'a')}};
  const std::string costly = "text == text" + repeated("&& text == text", 100);
  CHECK(error_of("(" + costly + ") || true", variables).code == rb::errc::limit_exceeded);
  CHECK(error_of("!(" + costly + ") && false", variables).code == rb::errc::limit_exceeded);
  CHECK(error_of("size(text + text) > 0 || true", variables).code == rb::errc::limit_exceeded);
  CHECK(evaluated("true || " + costly, variables) == Value(true)); // not evaluated at all
}

TEST_CASE("expression limits: what an evaluation makes has a size") {
  const Values variables{{"text", std::string(Expression::max_string / 2, 'a')},
                         {"list", boost::json::array(Expression::max_elements / 2)}};
  CHECK(evaluated("size(text + text)", variables) == Value(Expression::max_string));
  CHECK(evaluated("size(list + list)", variables) == Value(Expression::max_elements));
  const auto too_long = error_of("text + text + 'a'", variables);
  CHECK(too_long.code == rb::errc::limit_exceeded);
  CHECK(too_long.diagnostics.at(0).message == "this makes a value of more than 1048576 bytes");
  CHECK(error_of("list + list + [1]", variables).code == rb::errc::limit_exceeded);
}

TEST_CASE("expression limits: a value that is nested without end is neither compared nor copied") {
  Value deep = 1;
  for (int i = 0; i < 1000; ++i) deep = boost::json::array{std::move(deep)};
  const Values variables{{"deep", deep}};
  CHECK(error_of("deep == deep", variables).code == rb::errc::limit_exceeded);
  CHECK(error_of("[deep]", variables).code == rb::errc::limit_exceeded);
  CHECK(evaluated("size(deep)", variables) == Value(1));
}

TEST_CASE("expression limits: no pattern takes exponential time or much memory") {
  const Values variables{{"text", std::string(50'000, 'a')}, {"repeat", "{1000}"}};
  for (const std::string_view text : {"text.matches('(a+)+$')", "text.matches('(a|a)*b')",
                                      "text.matches('(a*)*(a*)*(a*)*b')", "text.matches('^(a?){1000}a{1000}b$')",
                                      "text.matches('(x+x+)+y' + '')", "text.matches('(.*)(.*)(.*)(.*)[^a]')"}) {
    CAPTURE(text);
    rb::Result<Value> result = Value();
    const auto time = cpu_time([&] { result = Expression::parse(text).value().evaluate(variables); });
    CHECK(time < std::chrono::seconds{5});
    CHECK((result ? result->is_bool() : result.error().code == rb::errc::limit_exceeded));
  }
  CHECK(error_of("text.matches('((((a{100}){100}){100}){100})')").code == rb::errc::invalid_document);
  CHECK(error_of("text.matches('((a{100}){10}\\\\pL{1000}){10}' + repeat)", variables).code == rb::errc::invalid_input);
  CHECK(evaluated("'a'.matches('" + std::string(1022, '.') + ".*')") == Value(false));
  CHECK(error_of("'a'.matches('" + std::string(1023, '.') + ".*')").code == rb::errc::invalid_document);
  const std::string many = "'a'.matches('a')" + repeated("&&'a'.matches('a')", Expression::max_patterns - 1);
  CHECK(evaluated(many) == Value(true));
  CHECK(error_of(many + "&&'a'.matches('b')").code == rb::errc::limit_exceeded);
  CHECK(error_of("false" + repeated("||'a'.matches('b'+x)", 700), {{"x", "c"}}).code == rb::errc::limit_exceeded);
}

TEST_CASE("expression limits: one expression is evaluated by many threads at the same time") {
  const Expression expression =
      Expression::parse("n % 2 == 0 && ('x' + string(n)).matches('^x[0-9]+$') || n in [1, 3] || unknown").value();
  std::atomic<int> wrong = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, copy = expression] {
      for (int n = 0; n < 500; ++n) {
        const auto result = (n % 3 == 0 ? expression : copy).test({{"n", n}});
        const bool known = n % 2 == 0 || n == 1 || n == 3;
        if (result.has_value() != known || (known && !*result)) ++wrong;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == 0);
}

TEST_CASE("expression limits: no text does harm and every error has a place in it") {
  static constexpr std::string_view pieces[] = {
      "a",    "b.c",        "1",       "-1", "2.5", "'x'", "\"y\"", "r'\\'", "null",
      "true", "false",      "in",      "(",  ")",   "[",   "]",     "{",     "}",
      ".",    ",",          "?",       ":",  "+",   "-",   "*",     "/",     "%",
      "!",    "==",         "!=",      "<",  "<=",  ">=",  "&&",    "||",    " ",
      "\n",   "//",         "'",       "\"", "'''", "\\",  "size(", "has(",  ".size()",
      "int(", ".matches('", "string(", "0x", "e5",  "ä",   "\xff",  "\x01",  "9223372036854775807",
      "=",    "&",          "u",       "b'", "for"};
  std::mt19937 random(5);
  const Values variables{{"a", {{"x", 1}, {"size", {1, 2}}}}, {"b", {{"c", "text"}}}};
  std::size_t valid = 0;
  for (int i = 0; i < 60'000; ++i) {
    std::string text;
    for (auto count = 1 + random() % 9; count > 0; --count) text += pieces[random() % std::size(pieces)];
    CAPTURE(text);
    const auto expression = Expression::parse(text);
    const auto value = expression ? expression->evaluate(variables) : rb::Result<Value>(expression.error());
    valid += expression.has_value() ? 1 : 0;
    if (value) {
      REQUIRE(expression->evaluate(variables).has_value()); // and once more
      continue;
    }
    REQUIRE(value.error().diagnostics.size() == 1);
    const auto span = value.error().diagnostics.front().span;
    REQUIRE(span.line >= 1);
    REQUIRE(span.column >= 1);
    REQUIRE(span.column <= text.size() + 1);
    REQUIRE((span.end_line > span.line || span.end_column >= span.column));
  }
  CHECK(valid > 1000);
}
