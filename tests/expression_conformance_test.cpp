// The cases of the CEL specification's own conformance tests (cel-spec, tests/simple/testdata) that concern the parts
// this language has, in our form: an expression and its value as JSON. Where the language differs on purpose, the case
// stands in expression_test.cpp with what it gives here.
#include "support/expressions.hpp"

#include <cmath>
#include <limits>
#include <span>

using runbook::Value;
using runbook::Values;
using runbook_test::error_of;
using runbook_test::evaluated;

namespace {

struct Case {
  std::string_view expression;
  std::string_view value; ///< as JSON
};

void check_all(std::span<const Case> cases, const Values& variables = {}) {
  for (const Case& each : cases) {
    CAPTURE(each.expression);
    const Value value = evaluated(each.expression, variables);
    const Value wanted = runbook::parse_json(each.value).value();
    CHECK(value == wanted);
    CHECK(value.kind() == wanted.kind());
  }
}

void check_errors(std::span<const std::string_view> expressions, const Values& variables = {}) {
  for (const std::string_view text : expressions) {
    CAPTURE(text);
    const auto error = error_of(text, variables);
    CHECK((error.code == runbook::errc::invalid_input || error.code == runbook::errc::invalid_document));
  }
}

} // namespace

TEST_CASE("expression conformance: basic") {
  static constexpr Case cases[] = {
      {"0", "0"},
      {"0.0", "0.0"},
      {"0e+0", "0.0"},
      {"''", R"("")"},
      {R"("")", R"("")"},
      {R"(r"")", R"("")"},
      {R"(r"""""")", R"("")"},
      {"r''''''", R"("")"},
      {"false", "false"},
      {"null", "null"},
      {"[]", "[]"},
      {"{}", "{}"},
      {"42", "42"},
      {"-9223372036854775808", "-9223372036854775808"},
      {"9223372036854775807", "9223372036854775807"},
      {"-2.3e+1", "-23.0"},
      {R"("!")", R"("!")"},
      {R"('\'')", R"("'")"},
      {"[-1]", "[-1]"},
      {R"({"k":"v"})", R"({"k":"v"})"},
      {"true", "true"},
      {"0x55555555", "1431655765"},
      {"-0x55555555", "-1431655765"},
      {R"("\u270c")", R"("✌")"},
      {R"("\U0001f431")", R"("🐱")"},
      {R"("\a\b\f\n\r\t\v\"\'\\")", R"("\u0007\b\f\n\r\t\u000b\"'\\")"},
      {"x", "123"},
      {"x || true", "true"},
      {"unbound || true", "true"},
      {"1 + 1", "2"},
  };
  check_all(cases, {{"x", 123}});
  check_errors(std::vector<std::string_view>{"unbound", "f_unknown(17)"});
}

TEST_CASE("expression conformance: constants are not shadowed by variables") {
  const Values variables{{"true", false}, {"false", true}, {"null", 1}};
  static constexpr Case cases[] = {{"true", "true"}, {"false", "false"}, {"null", "null"}};
  check_all(cases, variables);
}

TEST_CASE("expression conformance: logic") {
  static constexpr Case cases[] = {
      {"true ? 1 : 2", "1"},
      {"false ? 'foo' : 'bar'", R"("bar")"},
      {"true ? 'cows' : 17", R"("cows")"},
      {"true && true", "true"},
      {"false && false", "false"},
      {"false && true", "false"},
      {"true && false", "false"},
      {"false && 32", "false"},
      {"'horses' && false", "false"},
      {"false && (2 / 0 > 3 ? false : true)", "false"},
      {"(2 / 0 > 3 ? false : true) && false", "false"},
      {"true || true", "true"},
      {"false || false", "false"},
      {"false || true", "true"},
      {"true || false", "true"},
      {"true || 32", "true"},
      {"'horses' || true", "true"},
      {"true || (2 / 0 > 3 ? false : true)", "true"},
      {"(2 / 0 > 3 ? false : true) || true", "true"},
      {"!true", "false"},
      {"!false", "true"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{"2 / 0 > 4 ? 'baz' : 'quux'", "'cows' ? false : 17", "true && 1/0 != 0",
                                             "1/0 != 0 && true", "'less filling' && 'tastes great'",
                                             "false || 1/0 != 0", "1/0 != 0 || false",
                                             "'less filling' || 'tastes great'", "!0"});
}

TEST_CASE("expression conformance: equality") {
  static constexpr Case cases[] = {
      {"1 == 1", "true"},
      {"-1 == 1", "false"},
      {"1 == 1.0", "true"},
      {"2 == 1.0", "false"},
      {"1.0 == 1.0e+0", "true"},
      {"-1.0 == 1.0", "false"},
      {"0.0/0.0 == 0.0/0.0", "false"},
      {"0.0/0.0 != 0.0/0.0", "true"},
      {"1 == 0.0/0.0", "false"},
      {"1.0 == 1", "true"},
      {"'' == \"\"", "true"},
      {"'a' == 'b'", "false"},
      {"'abc' == r'abc'", "true"},
      {"'abc' == 'ABC'", "false"},
      {"'ίσος' == 'ίσος'", "true"},
      {"'a' == 'à'", "false"},
      {R"('Am\u00E9lie' == 'Ame\u0301lie')", "false"},
      {"null == null", "true"},
      {"true == true", "true"},
      {"false == true", "false"},
      {"[] == []", "true"},
      {"[null] == [null]", "true"},
      {"['1', '2', null] == ['1', '2', '3']", "false"},
      {"[1, 2, 3] == [1, 2, 3]", "true"},
      {"[1.0, 2.0, 3] == [1, 2, 3.0]", "true"},
      {"[1.0, 2.1] == [1, 2]", "false"},
      {"[1, 2, 3] == [1, 3, 2]", "false"},
      {"['case'] == ['cAse']", "false"},
      {"['one'] == [2, 3]", "false"},
      {"[1, 'dos', 3] == [1, 2, 4]", "false"},
      {"{} == {}", "true"},
      {"{'k': null} == {'k': null}", "true"},
      {"{'k': 1, 'j': 2} == {'k': 1, 'j': null}", "false"},
      {"{'k':'v'} == {\"k\":\"v\"}", "true"},
      {"{'k':1.0} == {'k':1e+0}", "true"},
      {"{'a': 1.0, 'b': 3} == {'a': 1, 'b': 3.0}", "true"},
      {"{'k':'v'} == {'k':'v1'}", "false"},
      {"{'k':'v','k1':'v1'} == {'k':'v'}", "false"},
      {"{'k1':'v1','k2':'v2'} == {'k2':'v2','k1':'v1'}", "true"},
      {"{'key':'value'} == {'Key':'value'}", "false"},
      {"false == null", "false"},
      {"2.1 == null", "false"},
      {"1 == null", "false"},
      {"[] == null", "false"},
      {"{} == null", "false"},
      {"'' == null", "false"},
      {"'1' == 1", "false"},
      {"[1, 2, null] == [1, null, 3]", "false"},
      {"24 != 42", "true"},
      {"1 != 1", "false"},
      {"9.0e+3 != 9001.0", "true"},
      {"'abc' != ''", "true"},
      {"null != null", "false"},
      {"[] != [1]", "true"},
      {"[[]] != [[]]", "false"},
      {"{'k':true} != {'k1':true}", "true"},
      {"{'a':'b','c':'d'} != {'c':'d','a':'b'}", "false"},
  };
  check_all(cases);
}

TEST_CASE("expression conformance: order") {
  static constexpr Case cases[] = {
      {"-1 < 0", "true"},
      {"0 < 0", "false"},
      {"1.0 < 1.0000001", "true"},
      {"-0.0 < 0.0", "false"},
      {"'a' < 'b'", "true"},
      {"'Abc' < 'aBC'", "true"},
      {"'abc' < 'abcd'", "true"},
      {"'a' < 'á'", "true"},
      {"'' < ''", "false"},
      {"'a' < 'AB'", "false"},
      {"false < true", "true"},
      {"true < true", "false"},
      {"1 < 1.1", "true"},
      {"1 < 1.0", "false"},
      {"9007199254740993 > 9007199254740992.0", "true"},
      {"9223372036854775807 < 9223372036854775808.0", "true"},
      {"-9223372036854775808 == -9223372036854775808.0", "true"},
      {"1 > 0.0/0.0", "false"},
      {"1 <= 0.0/0.0", "false"},
      {"42 > -42", "true"},
      {"1e+1 > 1e+0", "true"},
      {".99 > 9.9e-1", "false"},
      {"'abc' > 'aBc'", "true"},
      {"'A' > ''", "true"},
      {"true > false", "true"},
      {"0 <= -1", "false"},
      {"0 <= 0", "true"},
      {"1.0 <= 1", "true"},
      {"'a' <= 'b'", "true"},
      {"false <= true", "true"},
      {"42 >= -42", "true"},
      {"-1.5 >= -1", "false"},
      {"'abc' >= 'abd'", "false"},
      {"true >= true", "true"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{"[0] < [1]", "{'a':0} < {'b':1}", "null < null", "null > null",
                                             "[1] > [0]", "0 <= null", "'1' >= 1", "true < 1"});
}

TEST_CASE("expression conformance: arithmetic of ints") {
  static constexpr Case cases[] = {
      {"40 + 2", "42"},
      {"42 + (-7)", "35"},
      {"-4 + (-2)", "-6"},
      {"42 - (-22)", "64"},
      {"-42 - (-12)", "-30"},
      {"40 * (-2)", "-80"},
      {"-30 * (-2)", "60"},
      {"-20 / 2", "-10"},
      {"-80 / (-2)", "40"},
      {"7 / 2", "3"},
      {"-7 / 2", "-3"},
      {"47 % 5", "2"},
      {"43 % (-5)", "3"},
      {"-42 % (-5)", "-2"},
      {"-3 % 5", "-3"},
      {"-(-42)", "42"},
      {"-(0)", "0"},
      {"15 * 0", "0"},
      {"75 + 15 == 15 + 75", "true"},
      {"5 * (15 + 25)  == 5 * 15 + 5 * 25", "true"},
      {"2 + 3 * 4 - 6 / 2", "11"},
      {"100 - 10 - 1", "89"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{
      "9223372036854775807 + 1", "-9223372036854775808 - 1", "-9223372036854775808 + (-1)",
      "1 - (-9223372036854775807)", "-(-9223372036854775808)", "(-9223372036854775808) * -1",
      "(-9223372036854775808)/-1", "(-9223372036854775808) % -1", "5000000000 * 5000000000",
      "(-5000000000) * 5000000000", "34 % 0", "15 / 0", "-false", "1 + 1.0", "1.0 * 2", "'a' - 'a'"});
}

TEST_CASE("expression conformance: arithmetic of doubles") {
  static constexpr Case cases[] = {
      {"4.25 + 15.25", "19.5"}, {"17.75 + (-7.75)", "10.0"}, {"42.875 - (-22.0)", "64.875"},
      {"-3.0 * (-2.5)", "7.5"}, {"0.0625 / 0.002", "31.25"}, {"-8.875 / (-0.0625)", "142.0"},
      {"-(4.5)", "-4.5"},       {"15.36 * 0.0", "0.0"},      {"7.5 + 1.5 == 1.5 + 7.5", "true"},
      {"1e-400", "0.0"},        {"1e-324 / 2.0", "0.0"},
  };
  check_all(cases);
  constexpr double infinity = std::numeric_limits<double>::infinity();
  CHECK(evaluated("2.0 * 8.988466e+307").get_double() == infinity);
  CHECK(evaluated("2.0 * -8.988466e+307").get_double() == -infinity);
  CHECK(evaluated("15.75 / 0.0").get_double() == infinity);
  CHECK(std::isnan(evaluated("0.0 / 0.0").get_double()));
  check_errors(std::vector<std::string_view>{"47.5 % 5.5", "1e400"});
}

TEST_CASE("expression conformance: strings") {
  static constexpr Case cases[] = {
      {"size('')", "0"},
      {"size('ÿ')", "1"},
      {"size('πέντε')", "5"},
      {"'πέντε'.size()", "5"},
      {"'foobar'.startsWith('foo')", "true"},
      {"'foobar'.startsWith('bar')", "false"},
      {"''.startsWith('foo')", "false"},
      {"'foobar'.startsWith('')", "true"},
      {"''.startsWith('')", "true"},
      {"'завтра'.startsWith('за')", "true"},
      {"'🐱😀😛'.startsWith('🐱')", "true"},
      {"'foobar'.endsWith('bar')", "true"},
      {"'foobar'.endsWith('foo')", "false"},
      {"''.endsWith('foo')", "false"},
      {"'foobar'.endsWith('')", "true"},
      {"'forté'.endsWith('té')", "true"},
      {"'hubba'.matches('ubb')", "true"},
      {"''.matches('foo|bar')", "false"},
      {"'cows'.matches('')", "true"},
      {"''.matches('')", "true"},
      {"'abcd'.matches('bc')", "true"},
      {"'grey'.matches('gr(a|e)y')", "true"},
      {"'banana'.matches('ba(na)*')", "true"},
      {"'mañana'.matches('a+ñ+a+')", "true"},
      {"'🐱😀😀'.matches('(a|😀){2}')", "true"},
      {"matches('hubba', '^h.*a$')", "true"},
      {"'he' + 'llo'", R"("hello")"},
      {"'hello' + ' ' == 'hello'", "false"},
      {"'' + 'abc'", R"("abc")"},
      {"'abc' + ''", R"("abc")"},
      {"'a' + 'ÿ' + '🐱'", R"("aÿ🐱")"},
      {"'hello'.contains('he')", "true"},
      {"'hello'.contains('')", "true"},
      {"'hello'.contains('ol')", "false"},
      {"'abababc'.contains('ababc')", "true"},
      {"'Straße'.contains('aß')", "true"},
      {"''.contains('something')", "false"},
      {"''.contains('')", "true"},
  };
  check_all(cases);
}

TEST_CASE("expression conformance: lists") {
  static constexpr Case cases[] = {
      {"[0, 1, 2] + [3, 4, 5] == [0, 1, 2, 3, 4, 5]", "true"},
      {"[0, 1, 2] + [3, 4, 5] == [3, 4, 5, 0, 1, 2]", "false"},
      {"[2] + [2]", "[2, 2]"},
      {"[] + []", "[]"},
      {"[] + [3, 4]", "[3, 4]"},
      {"[1, 2] + []", "[1, 2]"},
      {"[7, 8, 9][0]", "7"},
      {"[7, 8, 9][0.0]", "7"},
      {"[0, 1, 1, 2, 3, 5, 8, 13][4]", "3"},
      {"['George', 'John', 'Paul', 'Ringo'][3]", R"("Ringo")"},
      {"7 in []", "false"},
      {"'alpha' in ['alpha', 'beta', 'gamma']", "true"},
      {"3 in [5, 4, 3, 2, 1]", "true"},
      {"3.0 in [5, 4, 3, 2, 1]", "true"},
      {"3 in [5.0, 4.0, 3.0, 2.0, 1.0]", "true"},
      {"'hawaiian' in ['meat', 'veggie', 'margarita', 'cheese']", "false"},
      {"size([])", "0"},
      {"size([1, 2, 3])", "3"},
      {"size({})", "0"},
      {"size({'1': 'one', '2': 'two', '3': 'three'})", "3"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{"[1, 2, 3][3]", "[7, 8, 9][0.1]", "[1][-1]", "[1]['a']", "1 in 'text'"});
}

TEST_CASE("expression conformance: fields") {
  static constexpr Case cases[] = {
      {"{'name':100}['name']", "100"},
      {"x.name", "1024"},
      {"{'n':null}['n']", "null"},
      {R"({"map": {"k": "v"}, "list": [1]}["map"])", R"({"k": "v"})"},
      {"has({'a': 1, 'b': 2}.a)", "true"},
      {"has({'a': 1, 'b': 2}.c)", "false"},
      {"has({}.a)", "false"},
      {"7 in {}", "false"},
      {"'George' in {'John': 'smart', 'Paul': 'cute', 'George': 'quiet'}", "true"},
      {"'spider' in {'ant': 6, 'fly': 6, 'centipede': 100}", "false"},
  };
  const Values variables{{"x", {{"name", 1024}}}, {"list", {"pancakes"}}, {"number", 15}};
  check_all(cases, variables);
  check_errors(std::vector<std::string_view>{"list.pancakes", "number.pancakes", "{3.3:15.15, 1.0: 5}[1.0]",
                                             "{null:false}[null]", "{'a':1,'b':2,'a':3}['a']"},
               variables);
}

TEST_CASE("expression conformance: conversions") {
  static constexpr Case cases[] = {
      {"double(0)", "0.0"},
      {"double(-1000000000000000)", "-1e15"},
      {"double(9223372036854775807)", "9.223372036854775807e18"},
      {"double('0')", "0.0"},
      {"double('123')", "123.0"},
      {"double('-987.654')", "-987.654"},
      {"double('6.02214e23')", "6.02214e23"},
      {"double('-5.43e-21')", "-5.43e-21"},
      {"int(-123.456)", "-123"},
      {"int(1.9)", "1"},
      {"int(-7.9)", "-7"},
      {"int(11.5)", "11"},
      {"int(double(36028797018963969))", "36028797018963968"},
      {"int('987')", "987"},
      {"string(123)", R"("123")"},
      {"string(-456)", R"("-456")"},
      {"string(123.456)", R"("123.456")"},
      {"string(-4.5e-3)", R"("-0.0045")"},
      {"string('same')", R"("same")"},
      {"string(true)", R"("true")"},
      {"int(int(int(int(int(int(int(int(int(int(int(int(7))))))))))))", "7"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{
      "int(9223372036854775807.0)", "int(-9223372036854775808.0)", "int(1e99)", "int(18446744073709551615.0)",
      "int(0.0/0.0)", "int('9223372036854775808')", "int('')", "int('1.5')", "int('x1')", "int(true)", "int(null)",
      "double('')", "double('x')", "double(true)", "string(null)", "string([])", "string({})"});
}

TEST_CASE("expression conformance: parsing") {
  static constexpr Case cases[] = {
      {"a[a[a[a[a[a[a[a[a[a[a[a[0]]]]]]]]]]]]", "0"},
      {"size([[[[[[[[[[[[0]]]]]]]]]]]])", "1"},
      {"size({'0': {'0': {'0': {'0': {'0': {'0': {'0': {'0': {'0': {'0': {'0': {'0': 'foo'}}}}}}}}}}}})", "1"},
      {"((((((((((((((((((((((((((((((((7))))))))))))))))))))))))))))))))", "7"},
      {"true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : true ? true : false",
       "true"},
      {"!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!!true", "true"},
      {"--------------------------------19", "19"},
      {"[[[[[[[[[[[['foo']]]]]]]]]]]][0][0][0][0][0][0][0][0][0][0][0][0]", R"("foo")"},
      {"3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3 - 3 + 3", "3"},
      {"4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4 * 4 / 4", "4"},
      {"[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20][17]", "17"},
      {"1 // one\n + 2", "3"},
      {"// a comment\n1", "1"},
      {"1 // the end", "1"},
      {"\t1\f+\r\n 1 ", "2"},
      {"[1, 2,]", "[1, 2]"},
      {"{'a': 1,}", R"({"a": 1})"},
  };
  check_all(cases, {{"a", boost::json::array{0}}});
}

TEST_CASE("expression conformance: string literals") {
  static constexpr Case cases[] = {
      {"'hello'", R"("hello")"},
      {"'''hello'''", R"("hello")"},
      {R"("""hello""")", R"("hello")"},
      {R"(' \\ \? \" \' \` ')", R"(" \\ ? \" ' ` ")"},
      {R"(''' ? " ' ` ''')", R"(" ? \" ' ` ")"},
      {"'''x''x'''", R"("x''x")"},
      {R"("""a""b""")", R"("a\"\"b")"},
      {"''' \n '''", R"(" \n ")"},
      {"''' \r\n '''", R"(" \r\n ")"},
      {"' \x01 \x7F \t '", R"(" \u0001 \u007f \t ")"},
      {R"(' \000 \012 \177 \377 ')", R"(" \u0000 \n \u007f ÿ ")"},
      {R"(' \x00 \x0A \X7f ')", R"(" \u0000 \n \u007f ")"},
      {R"(' \u0000 \u000A \u0100 \uFFFB ')", R"(" \u0000 \n \u0100 \ufffb ")"},
      {R"(' \U00000100 \U00010000 \U0001F62C ')", R"(" \u0100 𐀀 😬 ")"},
      {R"(r' \\ \? \" \` \a \n \000 \x00 \u0000 ')", R"(" \\\\ \\? \\\" \\` \\a \\n \\000 \\x00 \\u0000 ")"},
      {R"(R"\d+\.")", R"("\\d+\\.")"},
      {R"(r'\')", R"("\\")"},
      {R"(r''' \' ''')", R"(" \\' ")"},
  };
  check_all(cases);
  check_errors(std::vector<std::string_view>{R"('\ud83d')", R"('\U00110000')", R"('\xZ0')", R"('\u12')", R"('\400')",
                                             R"('\09')", R"('\q')", "'a\nb'", "'a", "'''a''", "b'abc'", "rb'abc'"});
}
