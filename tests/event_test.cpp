#include "event/base64.hpp"
#include "event/time_text.hpp"
#include "event/value_json.hpp"
#include "support/event_samples.hpp"
#include "utf8.hpp"

#include <runbook/event.hpp>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <doctest/doctest.h>

#include <set>

using namespace runbook;
using samples::Random;
using samples::same;

namespace {

const Outline outline{{"unpack", "Unpack", Section::steps, Effect::mutating, false, true, 3},
                      {"point", "Point", Section::steps, Effect::mutating, false, true, 9}};

Event step_event(EventData data) {
  return Event{7, 2, std::chrono::sys_days(std::chrono::year{2024} / 5 / 1) + std::chrono::milliseconds{250},
               std::move(data)};
}

std::string json_text(const Event& event) {
  return boost::json::serialize(to_json(event, &outline));
}

std::string error_of(const Value& value) {
  const auto event = event_from_json(value);
  REQUIRE(!event.has_value());
  return event.error().message;
}

Values intent_json() {
  return to_json(step_event(StepIntent{{1, 0, 0, ActionKind::forward}, 1, std::chrono::seconds{5}})).get_object();
}

} // namespace

TEST_CASE("event: an event is one object with number, fence, time, type and the members of what happened") {
  CHECK(json_text(step_event(StepIntent{{1, 0, 2, ActionKind::undo}, 3, std::chrono::seconds{5}})) ==
        R"({"seq":7,"fence":2,"time":"2024-05-01T00:00:00.250Z","type":"step_intent","step":"point","index":1,)"
        R"("iteration":0,"part":2,"kind":"undo","attempt":3,"timeout_ms":5000})");
  CHECK(json_text(step_event(RunClosed{RunStatus::partially_rolled_back, "why", {{1, ResidueCause::undo_failed}}})) ==
        R"({"seq":7,"fence":2,"time":"2024-05-01T00:00:00.250Z","type":"run_closed","status":"partially_rolled_back",)"
        R"("reason":"why","residue":[{"step":"point","index":1,"iteration":0,"cause":"undo_failed"}]})");
}

TEST_CASE("event: without an outline the step's id is left out") {
  CHECK(!intent_json().contains("step"));
  CHECK(intent_json().at("index") == 1);
}

TEST_CASE("event: every kind of event has a name of its own and reads back as itself") {
  Random random(1);
  std::set<std::size_t> kinds;
  std::set<std::string> names;
  for (int i = 0; i < 20'000; ++i) {
    const Event event = random.event();
    kinds.insert(event.data.index());
    names.emplace(type_name(event));
    const Value json = to_json(event, i % 2 == 0 ? &outline : nullptr);
    CAPTURE(boost::json::serialize(json));
    const auto read = event_from_json(json);
    REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
    REQUIRE(same(*read, event));
  }
  CHECK(kinds.size() == std::variant_size_v<EventData>);
  CHECK(names.size() == std::variant_size_v<EventData>);
}

TEST_CASE("event: what is written as text is JSON for everybody and reads back bit by bit") {
  Random random(2);
  for (int i = 0; i < 20'000; ++i) {
    const Event event = random.event();
    const auto text = write_journal_json(to_json(event));
    REQUIRE_MESSAGE(text.has_value(), to_string(text.error()));
    REQUIRE(find_invalid_utf8(*text) == std::string_view::npos);
    boost::json::error_code error;
    static_cast<void>(boost::json::parse(*text, error)); // strict about UTF-8
    REQUIRE_MESSAGE(!error, *text);
    const auto value = read_journal_json(*text);
    REQUIRE_MESSAGE(value.has_value(), to_string(value.error()));
    const auto read = event_from_json(*value);
    REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
    REQUIRE(same(*read, event));
  }
}

TEST_CASE("event: a missing, unknown or wrong member is an error that names it") {
  for (const auto& member : intent_json()) {
    Values json = intent_json();
    json.erase(member.key());
    CHECK(error_of(json).find("\"" + std::string(member.key()) + "\" is missing") != std::string::npos);
    json[member.key()] = Value{{"$nonsense", 1}};
    CHECK(error_of(json).find("member \"" + std::string(member.key()) + "\" ") != std::string::npos);
  }
  Values json = intent_json();
  json["surprise"] = 1;
  CHECK(error_of(json) == "event 7 (step_intent): member \"surprise\" is unknown");
}

TEST_CASE("event: numbers out of range and unknown words are errors that say what is right") {
  Values json = intent_json();
  json["part"] = 65536;
  CHECK(error_of(json) == "event 7 (step_intent): member \"part\" is no integer from 0 to 65535");
  json["part"] = -1;
  CHECK(error_of(json).find("\"part\" is no integer") != std::string::npos);
  json["part"] = 1.0;
  CHECK(error_of(json).find("\"part\" is no integer") != std::string::npos);
  json = intent_json();
  json["kind"] = "sideways";
  CHECK(error_of(json) == "event 7 (step_intent): member \"kind\" has the unknown value \"sideways\"");
  json = intent_json();
  json["type"] = "step_\x1b[31m";
  CHECK(error_of(json).find("\"type\" has the unknown value \"step_\\x1b[31m\"") != std::string::npos);
  CHECK(error_of(nullptr) == "an event is no JSON object");
}

TEST_CASE("event: an error inside a list names the entry") {
  Value json = to_json(step_event(RunClosed{RunStatus::failed, "", {{1, ResidueCause::no_undo}, {2, {}}}}));
  json.at("residue").at(1).as_object()["cause"] = "bad luck";
  CHECK(error_of(json).find("\"residue[1].cause\" has the unknown value \"bad luck\"") != std::string::npos);
  json.at("residue").at(1) = 3;
  CHECK(error_of(json).find("\"residue[1]\" is no object") != std::string::npos);
  json.at("residue") = "none";
  CHECK(error_of(json).find("\"residue\" is no list") != std::string::npos);
}

TEST_CASE("event: a journal of another format is refused") {
  Random random(3);
  Value json = to_json(step_event(RunCreated{random.header()}));
  CHECK(json.at("format") == 1);
  json.as_object()["format"] = 2;
  CHECK(error_of(json).find("\"format\" is 2, and only 1 is known") != std::string::npos);
}

TEST_CASE("event: action paths name the step, the kind and the part") {
  CHECK(action_path(outline, {0, 0, 0, ActionKind::forward}) == "unpack");
  CHECK(action_path(outline, {0, 0, 1, ActionKind::forward}) == "unpack/2");
  CHECK(action_path(outline, {1, 0, 0, ActionKind::check}) == "point:check");
  CHECK(action_path(outline, {1, 0, 1, ActionKind::undo}) == "point:undo/2");
  CHECK(action_path(outline, {9, 0, 0, ActionKind::undo}) == "#9:undo");
}

TEST_CASE("event: a value that is nested too deeply is refused before it is written") {
  Value deep = 1;
  for (std::size_t i = 0; i < max_journal_depth; ++i) deep = boost::json::array{std::move(deep)};
  const auto written = write_journal_json(deep);
  REQUIRE(written.has_value());
  const auto read = read_journal_json(*written);
  REQUIRE_MESSAGE(read.has_value(), to_string(read.error()));
  CHECK(*read == deep);
  const auto deeper = write_journal_json(boost::json::array{deep});
  REQUIRE(!deeper.has_value());
  CHECK(deeper.error().code == errc::limit_exceeded);
}

TEST_CASE("event: text that is no JSON is refused with its place") {
  for (const std::string_view bad : {"", "{", "{} x", "[1,]", "\"\xff\"", "nul", "{\"a\":1e}"}) {
    CAPTURE(bad);
    const auto read = read_journal_json(bad);
    REQUIRE(!read.has_value());
    CHECK(read.error().message.starts_with("is no JSON: "));
  }
}

TEST_CASE("event: bytes survive base64 and what is no base64 is refused") {
  Random random(4);
  for (std::size_t size = 0; size < 100; ++size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.below(256));
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
  for (const std::string_view bad : {"a", "ab=", "====", "a===", "ab c", "abc\n", "ab-_", "=abc"}) {
    CAPTURE(bad);
    CHECK(!from_base64(bad).has_value());
  }
}

TEST_CASE("event: times are UTC with milliseconds and nothing else is accepted") {
  Random random(5);
  for (int i = 0; i < 1000; ++i) {
    const auto time = random.time();
    CHECK(time_from_text(time_to_text(time)) == time);
  }
  using std::chrono::system_clock;
  CHECK(time_to_text(system_clock::time_point{}) == "1970-01-01T00:00:00.000Z");
  CHECK(time_to_text(system_clock::time_point{std::chrono::milliseconds{-1}}) == "1969-12-31T23:59:59.999Z");
  CHECK(time_from_text("1969-12-31T23:59:59.999Z") == system_clock::time_point{std::chrono::milliseconds{-1}});
  for (const std::string_view bad :
       {"", "2024-05-01", "2024-05-01T00:00:00Z", "2024-13-01T00:00:00.000Z", "2024-02-30T00:00:00.000Z",
        "2024-05-01T24:00:00.000Z", "2024-05-01T00:60:00.000Z", "2024-05-01 00:00:00.000Z", "9999-01-01T00:00:00.000Z",
        "2024-05-01T00:00:00.000+", "2024-05-01T00:00:0x.000Z"}) {
    CAPTURE(bad);
    CHECK(!time_from_text(bad).has_value());
  }
}

TEST_CASE("event: what an attempt has left in the terminal stands in its outcome only if there is something") {
  const StepOutcome plain{{}, 1, {}, nullptr, {}};
  CHECK_FALSE(to_json(step_event(plain)).get_object().contains("terminal")); // as journals were before
  const StepOutcome changed{
      {}, 1, {}, nullptr, TerminalChange{.variables = {{"A", "\xff"}, {"B", nullptr}}, .directory = "/srv"}};
  Value json = to_json(step_event(changed));
  CHECK(json.at("terminal") ==
        Value{{"variables", {{"A", {{"$bytes", "/w=="}}}, {"B", nullptr}}}, {"directory", "/srv"}});
  const auto read = event_from_json(json);
  REQUIRE(read.has_value());
  CHECK(std::get<StepOutcome>(read->data).terminal == changed.terminal);
}

TEST_CASE("event: a terminal that cannot be one is an error that names the member") {
  const Value json =
      to_json(step_event(StepOutcome{{}, 1, {}, nullptr, TerminalChange{.variables = {}, .directory = "/srv"}}));
  const auto with = [&](std::string_view member, const Value& value) {
    Value wrong = json;
    wrong.at("terminal").as_object()[member] = value;
    return error_of(wrong);
  };
  CHECK(with("variables", {{"A", 1}, {"B", "b"}}).find("\"terminal.A\" is neither text nor null") != std::string::npos);
  CHECK(with("variables", nullptr).find("\"terminal.variables\" is no object") != std::string::npos);
  CHECK(with("directory", "srv").find("\"terminal.directory\" is no absolute path") != std::string::npos);
  CHECK(with("more", 1).find("\"terminal.more\" is unknown") != std::string::npos);
  Value wrong = json;
  wrong.as_object()["terminal"] = "x";
  CHECK(error_of(wrong).find("\"terminal\" is no object") != std::string::npos);
}
