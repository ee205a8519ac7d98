// Placeholders: what a person was meant to fill in must not reach a shell.
#include "support/document.hpp"

#include "markdown/shell_text.hpp"

using namespace runbook;
using namespace runbook::testing;
using namespace runbook::markdown;

namespace {

std::string names(std::string_view script) {
  std::string out;
  for (const Placeholder& p : find_placeholders(script)) out += '<' + p.name + '>';
  return out;
}

bool goes_on(std::string_view text) {
  ShellScanner scanner;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    scanner.read(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scanner.goes_on();
}

} // namespace

TEST_CASE("placeholders: names in angle brackets are found") {
  CHECK(names("oc get pod <pod-name>") == "<pod-name>");
  CHECK(names("curl http://<host>:8080/<path.to/x>") == "<host><path.to/x>");
  CHECK(names("a <your pod name> b <A_B> <x>") == "<your pod name><A_B><x>");
  CHECK(names("a <\xD0\xB8\xD0\xBC\xD1\x8F>") == "<\xD0\xB8\xD0\xBC\xD1\x8F>");
  CHECK(names("echo \"$(oc get <pod>)\" `x <y>`") == "<pod><y>");
  CHECK(names("a <x>\nb <x> <y>") == "<x><y>");
  CHECK(names("sort <in>out") == "<in>");
}

TEST_CASE("placeholders: redirections and comparisons are none") {
  for (const char* script :
       {"sort < in > out", "sort <in >out", "sort <in 2>err", "sort <in 2>&1", "cat <<EOF >out\n<x>\nEOF",
        "cat <<-'E'\n\t<x>\n\tE\n", "diff <(ls a) <(ls b)", "cat <<< \"$x\" >y", "exec 3<>file", "exec <&3",
        "if [ $a -lt 3 ]; then :; fi", "cat <$f>$g", "echo $((1<x>2))", "read x <file", "a <1>b", "cmd <-x>"}) {
    CHECK_MESSAGE(names(script).empty(), script);
  }
}

TEST_CASE("placeholders: what is quoted or a comment is none") {
  for (const char* script :
       {"awk '$1<limit {print}' <data", "echo '<pod>'", "echo \"<pod>\"", "# use <pod>", "x # <pod>", "echo \\<pod>",
        "echo $'<it\\'s>'", "echo ${x:-<y>}", "cat <<A <<B\n<x>\nA\n<y>\nB"}) {
    CHECK_MESSAGE(names(script).empty(), script);
  }
  CHECK(names("echo it#s <pod>") == "<pod>");
  CHECK(names("cat <<E\n'\nE\nx <pod>") == "<pod>");
  CHECK(names("echo 'a\n' <pod>") == "<pod>");
  CHECK(names("echo \"a $(b \"c\") \" <pod>") == "<pod>");
  CHECK(names("echo $(( (1+2) )) <pod>") == "<pod>");
}

TEST_CASE("placeholders: a quoted word that only a person can mean is one that the shell takes as it stands") {
  for (const char* script : {"NS='<namespace label from alert>'", "aws x --id \"<rogue-policy-id>\"", "x=\"<SA_NAME>\"",
                             "a \"$(b '<my-pvc>')\""}) {
    const auto found = find_placeholders(script);
    REQUIRE_MESSAGE(found.size() == 1, script);
    CHECK(found[0].quoted);
  }
  for (const char* script :
       {"echo '<br>'", "grep '<none>'", "sed 's/<a-b>/x/'", "echo '<a href=\"x-y\">'", "echo '</my-tag>'", "x='<<a-b>'",
        "cat <<E\n'<a-b>'\nE", "# '<a-b>'", "echo \"a '<b-c>'\"", "awk '/<x-y>/'"}) {
    CHECK_MESSAGE(names(script).empty(), script);
  }
  CHECK(find_placeholders("a '<x-y>' '<x-y>' <x-y> <x-y>").size() == 2);
  const Parsed p = read(steps("1. A\n   ```sh\n   ns='<my ns>'\n   ```\n"));
  CHECK(p.ok());
  CHECK(finds(p,
              "book.md:7:8: warning: step 'a': '<my ns>' looks like a placeholder, and is taken as it stands; declare "
              "the input `my_ns`"));
}

TEST_CASE("placeholders: what documents in the wild write is told apart") {
  for (const char* script :
       {"cat <<EOF | oc apply -f -\nname: <pod-name>\nEOF", "diff <(oc get a) <(oc get b)", "wc -l < a > b",
        "mysql -u x < dump.sql", "tee /tmp/x <<'XML'\n<a-b><c/></a-b>\nXML", "while read -r l; do :; done <f",
        "echo a<b", "[[ a < b ]] && [[ c > d ]]", "x=$((a<b))", "exec 3<&0 0<&-"}) {
    CHECK_MESSAGE(names(script).empty(), script);
  }
}

TEST_CASE("placeholders: commands that go on in the next line are known") {
  for (const char* text : {"a \\", "echo 'x", "echo \"x", "x=$(ls", "cat <<EOF", "cat <<EOF\nEO", "x=`a", "echo ${x"})
    CHECK_MESSAGE(goes_on(text), text);
  for (const char* text :
       {"a", "a \\\\", "echo 'x'", "x=$(ls)", "cat <<EOF\nx\nEOF", "cat <<< x", "a \\\nb", "# it's"}) {
    CHECK_MESSAGE(!goes_on(text), text);
  }
}

TEST_CASE("placeholders: a script with one is refused with the input that it needs") {
  const Parsed p = read(steps("1. A\n   ```sh\n   \xC3\xA4; oc delete pod <Pod-Name>\n   ```\n"));
  CHECK(finds(p, "book.md:7:21: error: step 'a': '<Pod-Name>' is a placeholder: to the shell it is two redirections; "
                 "declare the input "
                 "`pod_name` (string, required) in a section Inputs and write \"$pod_name\" here [placeholder]"));
}

TEST_CASE("placeholders: in a session the place is that of the document") {
  CHECK(finds(read(steps("1. A\n   ```console\n   $ ls\n   <x>\n   $ rm <y>\n   ```\n")),
              "book.md:9:9: error: step 'a': '<y>' is a placeholder"));
}

TEST_CASE("placeholders: blocks that are no scripts may hold anything") {
  CHECK(read(steps("1. A\n   ```confirm\n   Is <x> done?\n   ```\n")).ok());
  CHECK(read(steps("1. A\n   ```xml\n   <x>\n   ```\n")).ok());
}
