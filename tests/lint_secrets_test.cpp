// Secrets in plain text: what is found, what is a stand-in, and that no finding repeats one.
#include "support/linting.hpp"

using namespace runbook;
using namespace runbook::testing;

namespace {

std::size_t secrets(std::string_view script) {
  return count(linted(step_that_runs(script)), "secret-in-plain-text");
}

// Put together here, so that no scanner takes this file for a leak.
const std::string aws = std::string("AKIA") + "Q3EGRZ7WQJ2M4TXY";
const std::string github = std::string("gh") + "p_" + "a8Kd92mPq7Zx1Lw4Tn6Rv3Ys5Bc0Hf8Jg2Mk";
const std::string slack = std::string("xo") + "xb-" + "2847561930-9182736455-QwErTyUiOp";

} // namespace

TEST_CASE("lint secrets: tokens of known services are found anywhere") {
  CHECK(secrets("aws configure set id " + aws) == 1);
  CHECK(secrets("git clone https://" + github + "@github.com/a/b") == 1);
  CHECK(secrets("curl -H 'x: " + slack + "'") == 1);
  CHECK(secrets("cat <<E\n-----BEGIN RSA PRIVATE KEY-----\nE") == 1);
  CHECK(count(linted("# T\n\nThe key is " + aws + ".\n"), "secret-in-plain-text") == 1);
}

TEST_CASE("lint secrets: passwords in commands, headers and addresses are found in their place") {
  for (const std::string script :
       {"mysql --password=hunter2x", "tool --password hunter2x", "DB_PASSWORD='hunter2x' ./run",
        "export PASSWORD=hunter2x", "curl -H 'Authorization: Bearer 8f3kd92mzpq7x1lw'",
        "psql postgres://bob:hunter2x@db/x", "echo \"password: hunter2x\"",
        "curl -d '{\"password\": \"hunter2x\"}' http://h/", "tool --api-key=8f3kd92mzpq7x1lw"}) {
    CHECK_MESSAGE(secrets(script) == 1, script);
  }
  const LintReport report = linted(step_that_runs("mysql --password=hunter2x -u bob"));
  const SourceSpan span = first(report, "secret-in-plain-text").span;
  CHECK(span.line == 7);
  CHECK(span.column == 21);
  CHECK(span.end_column == 29);
}

TEST_CASE("lint secrets: stand-ins, variables and names of secrets are left alone") {
  for (const std::string script : {"mysql --password=$PW",
                                   "mysql --password=\"$(cat pw)\"",
                                   "tool --password=changeme",
                                   "PASSWORD=your-password",
                                   "curl -H \"Authorization: Bearer $TOKEN\"",
                                   "curl -H 'Authorization: Bearer <token>'",
                                   "psql postgres://bob:$PW@db/x",
                                   "psql postgres://user:password@db/x",
                                   "kubectl create secret generic db-password --from-literal=a=b",
                                   "docker login --password-stdin",
                                   "kubectl get secret my-secret",
                                   "echo password",
                                   "tool --token-file=/run/token",
                                   "export TOKEN=abc",
                                   "read -s password",
                                   "aws configure set id AKIAIOSFODNN7EXAMPLE",
                                   "tool --password-file /run/pw",
                                   "curl http://h:8080/a@b",
                                   "git clone git@github.com:a/b",
                                   "PASSWORD=xxxxxxxx",
                                   "vault kv get -field=password secret/x",
                                   "PASSWORD=",
                                   "password: ",
                                   "kubectl get secret x -o jsonpath='{.data.password}'"}) {
    CHECK_MESSAGE(secrets(script) == 0, script);
  }
  CHECK(count(linted("# T\n\nYour password: hunter2x, as always.\n"), "secret-in-plain-text") == 0);
}

TEST_CASE("lint secrets: no finding repeats the secret") {
  for (const std::string& secret : {aws, github, slack, std::string("hunter2x")}) {
    const LintReport report = linted(step_that_runs("tool --password=" + secret));
    REQUIRE(count(report, "secret-in-plain-text") == 1);
    CHECK_FALSE(has(all_found(report), secret));
  }
}
