// From fenced blocks to actions: languages, terminal sessions, requests.
#include "support/fences.hpp"

using namespace runbook;
using namespace runbook::testing;
using std::chrono::milliseconds;

namespace {

/// A document whose only step is one block.
std::string block(std::string_view info, std::string_view text) {
  return steps("1. A\n\n```" + std::string(info) + "\n").insert(0, "") + std::string(text) + "\n```\n";
}

} // namespace

TEST_CASE("fences: shells by language") {
  CHECK(param(action("sh", "x"), "shell") == "sh");
  CHECK(param(action("shell", "x"), "shell") == "sh");
  CHECK(param(action("Bash", "x"), "shell") == "bash");
  CHECK(param(action("zsh", "x"), "shell") == "zsh");
}

TEST_CASE("fences: other names of shells and sessions") {
  for (const char* info : {"BASH", "bash", " bash"}) CHECK_MESSAGE(param(action(info, "x"), "shell") == "bash", info);
  for (const char* info : {"SH", "shell script", "Shell Script", "shell-script", "dash", "ash"}) {
    CHECK_MESSAGE(param(action(info, "x"), "shell") == "sh", info);
  }
  for (const char* info : {"sh-session", "shellsession", "Console"}) {
    CHECK_MESSAGE(param(action(info, "$ x"), "script") == "x", info);
  }
  CHECK(param(action("bash-session", "$ x"), "shell") == "bash");
  CHECK(action("SQL", "select 1", {"Sql"}).handler == "Sql");
  CHECK(action("dash", "x", {"dash"}).handler == "dash");
}

TEST_CASE("fences: languages that may mean commands have a hint of their own") {
  const auto hint = [](std::string_view info, std::string_view text) {
    const Parsed p = parsed(info);
    return p.runbook.steps[0].actions[0].handler == "confirm" && count(p, "unknown-language") == 1 && finds(p, text);
  };
  CHECK(hint("terminal", "if these are commands, say sh, or console with '$ '"));
  for (const char* info : {"ksh", "fish"}) CHECK_MESSAGE(hint(info, "sh, bash and zsh are run"), info);
  for (const char* info : {"cmd", "powershell", "ps1", "PowerShell"})
    CHECK_MESSAGE(hint(info, "commands of Windows"), info);
  CHECK(hint("bash,linenos", "write a blank behind the language: ```bash {…}"));
  CHECK(hint("sh:deploy.sh", "write a blank behind the language: ```sh {…}"));
  CHECK(hint("yaml", "nothing has to be done if it is only to be read"));
}

TEST_CASE("fences: a script is kept byte for byte but for its last line end") {
  CHECK(param(action("sh", "  a\n\n\tb  \n"), "script") == "  a\n\n\tb  \n");
  CHECK(param(action("sh", "echo \"{{ x }}\" &amp; \\\\"), "script") == "echo \"{{ x }}\" &amp; \\\\");
}

TEST_CASE("fences: tildes and long marks are fences too") {
  const Runbook b = book(steps("### 1. A\n~~~~sh\n```\n~~~\n~~~~\n"));
  CHECK(param(b.steps[0].actions[0], "script") == "```\n~~~");
}

TEST_CASE("fences: a terminal session becomes commands and what they print") {
  const Action a = action("console", "$ ls\na\nb\n\n# whoami\nroot");
  CHECK(a.handler == "shell");
  CHECK(param(a, "script") == "ls\nwhoami");
  CHECK(param(a, "shell") == "sh");
  REQUIRE(a.expect.has_value());
  CHECK(a.expect->kind == Expectation::Kind::text);
  CHECK(a.expect->text == "a\nb\nroot");
}

TEST_CASE("fences: a command that shows nothing may print anything") {
  CHECK(action("console", "$ mkdir x\n$ cd x\n$ pwd\n/x\n$ date").expect->text == "...\n/x\n...");
  CHECK_FALSE(action("console", "$ mkdir x\n\n$ cd x").expect.has_value());
}

TEST_CASE("fences: commands of a session go on over lines") {
  CHECK(param(action("console", "$ for i in 1 2; do\n>   echo $i\n> done\n1\n2"), "script") ==
        "for i in 1 2; do\n  echo $i\ndone");
  CHECK(param(action("shell-session", "$ echo a \\\n    b\na b"), "script") == "echo a \\\n    b");
  CHECK(action("shell-session", "$ echo a \\\n    b\na b").expect->text == "a b");
  CHECK(param(action("console", "$ cat <<EOF\nx\n$ no prompt\nEOF\nx"), "script") == "cat <<EOF\nx\n$ no prompt\nEOF");
  CHECK(param(action("console", "$ echo \"a\nb\"\na\nb"), "script") == "echo \"a\nb\"");
}

TEST_CASE("fences: prompts are what terminals show") {
  for (const char* prompt : {"deploy@web-1:~$ ", "root@web-1:/etc# ", "[root@web-1 ~]# ", "deploy@web-1 ~/src $ ",
                             "bash-5.2$ ", "sh-4.4# ", "(venv) $ ", "(venv) deploy@web-1:~$ "}) {
    const std::string p = prompt;
    const Action a = action("console", p + "ls\na\n" + p + "pwd\n/x");
    CHECK_MESSAGE(param(a, "script") == "ls\npwd", prompt);
    CHECK(a.expect->text == "a\n/x");
    CHECK_MESSAGE(param(action("bash", p + "ls"), "script") == "ls", prompt);
  }
  CHECK(param(action("console", "% ls\na\n% pwd"), "script") == "ls\npwd");
}

TEST_CASE("fences: output that looks like another kind of prompt stays output") {
  CHECK(param(action("console", "$ who\nroot@x:~# not run\n% nor this\n$ b"), "script") == "who\nb");
  CHECK(param(action("console", "a@b:~$ x\n% y"), "script") == "x");
  for (const char* script : {"x=\"a@b $ c\"", "mail a@b # me", "echo a@b:~$ c", "(cd x) # y", "f() # y"}) {
    CHECK_MESSAGE(param(action("sh", script), "script") == script, script);
  }
}

TEST_CASE("fences: a hash in a session of another prompt is pointed out") {
  const Parsed p = parsed("console", "$ ls\n# then look");
  CHECK(finds(p, "book.md:8:1: warning: step 'a': '# ' is taken for the prompt of root, and the line is run"));
  CHECK(count(parsed("console", "# ls\n# id"), "unclear-prompt") == 0);
}

TEST_CASE("fences: sessions of Windows are refused") {
  for (const char* line : {"PS C:\\> dir", "C:\\Users\\x> dir"}) {
    CHECK_MESSAGE(finds(parsed("console", line), "a command of a Windows shell, which is not run"), line);
  }
}

TEST_CASE("fences: a prompt in a block of a shell makes it a session and a comment does not") {
  const Action a = action("bash", "$ echo hi\nhi");
  CHECK(param(a, "script") == "echo hi");
  CHECK(param(a, "shell") == "bash");
  CHECK(a.expect->text == "hi");
  CHECK(param(action("sh", "# whoami\nwhoami"), "script") == "# whoami\nwhoami");
}

TEST_CASE("fences: a comment between the prompts of a shell's block is neither a command nor output") {
  const Action a = action("bash", "# first\n$ a\n# then\n$ b\n\n# last");
  CHECK(param(a, "script") == "# first\na\n# then\nb\n# last");
  CHECK_FALSE(a.expect);
  const Action b = action("sh", "$ cat conf\nx = 1\n# y = 2\n\n# then\n$ c");
  CHECK(param(b, "script") == "cat conf\n# then\nc");
  CHECK(b.expect->text == "x = 1\n# y = 2\n...");
  CHECK(param(action("sh", "$ cat <<END\n# b\nEND"), "script") == "cat <<END\n# b\nEND");
}

TEST_CASE("fences: a hash that leads to the first dollar of a session is a comment and pointed out") {
  CHECK(param(action("console", "# first\n\n$ a\n# b"), "script") == "# first\na\n# b");
  CHECK(finds(parsed("console", "# first\n$ a"),
              "book.md:7:1: note: step 'a': '# ' is taken for the start of a comment"));
  CHECK(param(action("console", "# id\nroot\n$ a"), "script") == "id\na");
}

TEST_CASE("fences: a block without a language that starts with a prompt is a session") {
  const Action a = action("", "$ a\nout\n# no root");
  CHECK(param(a, "script") == "a");
  CHECK(param(a, "shell") == "sh");
  CHECK(a.expect->text == "out\n# no root");
  CHECK(count(parsed("", "# a"), "no-language") == 1);
  CHECK(count(parsed("text", "$ a"), "no-language") == 1);
  CHECK(book(steps("1. a\n   ```sh\n   b\n   ```\n   Expected:\n   ```\n   $ c\n   ```\n"))
            .steps[0]
            .actions[0]
            .expect->text == "$ c");
}

TEST_CASE("fences: a session without a prompt is an error at the line") {
  CHECK(finds(parsed("console", "ls\n$ ls"), "book.md:7:1: error: step 'a': a line in front of the first command"));
  CHECK(count(parsed("console", "ls"), "no-prompt") == 1);
}

TEST_CASE("fences: a request has method and URL and headers and body") {
  const Action a = action(
      "http",
      "# deploy\nPOST https://h:8/{{ a b }}?x=1 HTTP/1.1\nX-A: 1\nContent-Type: application/json\n\n{\"a\":\n 1}");
  CHECK(a.handler == "http");
  CHECK(param(a, "method") == "POST");
  CHECK(param(a, "url") == "https://h:8/{{ a b }}?x=1");
  CHECK(param(a, "headers") == R"({"X-A":"1","Content-Type":"application/json"})");
  CHECK(param(a, "body") == "{\"a\":\n 1}");
  const Action get = action("http", "http://h/\n  ?a=1\n  &b=2");
  CHECK(param(get, "method") == "GET");
  CHECK(param(get, "url") == "http://h/?a=1&b=2");
  CHECK(param(get, "headers") == "(none)");
  CHECK(param(get, "body") == "(none)");
}

TEST_CASE("fences: what is wrong with a request is an error at its line") {
  CHECK(action("http", "GET http://h/\n\n###\nGET http://i/").params["requests"].as_array().size() == 2);
  CHECK(parsed("http", "### first\nGET http://h/\n\n###\n").ok());
  CHECK(finds(parsed("http", "get http://h/"), "'get' is no method of HTTP; did you mean GET?"));
  CHECK(finds(parsed("http", "GET /path"), "'/path' is no absolute URL"));
  CHECK(finds(parsed("http", "GET http://h/a b"), "there is a blank in the URL"));
  CHECK(finds(parsed("http", "GET http://h/\nX-A 1"), "book.md:8:1: error: step 'a': this is no header"));
  CHECK(finds(parsed("http", "GET http://h/\nX-A: 1\nx-a: 2"), "the header 'x-a' is there twice"));
  CHECK(finds(parsed("http", "GET http://h/\n\n< ./body.json"), "a body from a file is not supported yet"));
  CHECK(finds(parsed("http", "@host = h\nGET http://h/"), "variables of the file are not supported yet"));
  CHECK(finds(parsed("http", "GET http://<host>/"), "'<host>' is a placeholder"));
  CHECK(finds(parsed("http", "HTTP/1.1 200 OK"), "this is a response and not a request"));
  CHECK(finds(parsed("http", "# only"), "the block holds no request"));
}

TEST_CASE("fences: a confirmation asks its text") {
  const Action a = action("confirm", "Is the lid closed?\n");
  CHECK(a.handler == "confirm");
  CHECK(param(a, "prompt") == "Is the lid closed?");
}

TEST_CASE("fences: a language that a handler claims is its action") {
  const Action a = action("sql {timeout=5s}", "select 1;\n", {"sql"});
  CHECK(a.handler == "sql");
  CHECK(param(a, "text") == "select 1;\n");
  CHECK(a.timeout == milliseconds(5000));
}

TEST_CASE("fences: another language is shown and a warning offers the nearest that runs") {
  const Parsed p = parsed("bsh");
  CHECK(finds(p, "book.md:6:1: warning: step 'a': a block of language 'bsh' is shown and not run; did you mean 'sh'?"));
  CHECK(p.runbook.steps[0].actions[0].handler == "confirm");
  CHECK(param(p.runbook.steps[0].actions[0], "prompt") == "A\n\n```bsh\ntrue\n```");
}

TEST_CASE("fences: a block without a language behind a command is offered as expected output") {
  const Parsed p = read(steps("1. A\n   ```sh\n   a\n   ```\n   ```\n   out\n   ```\n"));
  CHECK(p.ok());
  CHECK(finds(p, "book.md:9:4: note: step 'a': this block is shown; the output is not compared with it; if it is what "
                 "the command prints, put Expected:"));
  CHECK_FALSE(p.runbook.steps[0].actions[0].expect.has_value());
  CHECK(count(parsed(""), "no-language") == 1);
}

TEST_CASE("fences: code that is only indented is not run") {
  const Parsed p = read(steps("1. A\n\n       rm -rf /\n"));
  CHECK(finds(p, "book.md:7:8: note: step 'a': code that is only indented is shown and not run"));
}

TEST_CASE("fences: blocks in quotes are not run") {
  const Parsed p = read(steps("1. A\n\n   > ```sh\n   > ls\n   > ```\n"));
  CHECK(finds(p, "book.md:7:6: warning: step 'a': a block of language 'sh' is shown and not run: it is in a quote"));
}

TEST_CASE("fences: what looks like a block inside of HTML is reported") {
  CHECK(finds(read(steps("1. A\n\n<details>\n```sh\nls\n```\n</details>\n")),
              "book.md:8:1: warning: this looks like a block of code"));
}

TEST_CASE("fences: an empty block is an error") {
  CHECK(finds(parsed("sh", "  "), "book.md:6:1: error: step 'a': the block is empty"));
}

TEST_CASE("fences: characters that hide what is run are errors at their place") {
  CHECK(finds(parsed("sh", "echo \xE2\x80\xAE"
                           "cba"),
              "book.md:7:6: error: step 'a': the character U+202E, which changes the direction of text"));
  CHECK(finds(parsed("sh", "\xC3\xA4 \x1b[2K"), "book.md:7:3: error: step 'a': the control character U+001B"));
  CHECK(finds(parsed("http", "GET http://h/\xE2\x81\xA6"), "U+2066"));
  CHECK(finds(parsed("sh", "rm\xC2\xA0-rf x"), "book.md:7:3: warning: step 'a': the invisible character U+00A0"));
  CHECK(parsed("sh", "echo '\xF0\x9F\x9A\x80 \xD7\xA9\xD7\x9C'\tx").diagnostics.empty());
}

TEST_CASE("fences: what documents say reaches no terminal raw") {
  for (const Diagnostic& d : parsed("b\x1b[31mh").diagnostics) CHECK(to_string(d).find('\x1b') == std::string::npos);
}

TEST_CASE("fences: a block behind a list that is not indented is taken as the last item's") {
  CHECK(finds(read(block("sh", "true")), "[not-indented]"));
}

TEST_CASE("fences: a block that is not indented enough for its item is an error and no text") {
  // Below `10. ` and beyond an item's text starts one column further to the right than below `9. `.
  for (const char* mark : {"```", "~~~"}) {
    const std::string block = std::string("     ") + mark + "sh\n     true\n     " + mark + "\n";
    const Parsed p = read(steps("1000. A\n" + block));
    CHECK(finds(p, "book.md:6:6: error: this looks like a block, but it continues the paragraph above"));
    CHECK_FALSE(p.ok());
  }
  CHECK(read(steps("1000. A\n      ```sh\n      true\n      ```\n")).ok());
  CHECK(read(steps("1. A has\n       ```code``` in its text\n")).ok());
}
