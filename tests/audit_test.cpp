// Audits: what is found when a journal is not as it was recorded.
#include "support/audited_run.hpp"
#include "support/raw_sqlite.hpp"
#include "support/sqlite_stores.hpp"
#include "support/store_backends.hpp"

#include <runbook/audit.hpp>

#include <doctest/doctest.h>

#include <sstream>

using namespace runbook;
using namespace runbook::testing;

namespace {

std::string words(const Result<Audit>& audit) {
  REQUIRE_MESSAGE(audit.has_value(), to_string(audit.error()));
  std::string all;
  for (const AuditFinding& finding : audit->findings) all += finding.message + "\n";
  return all;
}

/// A store with the run "r" in which something was changed.
class Spoiled {
public:
  explicit Spoiled(const std::string& sql) {
    {
      const auto store = testing::open(path_);
      write_audited_run(*store, "before");
      write_audited_run(*store, "r");
      head_ = verify(*store, "r")->head;
    }
    Raw(path_).run(sql);
  }
  std::string findings(const std::string& head = {}) { return words(audit(head)); }
  std::string findings_with_head() { return findings(head_); }
  Result<Audit> audit(const std::string& head = {}) {
    return verify(*testing::open(path_, {.read_only = true}), "r", head);
  }

private:
  TempFolder folder_;
  std::string path_ = folder_ / "runs.db";
  std::string head_;
};

/// Of the event with this number in the run "r", which is the second one.
std::string where(int seq) {
  return " WHERE run = 2 AND seq = " + std::to_string(seq);
}
std::string output_of(int seq) {
  return " WHERE event = (SELECT id FROM events" + where(seq) + ")";
}

std::string exported(RunStore& store, const std::string& run) {
  std::string text;
  const auto done = export_run(store, run, [&](std::string_view line) {
    text += line;
    return true;
  });
  REQUIRE_MESSAGE(done.has_value(), to_string(done.error()));
  return text;
}

Result<Audit> verify_text(const std::string& text, const std::string& head = {}) {
  std::istringstream lines(text);
  return verify_export(lines, head);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  const auto at = text.find(what);
  REQUIRE(at != std::string::npos);
  return text.replace(at, what.size(), by);
}

std::string without_line(const std::string& text, int number) {
  std::istringstream lines(text);
  std::string rest;
  std::string line;
  for (int i = 1; std::getline(lines, line); ++i) {
    if (i != number) rest += line + "\n";
  }
  return rest;
}

} // namespace

TEST_CASE_TEMPLATE("audit: a run is as it was recorded, also while it goes on", Backend, BACKENDS) {
  Backend backend;
  write_audited_run(*backend.store, "r");
  const auto audit = verify(*backend.store, "r");
  CHECK(words(audit).empty());
  CHECK(audit->passed());
  CHECK((audit->run == "r" && audit->events == audited_events && audit->outputs == 4));
  CHECK(audit->head.size() == 64);
  CHECK(words(verify(*backend.store, "r", audit->head)).empty());
  CHECK(verify(*backend.store, "nobody").error().code == errc::not_found);

  auto header = sample_header("live");
  header->document_digest = sha256_hex("");
  EventLine line;
  const Event created = line.next(RunCreated{header});
  auto journal = backend.store->create("", {&created, 1}).value();
  const std::string early = verify(*backend.store, "live")->head;
  append(*journal, line.next_of({intent(forward(0)), RunParked{"nobody"}}));
  CHECK(words(verify(*backend.store, "live", early)).empty());
  CHECK(verify(*backend.store, "live")->head != early);
}

TEST_CASE("audit: a head that is none is refused and one of another run is not found") {
  const auto store = make_memory_store();
  write_audited_run(*store, "r");
  write_audited_run(*store, "s");
  for (const std::string head : {"x", "ab", "0", "ABCD"}) {
    CHECK(verify(*store, "r", head).error().code == errc::invalid_argument);
  }
  const std::string other = verify(*store, "s")->head;
  CHECK(words(verify(*store, "r", other)) ==
        "the head that was kept is not in the journal: what led to it was changed, or the end was removed\n");
}

TEST_CASE("audit: a changed event is named, whatever of it was changed, and the others are not") {
  for (const std::string change : {"data = cast(replace(cast(data AS TEXT), '0', '1') AS BLOB)", "time = time + 1",
                                   "fence = 2", "type = 'step_output'"}) {
    CAPTURE(change);
    Spoiled spoiled("UPDATE events SET " + change + where(6));
    const std::string found = spoiled.findings();
    CHECK(contains(found, "event 6 was changed\n"));
    CHECK(!contains(found, "event 5 was"));
    CHECK(!contains(found, "event 7 was"));
  }
  CHECK(Spoiled("UPDATE events SET data = cast(data || ' ' AS BLOB)" + where(6)).findings() == "event 6 was changed\n");
  CHECK(Spoiled("UPDATE events SET time = 0" + where(16)).findings() == "event 16 was changed\n");
  CHECK(Spoiled("UPDATE events SET time = 0 WHERE run = 2 AND seq IN (6, 7, 9)").findings() ==
        "event 6 was changed\nevent 7 was changed\nevent 9 was changed\n");
}

TEST_CASE("audit: a changed hash is told from a changed event") {
  CHECK(Spoiled("UPDATE events SET hash = zeroblob(32)" + where(6)).findings() == "the hash of event 6 was changed\n");
  CHECK(Spoiled("UPDATE events SET hash = x'00'" + where(6)).findings() == "the hash of event 6 was changed\n");
}

TEST_CASE("audit: a missing event is named, and so are several and the last ones") {
  CHECK(Spoiled("DELETE FROM events" + where(6)).findings() == "event 6 is missing\n");
  CHECK(Spoiled("DELETE FROM events WHERE run = 2 AND seq BETWEEN 6 AND 9").findings() ==
        "events 6 to 9 are missing\n");
  CHECK(contains(Spoiled("DELETE FROM events" + where(1)).findings(), "event 1 is missing\n"));
  CHECK(Spoiled("DELETE FROM events" + where(16)).findings() ==
        "the run has ended (succeeded), and its journal does not: its end is missing\n");
  CHECK(contains(Spoiled("DELETE FROM events WHERE run = 2").findings(), "the run has no events\n"));
}

TEST_CASE("audit: an end that was removed with a new listing is found by the head that was kept") {
  Spoiled spoiled("DELETE FROM events WHERE run = 2 AND seq > 14;"
                  "UPDATE runs SET status = 'running', last_event = NULL, fence = 1 WHERE number = 2");
  CHECK(spoiled.findings().empty());
  CHECK(contains(spoiled.findings_with_head(), "the head that was kept is not in the journal"));
}

TEST_CASE("audit: numbers that were put in order again do not hide that an event is missing") {
  Spoiled spoiled("DELETE FROM events" + where(6) + "; UPDATE events SET seq = seq - 1 WHERE run = 2 AND seq > 6");
  CHECK(contains(spoiled.findings(), "event 6 was changed\n"));
}

TEST_CASE("audit: events that were moved, doubled or added are named") {
  CHECK(Spoiled("UPDATE events SET id = id + 1000" + where(16) + "; UPDATE events SET id = id + 2000" + where(14) +
                "; UPDATE runs SET last_event = NULL WHERE number = 2")
            .findings() == "event 14 stands behind event 16\nevent 14 has fence 1 behind one with fence 2\n"
                           "event 14 stands behind the end of the run\n");
  CHECK(contains(Spoiled("INSERT INTO events (run, seq, fence, time, type, data, hash) SELECT run, seq, fence, time, "
                         "type, data, hash FROM events" +
                         where(16) + "; UPDATE runs SET last_event = NULL WHERE number = 2")
                     .findings(),
                 "there is a second event 16\n"));
  CHECK(contains(Spoiled("INSERT INTO events (run, seq, fence, time, type, data) SELECT run, 17, fence, time, "
                         "'claimed', cast('{\"owner\":\"x\"}' AS BLOB) FROM events" +
                         where(16) + "; UPDATE runs SET last_event = NULL WHERE number = 2")
                     .findings(),
                 "event 17 stands behind the end of the run\n"));
}

TEST_CASE("audit: a changed, missing or added output is named") {
  CHECK(Spoiled("UPDATE outputs SET bytes = x'00'" + output_of(4)).findings() == "the output of event 4 was changed\n");
  CHECK(Spoiled("UPDATE outputs SET bytes = cast(bytes || 'x' AS BLOB)" + output_of(4)).findings() ==
        "the output of event 4 was changed\n");
  CHECK(Spoiled("DELETE FROM outputs" + output_of(4)).findings() == "the output of event 4 is missing\n");
  CHECK(Spoiled("INSERT INTO outputs SELECT id, x'41' FROM events" + where(5)).findings() == "event 5 was changed\n");
}

TEST_CASE("audit: a changed document is told from a changed first event") {
  CHECK(Spoiled("UPDATE documents SET bytes = cast('# Another' AS BLOB) WHERE run = 2").findings() ==
        "the document is not the one that was run\n");
  CHECK(Spoiled("UPDATE events SET time = time + 1" + where(1)).findings() ==
        "the listing has another time of the start than the journal\nevent 1 was changed\n");
  CHECK(Spoiled("DELETE FROM documents WHERE run = 2").audit().error().code == errc::store_error);
}

TEST_CASE("audit: what the listing says is compared with the journal") {
  CHECK(Spoiled("UPDATE runs SET title = 'x', actor = 'y' WHERE number = 2").findings() ==
        "the listing has another title than the journal\nthe listing has another actor than the journal\n");
  CHECK(Spoiled("UPDATE runs SET status = 'failed' WHERE number = 2").findings() ==
        "the listing says that the run is failed, and its journal that it is succeeded\n");
  CHECK(Spoiled("UPDATE runs SET fence = 7 WHERE number = 2").findings() ==
        "the store says that the owner has fence 7, and the journal that it is 2\n");
  TempFolder folder;
  write_audited_run(*testing::open(folder / "runs.db"), "r");
  Raw(folder / "runs.db").run("UPDATE runs SET id = 's'");
  CHECK(words(verify(*testing::open(folder / "runs.db"), "s")) == "event 1 is of run 'r'\n");
}

TEST_CASE("audit: events that cannot be read are named") {
  const std::string found = Spoiled("UPDATE events SET data = x'ff'" + where(6)).findings();
  CHECK(contains(found, "event 6 cannot be read: its data is no"));
  CHECK(contains(found, "event 6 was changed\n"));
  CHECK(contains(Spoiled("UPDATE events SET type = 'no_such'" + where(2)).findings(), "event 2 cannot be read"));
}

TEST_CASE("audit: events without a hash are named together and those behind them are checked") {
  CHECK(Spoiled("UPDATE events SET hash = NULL WHERE run = 2 AND seq BETWEEN 5 AND 9").findings() ==
        "events 5 to 9 were recorded without a hash: nothing tells whether they were changed\n");
  Spoiled all("UPDATE events SET hash = NULL WHERE run = 2");
  CHECK(all.findings() == "events 1 to 16 were recorded without a hash: nothing tells whether they were changed\n");
  CHECK(all.audit()->head.empty());
  CHECK(contains(Spoiled("UPDATE events SET hash = NULL WHERE run = 2 AND seq = 5;"
                         "UPDATE events SET time = 0 WHERE run = 2 AND seq = 6")
                     .findings(),
                 "event 6 was changed\n"));
}

TEST_CASE_TEMPLATE("audit: an export is checked without the store and has the same head", Backend, BACKENDS) {
  Backend backend;
  write_audited_run(*backend.store, "r");
  const std::string text = exported(*backend.store, "r");
  const auto audit = verify_text(text);
  CHECK(words(audit).empty());
  CHECK((audit->run == "r" && audit->events == audited_events && audit->outputs == 4));
  CHECK(audit->head == verify(*backend.store, "r")->head);
  CHECK(words(verify_text(text, audit->head)).empty());
  CHECK(text.starts_with("{\"chain\":\"runbook journal 1\",\"run\":\"r\",\"document\":\"# The document\\n\"}\n"));
  CHECK(text.ends_with("\"head\":\"" + audit->head + "\",\"status\":\"succeeded\"}\n"));
  CHECK(export_run(*backend.store, "nobody", [](std::string_view) { return true; }).error().code == errc::not_found);
}

TEST_CASE("audit: an export holds any bytes") {
  const auto store = make_memory_store();
  auto header = sample_header(std::string("r\0\xff", 3));
  const std::string document("doc \0 \xff\"", 8);
  header->document_digest = sha256_hex(document);
  const Event created = EventLine().next(RunCreated{header});
  REQUIRE(store->create(document, {&created, 1}).has_value());
  const auto audit = verify_text(exported(*store, header->run));
  CHECK(words(audit).empty());
  CHECK(audit->run == header->run);
}

TEST_CASE("audit: an export in which something was changed does not pass") {
  const auto store = make_memory_store();
  write_audited_run(*store, "r");
  const std::string text = exported(*store, "r");
  CHECK(words(verify_text(replaced(text, "\"owner\\\":\\\"a", "\"owner\\\":\\\"c"))) == "event 2 was changed\n");
  CHECK(words(verify_text(replaced(text, "# The", "# Teh"))) == "the document is not the one that was run\n");
  CHECK(words(verify_text(replaced(text, "\"output\":\"b3", "\"output\":\"c3"))) ==
        "the output of event 4 was changed\n");
  CHECK(contains(words(verify_text(without_line(text, 7))), "event 6 is missing\n"));
  CHECK(contains(words(verify_text(without_line(text, 17))), "its end is missing"));
  CHECK(contains(words(verify_text(without_line(text, 18))), "the last line is missing"));
  CHECK(contains(words(verify_text(replaced(text, "\"events\":16", "\"events\":15"))), "there are 15 events"));
}

TEST_CASE("audit: what is no export is refused with the line") {
  const auto store = make_memory_store();
  write_audited_run(*store, "r");
  const std::string text = exported(*store, "r");
  const auto refusal = [](const std::string& of) {
    const auto audit = verify_text(of);
    REQUIRE(!audit.has_value());
    CHECK(audit.error().code == errc::invalid_argument);
    return audit.error().message;
  };
  CHECK(contains(refusal(""), "line 1 is missing"));
  CHECK(contains(refusal("hello\n"), "no export of a run: line 1 is no JSON"));
  CHECK(contains(refusal("[]\n"), "line 1 is no JSON object"));
  CHECK(contains(refusal(replaced(text, "journal 1", "journal 2")), "member \"chain\" is of an unknown version"));
  CHECK(contains(refusal(replaced(text, "\"seq\":3", "\"sew\":3")), "line 4 is wrong: member \"seq\" is missing"));
  CHECK(contains(refusal(replaced(text, "\"seq\":3", "\"extra\":1,\"seq\":3")), "line 4"));
  CHECK(contains(refusal(replaced(text, "\"output\":\"", "\"output\":\"!")), "member \"output\" is no base64"));
  CHECK(contains(refusal(text + "{}\n"), "line 19 stands behind the last line"));
}
