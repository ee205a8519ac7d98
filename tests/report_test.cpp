#include "support/event_samples.hpp"
#include "support/journals.hpp"
#include "utf8.hpp"

#include <runbook/report.hpp>

#include <boost/json/serialize.hpp>
#include <cmark-gfm-core-extensions.h>
#include <cmark-gfm.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// A run with everything in it: a retry, a check, a question, a failed step, undos, a general rollback, residue.
std::vector<Event> full_journal(std::shared_ptr<RunHeader> header = sample_header("r1")) {
  header->outline = std::make_shared<const Outline>(
      Outline{{"exists", "The artefact exists", Section::prerequisites, Effect::pure, false, false, 5},
              {"unpack", "Unpack the release", Section::steps, Effect::mutating, false, true, 20},
              {"tell", "Tell the channel", Section::steps, Effect::mutating, true, false, 28},
              {"point", "Point the server at the release", Section::steps, Effect::mutating, false, true, 33},
              {"answers", "The new version answers", Section::verification, Effect::pure, false, false, 50},
              {"flush", "Flush the cache", Section::rollback, Effect::idempotent, false, false, 60}});
  const ActionRef check{1, 0, 0, ActionKind::check};
  StepOutput capped = output(forward(3), 5000, Stream::err);
  capped.kept = 30;
  return EventLine().next_of({
      RunCreated{header},                                                               // 1
      intent(forward(0)),                                                               // 2
      ok(forward(0)),                                                                   // 3
      intent(forward(1)),                                                               // 4
      failed(forward(1), "exit code 1"),                                                // 5
      TimerSet{forward(1), 2, std::chrono::seconds{1}},                                 // 6
      TimerFired{forward(1), 2},                                                        // 7
      intent(forward(1), 2),                                                            // 8
      ok(forward(1), 2),                                                                // 9
      intent(check),                                                                    // 10
      ok(check),                                                                        // 11
      intent(forward(2)),                                                               // 12
      WaitOpened{"tell", QuestionKind::step, forward(2), "Tell the channel"},           // 13
      WaitAnswered{"tell", true, "alice", "told them"},                                 // 14
      ok(forward(2)),                                                                   // 15
      intent(forward(3)),                                                               // 16
      output(forward(3), 12),                                                           // 17
      capped,                                                                           // 18
      failed(forward(3), "exit code 23"),                                               // 19
      WaitOpened{"rollback", QuestionKind::rollback, {}, "The run failed. Roll back?"}, // 20
      WaitAnswered{"rollback", true, "bob", ""},                                        // 21
      RollbackBegun{"step 'point' failed: exit code 23"},                               // 22
      intent(undo(3)),                                                                  // 23
      failed(undo(3), "no such file"),                                                  // 24
      intent(undo(3), 2),                                                               // 25
      failed(undo(3), "still no such file", 2),                                         // 26
      CancelRequested{"carol"},                                                         // 27
      intent(undo(1)),                                                                  // 28
      ok(undo(1)),                                                                      // 29
      intent(forward(5)),                                                               // 30
      ok(forward(5)),                                                                   // 31
      RunClosed{RunStatus::partially_rolled_back,
                "step 'point' failed: exit code 23",
                {{2, ResidueCause::irreversible}, {3, ResidueCause::undo_failed}}}, // 32
  });
}

std::string outputs(std::uint64_t seq) {
  return seq == 17 ? "out 1\nout 2\n" : seq == 18 ? "the first bytes of the error" : "";
}

bool contains(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Counts what a Markdown reader with GitHub's tables sees: kinds of nodes, and the text of everything.
struct Seen {
  std::map<std::string, int> nodes;
  std::string text;
};

Seen read_markdown(const std::string& markdown) {
  cmark_gfm_core_extensions_ensure_registered();
  cmark_parser* parser = cmark_parser_new(CMARK_OPT_DEFAULT);
  for (const char* extension : {"table", "strikethrough"}) {
    cmark_parser_attach_syntax_extension(parser, cmark_find_syntax_extension(extension));
  }
  cmark_parser_feed(parser, markdown.data(), markdown.size());
  cmark_node* document = cmark_parser_finish(parser);
  Seen seen;
  cmark_iter* iterator = cmark_iter_new(document);
  while (cmark_iter_next(iterator) != CMARK_EVENT_DONE) {
    if (cmark_iter_get_event_type(iterator) != CMARK_EVENT_ENTER) continue;
    cmark_node* node = cmark_iter_get_node(iterator);
    ++seen.nodes[cmark_node_get_type_string(node)];
    if (const char* literal = cmark_node_get_literal(node)) seen.text += literal;
  }
  cmark_iter_free(iterator);
  cmark_node_free(document);
  cmark_parser_free(parser);
  return seen;
}

} // namespace

TEST_CASE("report: it says who ran what, when and how it ended") {
  const Report report = make_report(full_journal());
  CHECK(report.header.run == "r1");
  CHECK(report.status == RunStatus::partially_rolled_back);
  CHECK(report.reason == "step 'point' failed: exit code 23");
  CHECK(report.started == start_time + std::chrono::milliseconds{250});
  CHECK(report.ended == start_time + std::chrono::milliseconds{32 * 250});
  CHECK(report.updated == report.ended);
  CHECK(report.rollback_begun);
  CHECK(report.cancelled_by == std::vector<std::string>{"carol"});
  CHECK(report.residue.size() == 2);
}

TEST_CASE("report: every attempt is there with its outcome, times, outputs and who answered") {
  const Report report = make_report(full_journal(), outputs);
  REQUIRE(report.steps.size() == 6);
  const auto& unpack = report.steps[1].attempts;
  REQUIRE(unpack.size() == 4);
  CHECK(unpack[0].outcome->message == "exit code 1");
  CHECK(unpack[1].attempt == 2);
  CHECK(unpack[1].outcome->ok());
  CHECK(unpack[1].seq == 8);
  CHECK(*unpack[1].ended - unpack[1].started == std::chrono::milliseconds{250});
  CHECK(unpack[2].kind == ActionKind::check);
  CHECK(unpack[3].kind == ActionKind::undo);
  const auto& tell = report.steps[2].attempts;
  REQUIRE(tell.size() == 1);
  CHECK(tell[0].answered_by == "alice");
  CHECK(tell[0].note == "told them");
  const auto& point = report.steps[3].attempts;
  REQUIRE(point.size() == 3);
  REQUIRE(point[0].outputs.size() == 2);
  CHECK(point[0].outputs[0].text == "out 1\nout 2\n");
  CHECK(point[0].outputs[1].stream == Stream::err);
  CHECK(point[0].outputs[1].seq == 18);
  CHECK(report.steps[4].attempts.empty());
  REQUIRE(report.questions.size() == 2);
  CHECK(report.questions[1].kind == QuestionKind::rollback);
  CHECK(report.questions[1].answer == true);
  CHECK(report.questions[1].who == "bob");
}

TEST_CASE("report: the Markdown says everything a person asks afterwards") {
  const std::string text = to_markdown(make_report(full_journal(), outputs));
  CHECK(text.starts_with(
      "# Standard deployment\n\n**Did not succeed, and not everything that was started is undone.**\n\n"
      "Reason: step 'point' failed: exit code 23\n"));
  for (const std::string_view part : {
           "| Run | r1 |",
           "| Started by | deploy-bot |",
           "| Started | 2024-05-01 12:00:00 UTC |",
           "| Ended | 2024-05-01 12:00:08 UTC, after 7.7 s |",
           "| Cancelled by | carol |",
           "| Document | deploy.md |",
           "| Risk level | high |",
           "| version | 1.4.2 |",
           "## Prerequisites\n",
           "| **Unpack the release** (unpack) | ok, undone | 3 | 1.7 s |",
           "| **Point the server at the release** (point) | failed, undo: failed | 1 | 750 ms |",
           "| **The new version answers** (answers) | not reached |  |  |",
           "### **Point the server at the release** (point)\n\n- attempt 1: exit code 23\n\n"
           "  Standard output: 12 bytes:\n\n  ```text\n  out 1\n  out 2\n  ```\n",
           "  Standard error: 5,000 bytes, of which the first 30 were kept:\n",
           "- attempt 2 at the undo: still no such file\n",
           "## What was undone, in this order\n\n"
           "1. **Point the server at the release** (point): failed, 2 attempts, 250 ms\n"
           "2. **Unpack the release** (unpack): ok, 250 ms\n"
           "3. **Flush the cache** (flush): ok, 250 ms\n",
           "## Still in place\n\n- **Tell the channel** (tell): it cannot be undone\n"
           "- **Point the server at the release** (point): its undo failed\n",
           "- **Tell the channel** (tell) “Tell the channel”: yes, by alice (told them)\n",
           "- **The run** “The run failed. Roll back?”: yes, by bob\n",
       }) {
    CAPTURE(part);
    CAPTURE(text);
    CHECK(contains(text, part));
  }
}

TEST_CASE("report: the plain text says the same") {
  const std::string text = to_text(make_report(full_journal(), outputs));
  for (const std::string_view part : {
           "Standard deployment\nDid not succeed, and not everything that was started is undone.\n",
           "  Started by       deploy-bot\n",
           "  version = 1.4.2\n",
           "  Unpack the release (unpack): ok, undone, 3 attempts, 1.7 s\n",
           "  The new version answers (answers): not reached\n",
           "  Point the server at the release (point), attempt 1: exit code 23\n"
           "    Standard output: 12 bytes:\n    | out 1\n    | out 2\n",
           "  1. Point the server at the release (point): failed, 2 attempts, 250 ms\n",
           "Still in place\n  Tell the channel (tell): it cannot be undone\n",
           "  the run: \"The run failed. Roll back?\": yes, by bob\n",
       }) {
    CAPTURE(part);
    CAPTURE(text);
    CHECK(contains(text, part));
  }
}

TEST_CASE("report: the JSON has everything") {
  const Value json = to_json(make_report(full_journal(), outputs));
  CHECK(json.at("run") == "r1");
  CHECK(json.at("status") == "partially_rolled_back");
  CHECK(json.at("duration_ms") == 7750);
  CHECK(json.at("ended") == "2024-05-01T12:00:08.000Z");
  CHECK(json.at("inputs") == Value{{"version", "1.4.2"}});
  CHECK(json.at("cancelled_by") == boost::json::array{"carol"});
  const Value& point = json.at("steps").at(3);
  CHECK(point.at("id") == "point");
  CHECK(point.at("result") == "failed, undo: failed");
  CHECK(point.at("attempts").at(0).at("value") == Value{{"exit_code", 1}});
  CHECK(point.at("attempts").at(0).at("outputs").at(0).at("text") == "out 1\nout 2\n");
  CHECK(json.at("residue").at(1) == Value{{"step", "point"}, {"index", 3}, {"iteration", 0}, {"cause", "undo_failed"}});
  CHECK(json.at("questions").at(0).at("who") == "alice");
  CHECK(json.at("questions").at(1).at("step").is_null());
}

TEST_CASE("report: a journal that ends anywhere gives a report that says so") {
  const auto events = full_journal();
  for (std::size_t size = 0; size <= events.size(); ++size) {
    CAPTURE(size);
    const Report report = make_report(std::span(events).first(size), outputs);
    const std::string markdown = to_markdown(report);
    const std::string text = to_text(report);
    const Value json = to_json(report);
    const bool closed = size == events.size();
    CHECK(contains(markdown, "**Not ended: ") != closed);
    CHECK(contains(text, "Last recorded") != closed);
    CHECK(json.at("ended").is_null() != closed);
    // An attempt under way is named as such.
    const bool under_way = size > 0 && std::holds_alternative<StepIntent>(events[size - 1].data);
    if (under_way) CHECK(contains(text, "no outcome was recorded"));
  }
}

TEST_CASE("report: a parked and taken over run is told as it stands") {
  EventLine line;
  auto events = line.next_of({RunCreated{sample_header("r1")}, intent(forward(0)),
                              WaitOpened{"unpack", QuestionKind::step, forward(0), "Is it there?"},
                              WaitUnreachable{"unpack", "no terminal"}, RunParked{"waits for an answer"}});
  Report report = make_report(events);
  CHECK(report.status == RunStatus::parked);
  CHECK(report.reason == "waits for an answer");
  CHECK(contains(to_markdown(report), "nobody could be asked (no terminal)"));
  CHECK(contains(to_text(report), "Parked"));
  events.push_back(line.next(Claimed{"host-2"}));
  report = make_report(events);
  CHECK(report.status == RunStatus::running);
  CHECK(report.reason.empty());
  CHECK(contains(to_markdown(report), "| Carried out by | host-2 |"));
}

TEST_CASE("report: it tells what was in doubt, who settled it and why") {
  EventLine line;
  auto events = line.next_of({RunCreated{sample_header("r1")}, Claimed{"a"}, intent(forward(0)), Claimed{"b"},
                              StepDoubt{forward(0), 1, DoubtKind::unknown, "no supervisor looked after it"}});
  CHECK(contains(to_text(make_report(events)),
                 "attempt 1: nobody knew how it went (no supervisor looked after it); nothing was made of it"));
  events.push_back(line.next(DoubtResolved{forward(0), 1, DoubtDecision::done, "ann", "the disk is there"}));
  const Report report = make_report(events);
  for (const std::string& text : {to_text(report), to_markdown(report)}) {
    CAPTURE(text);
    CHECK(contains(text, "What was in doubt"));
    CHECK(contains(text, "it counts as done, says ann (the disk is there)"));
  }
  const Value doubt = to_json(report).at("steps").at(0).at("attempts").at(0).at("doubt");
  CHECK(doubt.at("decision") == "done");
  CHECK(doubt.at("who") == "ann");
  CHECK(doubt.at("evidence") == "no supervisor looked after it");
}

TEST_CASE("report: odd events change nothing that they do not fit") {
  EventLine line;
  const auto events = line.next_of({RunCreated{sample_header("r1")}, ok(forward(0)), intent(forward(99)),
                                    ok(forward(99)), output(forward(99), 3),
                                    WaitAnswered{"nobody asked", true, "x", ""}, WaitUnreachable{"nobody asked", "x"},
                                    RunClosed{RunStatus::failed, "", {{99, ResidueCause::no_undo}}}});
  const Report report = make_report(events);
  CHECK(report.steps[0].attempts.empty());
  CHECK(report.questions.empty());
  CHECK(contains(to_markdown(report), "- **step 100**: it has no undo"));
  CHECK(contains(to_text(report), "step 100: it has no undo"));
  CHECK(to_json(report).at("residue").at(0).at("step").is_null());
  CHECK(make_report(std::vector<Event>{EventLine().next(RunCreated{nullptr})}).steps.empty());
}

TEST_CASE("report: hostile titles, names and outputs cannot break out of their place") {
  const std::string hostile[] = {"a | b",
                                 "# heading #",
                                 "a\n\n# heading\n\n- item\n",
                                 "```\nfence\n```",
                                 "`code` ``code``",
                                 "<script>alert(1)</script><!-- ",
                                 "**bold** _under_ ~~strike~~ $math$",
                                 "[link](http://evil) ![image](x) <http://evil>",
                                 "- item",
                                 "1. item",
                                 "> quote",
                                 "---",
                                 "===",
                                 "    code",
                                 "&amp; &#65;",
                                 "\x1b[31mred\x1b[0m \x1b]0;title\x07",
                                 "\xe2\x80\xae reversed",
                                 "\xff\xfe no UTF-8",
                                 std::string("nul\0nul", 7),
                                 "trailing \\",
                                 "~~~\n~~~",
                                 "\r\r\n",
                                 " ",
                                 "",
                                 "|---|",
                                 "* * *",
                                 "a\\|b",
                                 "]]>",
                                 "**"};
  // What a report of the same run looks like when all of it is harmless.
  const auto report_with = [](const std::string& text) {
    auto header = sample_header("r1");
    header->title = header->actor = header->path = text;
    header->inputs = {{text, text}};
    header->outline =
        std::make_shared<const Outline>(Outline{{"id", text, Section::steps, Effect::mutating, false, true, 1}});
    StepOutput printed = output(forward(0), text.size());
    StepOutcome outcome = failed(forward(0), text);
    return make_report(
        EventLine().next_of({RunCreated{header}, Claimed{text}, intent(forward(0)),
                             WaitOpened{"t", QuestionKind::step, forward(0), text},
                             WaitAnswered{"t", false, text, text}, printed, outcome, RollbackBegun{text},
                             intent(undo(0)), StepDoubt{undo(0), 1, DoubtKind::unknown, text},
                             DoubtResolved{undo(0), 1, DoubtDecision::done, text, text}, ok(undo(0)),
                             CancelRequested{text}, RunClosed{RunStatus::failed, text, {{0, ResidueCause::no_undo}}}}),
        [&](std::uint64_t) { return text; });
  };
  auto expected = read_markdown(to_markdown(report_with("harmless"))).nodes;
  expected.erase("text");
  for (const std::string& text : hostile) {
    CAPTURE(text);
    const Report report = report_with(text);
    const std::string markdown = to_markdown(report);
    CAPTURE(markdown);
    auto seen = read_markdown(markdown);
    seen.nodes.erase("text");
    if (text.empty()) { // then there is nothing to show in some places
      CHECK(seen.nodes["html_inline"] + seen.nodes["html_block"] == 0);
    } else {
      CHECK(seen.nodes == expected);
    }
    CHECK(find_invalid_utf8(markdown) == std::string::npos);
    for (const std::string& shown : {markdown, to_text(report)}) {
      CHECK(std::ranges::none_of(shown,
                                 [](char c) { return (c >= 0 && c < 0x20 && c != '\n' && c != '\t') || c == 0x7f; }));
      CHECK(!contains(shown, "\xe2\x80\xae"));
    }
    CHECK(find_invalid_utf8(boost::json::serialize(to_json(report))) == std::string::npos);
  }
}

TEST_CASE("report: a long output is cut to its end and a fence inside it stays inside") {
  std::string text;
  for (int i = 1; i <= 100; ++i) text += "line " + std::to_string(i) + "\n";
  text += "``````\n";
  const auto events = EventLine().next_of(
      {RunCreated{sample_header("r1")}, intent(forward(0)), output(forward(0), text.size()), failed(forward(0), "no")});
  const auto shown = [&](const std::string& bytes) {
    return to_markdown(make_report(events, [&](std::uint64_t) { return bytes; }));
  };
  CHECK(contains(shown(text), ". Its end:\n\n  ```````text\n  line 82\n"));
  CHECK(!contains(shown(text), "line 81\n"));
  CHECK(read_markdown(shown(text)).nodes["code_block"] == 1);
  const std::string one_line(3'000'000, 'x');
  CHECK(shown(one_line).size() < 20'000);
  CHECK(contains(shown("\n\n\n"), "bytes:\n\n  ```text\n  \n  \n  \n  ```"));
  CHECK(contains(to_text(make_report(events)), "Standard output: " + std::to_string(text.size()) + " bytes.\n"));
}

TEST_CASE("report: random events never break a report") {
  samples::Random random(9);
  for (int round = 0; round < 300; ++round) {
    std::vector<Event> events;
    for (std::uint64_t n = random.below(40); n > 0; --n) events.push_back(random.event());
    const Report report = make_report(events, [](std::uint64_t) { return std::string("x"); });
    CHECK(find_invalid_utf8(to_markdown(report)) == std::string::npos);
    CHECK(find_invalid_utf8(to_text(report)) == std::string::npos);
    CHECK(find_invalid_utf8(boost::json::serialize(to_json(report))) == std::string::npos);
  }
}

TEST_CASE("report: a run of many steps is reported in time that grows with it") {
  Outline outline;
  EventLine line(1);
  std::vector<Event> events;
  auto header = sample_header("r1");
  for (std::uint32_t i = 0; i < 5000; ++i) {
    outline.push_back({"s" + std::to_string(i), "Step", Section::steps, Effect::mutating, false, true, i});
    events.push_back(line.next(intent(forward(i))));
    events.push_back(line.next(ok(forward(i))));
  }
  header->outline = std::make_shared<const Outline>(std::move(outline));
  events.insert(events.begin(), EventLine().next(RunCreated{header}));
  const std::string text = to_markdown(make_report(events));
  CHECK(std::ranges::count(text, '\n') > 5000);
}
