// What the language adds to CEL, what it leaves out, and how it says what is wrong.
// tests/expression_conformance_test.cpp has what it shares with CEL.
#include "support/expressions.hpp"

#include <boost/json/monotonic_resource.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rb = runbook;
using rb::Expression;
using rb::Value;
using rb::Values;
using runbook_test::error_of;
using runbook_test::evaluated;
using runbook_test::failure;

namespace {

/// What a run's variables look like.
Values variables() {
  return rb::parse_json(R"({
    "inputs": {"env": "prod", "count": 3, "ratio": 0.5, "none": null, "list": [1, 2, {"a": "x"}]},
    "steps": {"check": {"exit_code": 0, "json": {"items": []}, "stdout": " 42\n"}, "drain-node": {"exit_code": 1}},
    "huge": 18446744073709551615
  })")
      .value()
      .as_object();
}

std::vector<std::vector<std::string>> paths(std::string_view text) {
  std::vector<std::vector<std::string>> found;
  const Expression expression = Expression::parse(text).value();
  for (const auto& reference : expression.references()) found.push_back(reference.path);
  return found;
}

bool is_true(std::string_view text) {
  const auto result = Expression::parse(text).value().test(variables());
  REQUIRE_MESSAGE(result.has_value(), to_string(result.error()));
  return *result;
}

struct Failure {
  std::string_view expression;
  std::string_view diagnostic;
};

} // namespace

TEST_CASE("expression: conditions as runbooks have them") {
  CHECK(is_true("inputs.env == 'prod' && steps.check.exit_code == 0"));
  CHECK(is_true("steps['drain-node'].exit_code in [1, 2]"));
  CHECK(is_true("int(steps.check.stdout) > 41 || inputs.env.startsWith('test')"));
  CHECK(is_true("!has(steps.check.json.missing) && size(steps.check.json.items) == 0"));
  CHECK(is_true("inputs.list[2].a == (inputs.count > 2 ? 'x' : 'y')"));
  CHECK(is_true("inputs.env.matches('^(prod|live)$')"));
  CHECK_FALSE(is_true("inputs.env in {'test': 1}"));
}

TEST_CASE("expression: what is not there is null and so is every member of null") {
  for (const std::string_view text : {"inputs.missing", "inputs['missing']", "inputs.missing.deep['er'].still[0]",
                                      "inputs.none.x", "{'a': 1}.b", "steps.nothing.json.ok", "null.a"}) {
    CAPTURE(text);
    CHECK(evaluated(text, variables()).is_null());
  }
  CHECK(is_true("inputs.missing == null"));
  CHECK(is_true("inputs.missing != 'prod'"));
  CHECK_FALSE(is_true("inputs.missing == 'prod'"));
  CHECK_FALSE(is_true("has(inputs.missing.deep.er)"));
  CHECK(is_true("has(inputs.none)")); // it is there, and null
  CHECK_FALSE(is_true("has(inputs.none.x)"));
}

TEST_CASE("expression: null is never calculated with and never ordered and the error names the path") {
  static constexpr Failure failures[] = {
      {"steps.check.json.n > 3",
       "1:1: error: 'steps.check.json.n' is null, but '>' compares two numbers, two strings or "
       "two bools; guard it with has(), or compare it with null [expression-failed]"},
      {"3 <= inputs.none",
       "1:6: error: 'inputs.none' is null, but '<=' compares two numbers, two strings or two bools; "
       "guard it with has(), or compare it with null [expression-failed]"},
      {"1 + inputs.missing.x",
       "1:5: error: 'inputs.missing.x' is null, but '+' takes two ints, two doubles, two strings "
       "or two lists; guard it with has(), or compare it with null [expression-failed]"},
      {"-inputs.none", "1:2: error: 'inputs.none' is null, but '-' takes a number; guard it with has(), or compare it "
                       "with null [expression-failed]"},
      {"inputs.none && true",
       "1:1: error: 'inputs.none' is null, but '&&' joins bools; guard it with has(), or compare "
       "it with null [expression-failed]"},
      {"size(inputs.none)", "1:6: error: 'inputs.none' is null, but size() takes a string, a list or a map; guard it "
                            "with has(), or compare it with null [expression-failed]"},
  };
  for (const auto& each : failures) {
    CAPTURE(each.expression);
    CHECK(failure(each.expression, variables()) == each.diagnostic);
  }
  for (const std::string_view text : {"inputs.none * 2", "inputs.none % 2", "!inputs.none", "inputs.none ? 1 : 2",
                                      "'a' in inputs.none", "inputs.none.contains('a')", "int(inputs.none)"}) {
    CAPTURE(text);
    CHECK(failure(text, variables()).find("'inputs.none' is null") != std::string::npos);
  }
  CHECK_FALSE(is_true("has(steps.check.json.n) && steps.check.json.n > 3"));
}

TEST_CASE("expression: an unknown variable and a member of what has none are errors") {
  static constexpr Failure failures[] = {
      {"1 == 1 && input.env == 'prod'",
       "1:11: error: there is no variable 'input'; did you mean 'inputs'? [expression-failed]"},
      {"inputs.env == prod",
       "1:15: error: there is no variable 'prod'; a string is quoted: 'prod' [expression-failed]"},
      {"steps.drain-node.exit_code == 0", "1:13: error: there is no variable 'node'; a member whose name has a '-' is "
                                          "written in brackets: a['b-c'] [expression-failed]"},
      {"inputs.env.x", "1:1: error: 'inputs.env' is a string and has no members [expression-failed]"},
      {"has(inputs.env.x)", "1:5: error: 'inputs.env' is a string and has no members [expression-failed]"},
      {"inputs.count[0]", "1:1: error: 'inputs.count' is an int and has no elements [expression-failed]"},
      {"inputs[1]", "1:8: error: '1' is an int, but the keys of a map are strings [expression-failed]"},
      {"inputs.list[3]",
       "1:13: error: 'inputs.list' is a list of 3 elements; it has none with this index; the first has "
       "the index 0; size() says how many there are [expression-failed]"},
      {"{1: 2}", "1:2: error: '1' is an int, but the keys of a map are strings [expression-failed]"},
  };
  for (const auto& each : failures) {
    CAPTURE(each.expression);
    CHECK(failure(each.expression, variables()) == each.diagnostic);
    CHECK(error_of(each.expression, variables()).code == rb::errc::invalid_input);
  }
}

TEST_CASE("expression: types that do not fit are both named") {
  static constexpr Failure failures[] = {
      {"inputs.count + 1.0", "1:1: error: 'inputs.count' is an int and '1.0' is a double, but '+' takes two ints, two "
                             "doubles, two strings or two lists; numbers are not converted by themselves: write 1.0 "
                             "instead of 1, or use double() or int() [expression-failed]"},
      {"'n=' + inputs.count", "1:1: error: 'n=' is a string and 'inputs.count' is an int, but '+' takes two ints, two "
                              "doubles, two strings or two lists; string() makes a string of a value "
                              "[expression-failed]"},
      {"steps.check.stdout > 3", "1:1: error: 'steps.check.stdout' is a string and '3' is an int, but '>' compares two "
                                 "numbers, two strings or two bools; int() and double() make a number of a string "
                                 "[expression-failed]"},
      {"inputs.env ? 1 : 2", "1:1: error: 'inputs.env' is a string, but what is before '?' is a bool "
                             "[expression-failed]"},
      {"2 * (7 / (3 - 3))", "1:5: error: a division by zero [expression-failed]"},
      {"1 + huge",
       "1:1: error: the result is beyond the range of an int; a double has more range: write 1.0 instead of "
       "1 [expression-failed]"},
  };
  for (const auto& each : failures) {
    CAPTURE(each.expression);
    CHECK(failure(each.expression, variables()) == each.diagnostic);
  }
}

TEST_CASE("expression: an integer larger than the largest int is compared and shown") {
  CHECK(is_true("huge > 9223372036854775807 && huge == huge && huge < 18446744073709551616.0 && huge != -1"));
  CHECK(is_true("18446744073709549568.0 < huge && string(huge) == '18446744073709551615'"));
  CHECK(evaluated("huge", variables()) == Value(std::uint64_t{18446744073709551615U}));
  CHECK(evaluated("x + 1", {{"x", std::uint64_t{41}}}) == Value(42)); // JSON numbers are ints, whatever their C++ type
  CHECK(failure("int(huge)", variables()).find("beyond the range") != std::string::npos);
}

TEST_CASE("expression: int() and double() read what programs print") {
  CHECK(evaluated("int(' 42\\n')") == Value(42));
  CHECK(evaluated("int('+7')") == Value(7));
  CHECK(evaluated("double('.5')") == Value(0.5));
  CHECK(evaluated("double('1e-999')") == Value(0.0));
  CHECK(evaluated("string(1e300 * 1e300) + string(-1e300 * 1e300) + string(0.0 / 0.0)") == Value("+Inf-InfNaN"));
  for (const std::string_view text : {"int('4 2')", "int('0x10')", "int('--1')", "int('+-1')", "double('1,5')"}) {
    CAPTURE(text);
    CHECK_FALSE(failure(text).empty());
  }
}

TEST_CASE("expression: && and || do not care about errors of an operand that does not decide") {
  CHECK(evaluated("unknown || true") == Value(true));
  CHECK(evaluated("true || unknown") == Value(true));
  CHECK(evaluated("1/0 == 1 && 'x' && false") == Value(false));
  CHECK(evaluated("unknown || 3 || 1/0 == 1 || true") == Value(true));
  CHECK(failure("false || 1/0 == 1 || unknown").find("1:10: error: a division by zero") == 0); // the first one is told
  CHECK(failure("unknwon || 1/0 == 1", {{"unknown", 1}}).find("did you mean 'unknown'?") != std::string::npos);
  CHECK(failure("(unknwon && true) || 'x'", {{"unknown", 1}}).find("did you mean 'unknown'?") != std::string::npos);
}

TEST_CASE("expression: a condition is true or false and nothing else") {
  const auto error = Expression::parse("inputs.env").value().test(variables()).error();
  CHECK(error.code == rb::errc::invalid_input);
  CHECK(to_string(error) ==
        "the expression 'inputs.env' is neither true nor false\n1:1: error: 'inputs.env' is a string; a "
        "condition is true or false: compare it with something [expression-failed]");
  for (const std::string_view text : {"null", "0", "1", "''", "'true'", "[]", "{}", "inputs.missing"}) {
    CAPTURE(text);
    CHECK_FALSE(Expression::parse(text).value().test(variables()).has_value());
  }
}

TEST_CASE("expression: what cannot be read is an error with its place and what to do") {
  static constexpr Failure failures[] = {
      {"", "1:1: error: there is no expression [invalid-expression]"},
      {"a = 1", "1:3: error: '=' has no place here; did you mean '=='? [invalid-expression]"},
      {"a === 1", "1:5: error: '=' has no place here; equality is asked with '==' [invalid-expression]"},
      {"a & b", "1:3: error: '&' has no place here; did you mean '&&'? [invalid-expression]"},
      {"a and b", "1:3: error: 'and' stands where an operator or the end is expected; did you mean '&&'? "
                  "[invalid-expression]"},
      {"not a", "1:5: error: 'a' stands where an operator or the end is expected; did you mean '!'? "
                "[invalid-expression]"},
      {"a <> b", "1:4: error: '>' stands where a value is expected; did you mean '!='? [invalid-expression]"},
      {"'ä' == ‘b’", "1:8: error: '‘' has no place here; strings are quoted with ' or \" [invalid-expression]"},
      {"'ä' == 'b", "1:8: error: this string does not end; close it with ' [invalid-expression]"},
      {"a ==\n  'x' 'y'", "2:7: error: ''y'' stands where an operator or the end is expected [invalid-expression]"},
      {"a\u00a0== 1", "1:2: error: the character U+00A0 has no place here; it looks like a blank; replace it by one "
                      "[invalid-expression]"},
      {"(a", "1:3: error: the expression ends where ')' after what '(' begins is missing [invalid-expression]"},
      {"a ? b", "1:6: error: the expression ends where ':' after the value before it is missing [invalid-expression]"},
      {"a ? b ? 1 : 2 : 3",
       "1:7: error: '?' stands where ':' after the value before it is expected; put a condition that "
       "is inside another one into ( ) [invalid-expression]"},
      {"!-1", "1:2: error: '-' stands where a value is expected; put a value with a sign of its own into ( ) "
              "[invalid-expression]"},
      {"a.b.", "1:5: error: the expression ends where the name of a member is missing [invalid-expression]"},
      {"a.in", "1:3: error: 'in' is a word of the language; write ['in'] [invalid-expression]"},
      {"package", "1:1: error: 'package' is a reserved word [invalid-expression]"},
      {"5u", "1:1: error: unsigned integers are not part of this language; leave out the 'u' [invalid-expression]"},
      {"12abc", "1:1: error: '12abc' is neither a number nor a name [invalid-expression]"},
      {"9223372036854775808", "1:1: error: this integer is too large; integers have 64 bits; write 1.0 or 1e3 for a "
                              "double [invalid-expression]"},
      {R"('ä\u12')", "1:3: error: this escape needs 4 hexadecimal digits [invalid-expression]"},
      {"b'x'", "1:1: error: bytes are not part of this language; leave out the 'b': it has strings only "
               "[invalid-expression]"},
      {"a.startWith('p')", "1:3: error: there is no function startWith(); did you mean 'startsWith'? "
                           "[invalid-expression]"},
      {"contains(a, b)", "1:1: error: contains() is a method; write x.contains(y) [invalid-expression]"},
      {"a.int()", "1:3: error: int() is no method; write int(x) [invalid-expression]"},
      {"size(a, b)", "1:1: error: size() has the wrong number of arguments; write size(x) or x.size() "
                     "[invalid-expression]"},
      {"a.exists(x, x > 1)", "1:3: error: exists() is not part of this language [invalid-expression]"},
      {"has(a)", "1:1: error: has() asks for a member; write has(a.b), or 'b' in a [invalid-expression]"},
      {"has(a['b'])", "1:1: error: has() asks for a member; write has(a.b), or 'b' in a [invalid-expression]"},
      {"a.matches('(x')", "1:11: error: the pattern cannot be used: missing ): (x; patterns are those of RE2 "
                          "[invalid-expression]"},
      {"a{b: 1}", "1:2: error: '{' stands where an operator or the end is expected; messages are not part of this "
                  "language [invalid-expression]"},
      {"'a' + '\xff'", "1:8: error: there is a byte that is no UTF-8 [invalid-expression]"},
  };
  for (const auto& each : failures) {
    CAPTURE(each.expression);
    CHECK(failure(each.expression) == each.diagnostic);
    CHECK_FALSE(Expression::parse(each.expression).has_value());
    CHECK(error_of(each.expression).code == rb::errc::invalid_document);
  }
}

TEST_CASE("expression: words of the language are no variables and most of them may be members") {
  for (const std::string_view word : {"as", "break", "const", "continue", "else", "for", "function", "if", "import",
                                      "let", "loop", "package", "namespace", "return", "var", "void", "while"}) {
    CAPTURE(word);
    CHECK_FALSE(Expression::parse(word).has_value());
    CHECK(evaluated("a." + std::string(word), {{"a", {{word, 1}}}}) == Value(1));
  }
  for (const std::string_view word : {"true", "false", "null", "in"}) {
    CAPTURE(word);
    CHECK_FALSE(Expression::parse("a." + std::string(word)).has_value());
    CHECK(evaluated("a['" + std::string(word) + "']", {{"a", {{word, 1}}}}) == Value(1));
  }
  CHECK(evaluated("size(size) + has", {{"size", "abc"}, {"has", 1}}) ==
        Value(4)); // names of functions may be variables
}

TEST_CASE("expression: references are the paths that it reads") {
  using Paths = std::vector<std::vector<std::string>>;
  CHECK(paths("1 + 2").empty());
  CHECK(paths("inputs.env == 'a' || steps.check.exit_code == 0") ==
        Paths{{"inputs", "env"}, {"steps", "check", "exit_code"}});
  CHECK(paths("steps['drain-node'].json['a b'].c[0].d") == Paths{{"steps", "drain-node", "json", "a b", "c"}});
  CHECK(paths("steps[inputs.which].status") == Paths{{"steps"}, {"inputs", "which"}});
  CHECK(paths("a.b.size() + size(c) + {'k': d}.k + [e.f][0]") == Paths{{"a", "b"}, {"c"}, {"d"}, {"e", "f"}});
  CHECK(paths("(a).b + -a.c") == Paths{{"a", "b"}, {"a", "c"}});
  CHECK(paths("x ? y : (x ? z : x)") == Paths{{"x"}, {"y"}, {"x"}, {"z"}, {"x"}});

  const auto found = Expression::parse("'ä' == a.b &&\n has(c.d.e)").value().references();
  REQUIRE(found.size() == 2);
  CHECK(found[0] == Expression::Reference{{"a", "b"}, {1, 8, 1, 11}, false});
  CHECK(found[1] == Expression::Reference{{"c", "d", "e"}, {2, 6, 2, 11}, true});
}

TEST_CASE("expression: copies share what was read and are equal by their text") {
  const Expression first = Expression::parse(" a + 1 ").value();
  Expression second = Expression::parse("2").value();
  CHECK_FALSE(first == second);
  second = first;
  CHECK(first == second);
  CHECK(&first.text() == &second.text());
  CHECK(second.text() == " a + 1 ");
  CHECK(second.evaluate({{"a", 1}}).value() == Value(2));
}

TEST_CASE("expression: the variables are not changed and not needed once there is a value") {
  Value result;
  {
    boost::json::monotonic_resource memory;
    Values given(&memory);
    given["a"] = {{"list", {1, 2, {{"k", "v"}}}}};
    const Values before = given;
    result =
        Expression::parse("{'copy': a, 'first': a.list[2], 'sum': a.list + a.list}").value().evaluate(given).value();
    CHECK(given == before);
  }
  CHECK(result == rb::parse_json(R"({"copy": {"list": [1, 2, {"k": "v"}]}, "first": {"k": "v"},
                                     "sum": [1, 2, {"k": "v"}, 1, 2, {"k": "v"}]})")
                      .value());
}

TEST_CASE("expression: values made on the way lose nothing") {
  CHECK(evaluated("{'a': {'b': ['x', 'y']}}.a.b[1] + 'z'") == Value("yz"));
  CHECK(evaluated("([1] + [2] + [3])[2] + size(['a'] + ['b'])") == Value(5));
  CHECK(evaluated("{'a' + 'b': 1}.ab") == Value(1));
  CHECK(evaluated("(true ? {'a': [1]} : {})['a'][0]") == Value(1));
  CHECK(evaluated("s + s + s", {{"s", "ab"}}) == Value("ababab"));
}

TEST_CASE("expression: what an error shows cannot control a terminal") {
  const std::string text = failure("a.b\x1b[31m");
  CHECK(text.find('\x1b') == std::string::npos);
  const auto error = error_of("{'\x1b[31m': 1, '\x1b[31m': 2}");
  CHECK(to_string(error).find('\x1b') == std::string::npos);
  CHECK(error.diagnostics.front().message.find("twice") != std::string::npos);
}
