// Required access: what is checked before anything else, with the real system, and what is passed on because of it.
#include "support/runs.hpp"
#include "support/temp_folder.hpp"

#include "plan/access_script.hpp"

#include <doctest/doctest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// How a check ends, and what it says.
struct Verdict {
  bool there = false;
  std::string text;
};

/// Lets a shell run the check. `as` stands in front of the shell, to become somebody else.
Verdict check(std::string_view access, const std::string& as = "") {
  const TempFolder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const std::string script = (folder.path() / "check").string();
  std::ofstream(script) << access_script(parse_access(access));
  std::filesystem::permissions(script, std::filesystem::perms(0755));
  const std::string command = "cd '" + folder.path().string() + "' && " + as + " sh -e -u '" + script + "' 2>&1";
  FILE* pipe = ::popen(command.c_str(), "r");
  REQUIRE(pipe != nullptr);
  Verdict verdict;
  std::array<char, 256> line{};
  while (std::fgets(line.data(), line.size(), pipe) != nullptr) verdict.text += line.data();
  verdict.there = ::pclose(pipe) == 0;
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1); // it has made nothing
  return verdict;
}

const std::string as_nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups";

bool says(const Verdict& verdict, std::string_view part) {
  return !verdict.there && verdict.text.find(part) != std::string::npos;
}

/// A document with this required access and one step, as it runs in the folder.
struct Ended {
  RunStatus status;
  std::string story;
  std::string message; ///< of the first access
  std::string printed; ///< by the step
};

Ended run(const std::string& access, const std::string& script, const TempFolder& folder) {
  const Parsed parsed = parse_markdown("# T\n\n**Required Access**: " + access +
                                       "\n\n## Steps\n\n### Do\n```sh {capture=out}\n" + script + "\n```\n");
  REQUIRE(parsed.ok());
  const HandlerRegistry handlers = builtin_handlers();
  const auto plan = make_plan(parsed.runbook, handlers);
  REQUIRE_MESSAGE(plan.has_value(), to_string(plan.error()));
  Executor executor(handlers);
  const RunResult result = executor.run(*plan, {.directory = folder.path().string()});
  Ended ended{result.status, outcome_story(result, *plan), message_of(result, *plan, "access-1"), {}};
  for (const Event& event : result.events) {
    const auto* outcome = std::get_if<StepOutcome>(&event.data);
    if (outcome != nullptr && outcome->captured.is_string()) ended.printed = to_text(outcome->captured);
  }
  return ended;
}

} // namespace

TEST_CASE("access: the user") {
  const Verdict root = check("user:root");
  CHECK(root.there == (::geteuid() == 0));
  CHECK(says(check("user:no-such-user"), "not no-such-user"));
  if (::geteuid() != 0) return; // only root can become another
  CHECK(check("user:nobody", as_nobody).there);
  CHECK(says(check("user:root", as_nobody), "this is the user nobody, not root"));
}

TEST_CASE("access: the groups") {
  CHECK(says(check("group:no-such-group"), "is not in the group no-such-group"));
  if (::geteuid() != 0) return; // only root can become another
  CHECK(check("group:root").there);
  CHECK(check("group:nogroup", as_nobody).there);
  CHECK(says(check("group:root", as_nobody), "the user nobody is not in the group root"));
  CHECK(check("group:daemon", "setpriv --reuid=65534 --regid=65534 --groups=daemon,adm").there);
}

TEST_CASE("access: variables") {
  CHECK(check("env:RUNBOOK_ACCESS", "RUNBOOK_ACCESS=x").there);
  CHECK(says(check("env:RUNBOOK_ACCESS", "RUNBOOK_ACCESS="), "RUNBOOK_ACCESS is not set in the environment"));
  CHECK(says(check("env:RUNBOOK_ACCESS"), "RUNBOOK_ACCESS is not set in the environment"));
}

TEST_CASE("access: programs") {
  CHECK(check("command:sh").there);
  CHECK(check("command:/bin/sh").there);
  CHECK(check("command:cd").there); // the shell's own, but it can be called
  CHECK(says(check("command:no-such-program"), "the program no-such-program is not found"));
  CHECK(says(check("command:while"), "the program while is not found"));
}

TEST_CASE("access: files and folders") {
  CHECK(check("file:/").there);
  CHECK(check("file:check").there);
  CHECK(says(check("file:/no/such"), "/no/such cannot be read"));
  CHECK(says(check("file:/no/such:rw"), "/no/such cannot be read and written"));
  if (::geteuid() != 0) return; // only root can become another
  CHECK(check("file:/etc/shadow:rw").there);
  CHECK(says(check("file:/etc/shadow", as_nobody), "/etc/shadow cannot be read"));
  CHECK(check("file:/etc/passwd", as_nobody).there);
  CHECK(says(check("file:/etc/passwd:rw", as_nobody), "/etc/passwd cannot be read and written"));
}

TEST_CASE("access: sudo without a password") {
  const Verdict nobody = check("sudo", ::geteuid() == 0 ? as_nobody : std::string());
  if (!nobody.there) CHECK(says(nobody, "sudo is not possible without a password"));
}

TEST_CASE("access: names are words to the shell whatever they hold") {
  for (const char* name : {"a'b; touch ran #", "$(touch ran)", "`touch ran`", "a\ntouch ran", "' ; touch ran ; '", "\\",
                           "\"; touch ran; \"", "-x", "--", "a b", "*", "!", "\xC3\xA4'"}) {
    for (const char* kind : {"user:", "group:", "env:", "command:", "file:"}) {
      const Verdict verdict = check(std::string(kind) + name); // which looks for what has been made
      CHECK_MESSAGE(!verdict.there, std::string(kind), std::string(name));
    }
  }
}

TEST_CASE("access: what is missing ends the run before its steps") {
  const TempFolder folder;
  const Ended ended = run("command:sh; command:no-such'program; touch x", "touch ran", folder);
  CHECK(ended.status == RunStatus::failed);
  CHECK_FALSE(folder.has("ran"));
  CHECK_FALSE(folder.has("x"));
}

TEST_CASE("access: a variable that the document names is passed on and no other is") {
  ::setenv("RUNBOOK_NAMED", "a value", 1);
  ::setenv("RUNBOOK_OTHER", "hidden", 1);
  const TempFolder folder;
  const Ended ended = run("env:RUNBOOK_NAMED", "echo \"$RUNBOOK_NAMED ${RUNBOOK_OTHER-none}\"", folder);
  CHECK(ended.status == RunStatus::succeeded);
  CHECK(ended.story == "access-1 do");
  CHECK(ended.printed == "a value none");
  const Ended unnamed = run("command:sh", "echo \"${RUNBOOK_NAMED-none}\"", folder);
  CHECK(unnamed.printed == "none");
  ::unsetenv("RUNBOOK_NAMED");
  CHECK(run("env:RUNBOOK_NAMED", "touch ran", folder).status == RunStatus::failed);
  CHECK_FALSE(folder.has("ran"));
  ::unsetenv("RUNBOOK_OTHER");
}

TEST_CASE("access: a variable that every run has is there once") {
  const TempFolder folder;
  CHECK(run("env:PATH", "env | grep -c ^PATH=", folder).printed == "1");
}
