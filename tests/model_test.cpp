// The model's own reading of small texts: how often a procedure is carried out, what it needs access to.
#include <runbook/model.hpp>

#include <doctest/doctest.h>

using namespace runbook;
using Kind = Frequency::Kind;

namespace {

/// "months/days/seconds" of a frequency that is a period, else the name of its kind.
std::string period(std::string_view text) {
  const Frequency f = parse_frequency(text);
  switch (f.kind) {
  case Kind::unspecified: return "unspecified";
  case Kind::on_demand: return "on demand";
  case Kind::per_release: return "per release";
  case Kind::periodic: break;
  }
  return std::to_string(f.months) + '/' + std::to_string(f.days) + '/' + std::to_string(f.time.count());
}

Access access(Access::Kind kind, std::string name, bool writable = false) {
  return {kind, std::move(name), writable, {}};
}

} // namespace

TEST_CASE("frequency: words for a period") {
  CHECK(period("hourly") == "0/0/3600");
  CHECK(period("Daily") == "0/1/0");
  CHECK(period("weekly") == "0/7/0");
  CHECK(period("fortnightly") == "0/14/0");
  CHECK(period("MONTHLY") == "1/0/0");
  CHECK(period("quarterly") == "3/0/0");
  CHECK(period("yearly") == "12/0/0");
  CHECK(period("annually") == "12/0/0");
  CHECK(period("  weekly ") == "0/7/0");
}

TEST_CASE("frequency: every so many units") {
  CHECK(period("every day") == "0/1/0");
  CHECK(period("Every 10 days") == "0/10/0");
  CHECK(period("every 2 weeks") == "0/14/0");
  CHECK(period("every  3\n hours") == "0/0/10800");
  CHECK(period("every 6 months") == "6/0/0");
  CHECK(period("every quarter") == "3/0/0");
  CHECK(period("every 2 years") == "24/0/0");
  CHECK(period("every 100000 days") == "0/100000/0");
  for (const char* text : {"every", "every days", "every 0 days", "every -1 days", "every 100001 days",
                           "every 1.5 days", "every moon", "every 99999999999999999999 days", "every 2 days or so"}) {
    CHECK_MESSAGE(period(text) == "unspecified", text);
  }
}

TEST_CASE("frequency: ISO 8601 durations") {
  CHECK(period("P2W") == "0/14/0");
  CHECK(period("P1Y2M10DT2H30M5S") == "14/10/9005");
  CHECK(period("PT90M") == "0/0/5400");
  CHECK(period("P1M") == "1/0/0");
  for (const char* text : {"P", "PT", "P1", "1D", "P1D2Y", "P1D1D", "P0D", "PT1D", "P1H", "P1DT", "P-1D", "P1.5D",
                           "p1d", "PTT1H", "P999999D"}) {
    CHECK_MESSAGE(period(text) == "unspecified", text);
  }
}

TEST_CASE("frequency: on demand and per release") {
  for (const char* text : {"on demand", "On-Demand", "as needed", "when needed", "ad hoc", "ad-hoc"})
    CHECK_MESSAGE(period(text) == "on demand", text);
  for (const char* text : {"per release", "Every release", "each release", "on release", "on every release"}) {
    CHECK_MESSAGE(period(text) == "per release", text);
  }
}

TEST_CASE("frequency: the text is kept as it is, also where it says nothing") {
  CHECK(parse_frequency(" Every  10 Days ").text == "Every  10 Days");
  CHECK(parse_frequency("P2W").text == "P2W");
  const Frequency unknown = parse_frequency("when the moon is full");
  CHECK(unknown.kind == Kind::unspecified);
  CHECK(unknown.text == "when the moon is full");
  CHECK(parse_frequency("") == Frequency());
}

TEST_CASE("access: what is checked has a word in front") {
  CHECK(parse_access("user:deploy") == access(Access::Kind::user, "deploy"));
  CHECK(parse_access("group:ops") == access(Access::Kind::group, "ops"));
  CHECK(parse_access("env:TOKEN") == access(Access::Kind::env, "TOKEN"));
  CHECK(parse_access("command:curl") == access(Access::Kind::command, "curl"));
  CHECK(parse_access("file:/srv/a") == access(Access::Kind::file, "/srv/a"));
  CHECK(parse_access(" File:releases:rw ") == access(Access::Kind::file, "releases", true));
  CHECK(parse_access("file:C:/x") == access(Access::Kind::file, "C:/x"));
  CHECK(parse_access("SUDO") == access(Access::Kind::sudo, ""));
}

TEST_CASE("access: other words are kept for a person") {
  for (const char* text :
       {"VPN", "user: whoever is on call", "kubectl:admin", "user:", "sudo on web-1", "command:", "https://x"}) {
    CHECK_MESSAGE(parse_access(text) == access(Access::Kind::other, text), text);
  }
  CHECK(parse_access("file::rw").name == ":rw");
  CHECK(parse_access("command:x:rw") == access(Access::Kind::command, "x:rw"));
}

TEST_CASE("access: it is written as it is read") {
  for (const char* text : {"user:deploy", "group:ops", "sudo", "env:TOKEN", "command:curl", "file:/srv/a",
                           "file:releases:rw", "file:a:rw:rw", "VPN and a laptop", "user: someone"}) {
    CHECK_MESSAGE(to_string(parse_access(text)) == text, text);
    CHECK_MESSAGE(parse_access(to_string(parse_access(text))) == parse_access(text), text);
  }
}
