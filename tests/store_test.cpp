// The contract of every store, run over each of them.
#include "support/event_samples.hpp"
#include "support/store_backends.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

bool same(const std::vector<Event>& a, const std::vector<Event>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Event& l, const Event& r) { return samples::same(l, r); });
}

RunStatus listed_status(RunStore& store) {
  const auto runs = store.list();
  REQUIRE_MESSAGE(runs.has_value(), to_string(runs.error()));
  REQUIRE(runs->size() == 1);
  return runs->front().status;
}

} // namespace

TEST_CASE_TEMPLATE("store: what was appended is loaded in order", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  CHECK(journal->fence() == 1);
  CHECK(journal->last_seq() == 1);
  const auto first = line.next_of({intent(forward(0))});
  const auto second = line.next_of({ok(forward(0)), intent(forward(1))});
  append(*journal, first);
  append(*journal, second);
  CHECK(journal->last_seq() == 4);
  const auto events = load(*backend.store, "r1");
  REQUIRE(events.size() == 4);
  CHECK(std::holds_alternative<RunCreated>(events[0].data));
  CHECK(std::get<RunCreated>(events[0].data).header->outline->at(1).id == "point");
  CHECK(samples::same(events[1], first[0]));
  CHECK(samples::same(events[2], second[0]));
  CHECK(samples::same(events[3], second[1]));
}

TEST_CASE_TEMPLATE("store: every kind of event comes back as it went in", Backend, BACKENDS) {
  Backend backend;
  samples::Random random(7);
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  std::vector<Event> expected = load(*backend.store, "r1");
  for (int i = 0; i < 60; ++i) {
    std::vector<Event> batch;
    for (std::uint64_t n = random.below(8); n > 0; --n) {
      EventData data = random.data();
      if (std::holds_alternative<RunCreated>(data)) continue;
      if (auto* output = std::get_if<StepOutput>(&data)) output->kept = 0;
      batch.push_back(line.next(std::move(data)));
      batch.back().time = random.time();
    }
    append(*journal, batch);
    expected.insert(expected.end(), batch.begin(), batch.end());
  }
  CHECK(same(load(*backend.store, "r1"), expected));
}

TEST_CASE_TEMPLATE("store: a run is created with several events and odd names at once", Backend, BACKENDS) {
  Backend backend;
  auto header = sample_header(std::string("r\0'\"; DROP TABLE runs;--\xff", 25));
  header->title = std::string("title \0 \xff \n | é", 17);
  header->actor = "";
  const auto events = EventLine().next_of({RunCreated{header}, Claimed{"me"}, intent(forward(0))});
  const std::string document("bytes \0 \xff\xfe\r\n", 12);
  const auto journal = backend.store->create(document, events);
  REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
  CHECK((*journal)->last_seq() == 3);
  CHECK(same(load(*backend.store, header->run), events));
  CHECK(backend.store->document(header->run).value() == document);
  const auto runs = backend.store->list().value();
  REQUIRE(runs.size() == 1);
  CHECK(runs[0].run == header->run);
  CHECK(runs[0].title == header->title);
  CHECK(runs[0].started == events[0].time);
}

TEST_CASE_TEMPLATE("store: an empty and a large document are kept byte by byte", Backend, BACKENDS) {
  Backend backend;
  std::string large(3'000'000, 'x');
  for (std::size_t i = 0; i < large.size(); ++i) large[i] = static_cast<char>(i * 31);
  EventLine one;
  EventLine two;
  create(*backend.store, "empty", one, "");
  create(*backend.store, "large", two, large);
  CHECK(backend.store->document("empty").value().empty());
  CHECK(backend.store->document("large").value() == large);
}

TEST_CASE_TEMPLATE("store: a second run of the same name is refused and changes nothing", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  create(*backend.store, "r1", line, "first");
  const Event again = EventLine().next(RunCreated{sample_header("r1")});
  CHECK(error_of(backend.store->create("second", {&again, 1})).code == errc::store_error);
  CHECK(backend.store->document("r1").value() == "first");
  CHECK(backend.store->list()->size() == 1);
}

TEST_CASE_TEMPLATE("store: a run starts with run_created as event 1 under fence 1 and has a name", Backend, BACKENDS) {
  Backend backend;
  const auto refuses = [&](const std::vector<Event>& events) {
    return error_of(backend.store->create("", events)).code == errc::invalid_argument;
  };
  CHECK(refuses({}));
  CHECK(refuses({EventLine().next(intent(forward(0)))}));
  CHECK(refuses({EventLine(1).next(RunCreated{sample_header("r1")})}));
  CHECK(refuses({EventLine(0, 2).next(RunCreated{sample_header("r1")})}));
  CHECK(refuses({EventLine().next(RunCreated{sample_header("")})}));
  CHECK(refuses({EventLine().next(RunCreated{nullptr})}));
  CHECK(refuses({EventLine().next(RunCreated{sample_header("a")}), EventLine(1).next(RunCreated{sample_header("b")})}));
  CHECK(refuses({EventLine().next(RunCreated{sample_header("a")}), EventLine(1).next(output(forward(0), 3))}));
  CHECK(backend.store->list()->empty());
}

TEST_CASE_TEMPLATE("store: a gap or a wrong fence is refused and the journal goes on", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  const auto refuses = [&](const std::vector<Event>& events) {
    const Error error = error_of(journal->append(events));
    CHECK(error.message.starts_with("nothing was recorded: "));
    return error.code == errc::invalid_argument;
  };
  CHECK(refuses({EventLine(2).next(intent(forward(0)))}));
  CHECK(refuses({EventLine(0).next(intent(forward(0)))}));
  CHECK(refuses({EventLine(1).next(intent(forward(0))), EventLine(3).next(intent(forward(0)))}));
  CHECK(refuses({EventLine(1, 2).next(intent(forward(0)))}));
  CHECK(refuses({EventLine(1).next(RunCreated{sample_header("r2")})}));
  CHECK(journal->last_seq() == 1);
  append(*journal, {});
  append(*journal, {line.next(intent(forward(0)))});
  CHECK(load(*backend.store, "r1").size() == 2);
}

TEST_CASE_TEMPLATE("store: the bytes of outputs are kept with their events", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  const std::string bytes("out \0 \xff \n", 9);
  const std::string large(2'000'000, 'y');
  append(*journal, {line.next(intent(forward(0)))});
  StepOutput silent = output(forward(0), 0);
  silent.size = 10; // printed, nothing kept
  append(*journal,
         line.next_of(
             {output(forward(0), bytes.size()), output(forward(0), large.size(), Stream::err), silent, ok(forward(0))}),
         {{3, bytes}, {4, large}});
  CHECK(backend.store->output("r1", 3).value() == bytes);
  CHECK(backend.store->output("r1", 4).value() == large);
  CHECK(backend.store->output("r1", 5).value().empty());
  for (const std::uint64_t seq : {0U, 1U, 2U, 6U, 7U, 1'000'000U}) {
    CAPTURE(seq);
    CHECK(error_of(backend.store->output("r1", seq)).code == errc::not_found);
  }
  append(*journal, {line.next(output(forward(1), 5))}, {{7, "later"}});
  CHECK(backend.store->output("r1", 7).value() == "later");
}

TEST_CASE_TEMPLATE("store: outputs of two runs are told apart", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[2];
  std::unique_ptr<Journal> journals[] = {create(*backend.store, "a", lines[0]), create(*backend.store, "b", lines[1])};
  for (std::uint64_t seq = 2; seq < 20; ++seq) {
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string text = std::string(1, i == 0 ? 'a' : 'b') + std::to_string(seq);
      append(*journals[i], {lines[i].next(output(forward(0), text.size()))}, {{seq, text}});
      CHECK(backend.store->output(i == 0 ? "a" : "b", seq).value() == text);
    }
  }
  CHECK(backend.store->output("a", 7).value() == "a7");
  CHECK(backend.store->output("b", 7).value() == "b7");
}

TEST_CASE_TEMPLATE("store: bytes that fit no output are refused and so is an output without its bytes", Backend,
                   BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  const auto events = line.next_of({output(forward(0), 3), ok(forward(0)), output(forward(0), 2, Stream::err)});
  const auto refuses = [&](const std::vector<Blob>& blobs) {
    return error_of(journal->append(events, blobs)).code == errc::invalid_argument;
  };
  CHECK(refuses({}));
  CHECK(refuses({{2, "abc"}}));
  CHECK(refuses({{2, "ab"}, {4, "de"}}));
  CHECK(refuses({{2, "abc"}, {3, "de"}}));
  CHECK(refuses({{2, "abc"}, {5, "de"}}));
  CHECK(refuses({{1, "abc"}, {4, "de"}}));
  CHECK(refuses({{4, "de"}, {2, "abc"}}));
  CHECK(refuses({{2, "abc"}, {2, "abc"}}));
  CHECK(error_of(journal->append({}, std::vector<Blob>{{2, "abc"}})).code == errc::invalid_argument);
  CHECK(load(*backend.store, "r1").size() == 1);
  append(*journal, events, {{2, "abc"}, {4, "de"}});
  CHECK(load(*backend.store, "r1").size() == 4);
}

TEST_CASE_TEMPLATE("store: whoever claims a run is its owner and the former one is refused", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto first = create(*backend.store, "r1", line);
  append(*first, {line.next(intent(forward(0)))});
  auto claimed = backend.store->claim("r1", {"second"}, start_time);
  REQUIRE_MESSAGE(claimed.has_value(), to_string(claimed.error()));
  auto& second = **claimed;
  CHECK(second.fence() == 2);
  CHECK(second.last_seq() == 3);
  const auto events = load(*backend.store, "r1");
  REQUIRE(events.size() == 3);
  CHECK(samples::same(events[2], Event{3, 2, start_time, Claimed{"second"}}));

  const Event late = line.next(ok(forward(0)));
  CHECK(error_of(first->append({&late, 1})).code == errc::fenced);
  CHECK(error_of(first->append({&late, 1})).code == errc::fenced);
  CHECK(load(*backend.store, "r1").size() == 3);
  append(second, {EventLine(3, 2).next(ok(forward(0)))});

  auto third = backend.store->claim("r1", {"third"}, start_time);
  REQUIRE(third.has_value());
  CHECK((*third)->fence() == 3);
  CHECK((*third)->last_seq() == 5);
  const Event stale = EventLine(4, 2).next(intent(forward(1)));
  CHECK(error_of(second.append({&stale, 1})).code == errc::fenced);
}

TEST_CASE_TEMPLATE("store: who does not know all of a run neither gets it nor takes it from its owner", Backend,
                   BACKENDS) {
  Backend backend;
  EventLine line;
  auto first = create(*backend.store, "r1", line);
  append(*first, {line.next(intent(forward(0)))});
  CHECK(error_of(backend.store->claim("r1", {"second"}, start_time, 1)).code == errc::fenced);
  CHECK(load(*backend.store, "r1").size() == 2);
  append(*first, {line.next(ok(forward(0)))}); // it is the owner's as before
  CHECK(backend.store->claim("r1", {"second"}, start_time, 3).has_value());
  CHECK(error_of(backend.store->claim("r1", {"third"}, start_time, 3)).code == errc::fenced); // of two, one gets it
}

TEST_CASE_TEMPLATE("store: a run that has ended cannot be claimed", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  append(*journal, {line.next(RunClosed{RunStatus::succeeded, "", {}})});
  CHECK(error_of(backend.store->claim("r1", {"me"}, start_time)).code == errc::invalid_argument);
  CHECK(load(*backend.store, "r1").size() == 2);
}

TEST_CASE_TEMPLATE("store: a run that is not there is not found", Backend, BACKENDS) {
  Backend backend;
  CHECK(error_of(backend.store->load("nobody")).code == errc::not_found);
  CHECK(error_of(backend.store->document("nobody")).code == errc::not_found);
  CHECK(error_of(backend.store->output("nobody", 1)).code == errc::not_found);
  CHECK(error_of(backend.store->claim("nobody", {"me"}, start_time)).code == errc::not_found);
  CHECK(error_of(backend.store->post("nobody", {})).code == errc::not_found);
  CHECK(error_of(backend.store->messages("nobody")).code == errc::not_found);
  CHECK(backend.store->list()->empty());
}

TEST_CASE_TEMPLATE("store: messages to a run are numbered and come back in order and as they were", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[2];
  const auto journal = create(*backend.store, "r1", lines[0]);
  create(*backend.store, "r2", lines[1]);
  const std::string large(3'000'000, 'x');
  const std::string odd("a\0b \xff\xfe '\n", 10);
  const Message answer{77, start_time + std::chrono::nanoseconds{123'456'789}, odd, true, large, odd, "é"};
  CHECK(backend.store->messages("r1")->empty());
  CHECK(post(*backend.store, "r1", answer) == 1);
  CHECK(post(*backend.store, "r1", {.token = "second"}) == 2);
  CHECK(post(*backend.store, "r2", {.token = "other"}) == 1);
  append(*journal, {lines[0].next(intent(forward(0)))});
  CHECK(post(*backend.store, "r1", {.who = "third"}) == 3);
  const auto all = backend.store->messages("r1").value();
  REQUIRE(all.size() == 3);
  CHECK(all[0].number == 1);
  CHECK(all[0].time == answer.time);
  CHECK((all[0].token == odd && all[0].who == odd && all[0].note == "é"));
  CHECK((all[0].text == large)); // not to be printed
  CHECK((all[0].yes && !all[1].yes));
  CHECK((all[1].number == 2 && all[1].token == "second"));
  CHECK((all[2].number == 3 && all[2].token.empty() && all[2].who == "third"));
  CHECK(backend.store->messages("r2")->size() == 1);
  CHECK(load(*backend.store, "r1").size() == 2); // a message is no event
}

TEST_CASE_TEMPLATE("store: only the messages behind a number are read", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  create(*backend.store, "r1", line);
  for (int i = 0; i < 3; ++i) post(*backend.store, "r1", {});
  for (const std::uint64_t after : {0U, 1U, 2U, 3U, 4U}) {
    const auto messages = backend.store->messages("r1", after).value();
    REQUIRE(messages.size() == (after < 3 ? 3 - after : 0));
    if (!messages.empty()) CHECK(messages.front().number == after + 1);
  }
  CHECK(backend.store->messages("r1", UINT64_MAX)->empty());
  CHECK(backend.store->messages("r1", std::uint64_t{1} << 63U)->empty());
}

TEST_CASE_TEMPLATE("store: a parked run takes messages and whoever owns it next reads them", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  const auto journal = create(*backend.store, "r1", line);
  append(*journal, {line.next(RunParked{"nobody"})});
  CHECK(post(*backend.store, "r1", {.token = "t"}) == 1);
  REQUIRE(backend.store->claim("r1", {"me"}, start_time).has_value());
  CHECK(post(*backend.store, "r1", {}) == 2);
  CHECK(backend.store->messages("r1")->size() == 2);
}

TEST_CASE_TEMPLATE("store: a run that has ended takes no messages and keeps those that it had", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  const auto journal = create(*backend.store, "r1", line);
  post(*backend.store, "r1", {.token = "t"});
  append(*journal, {line.next(RunClosed{RunStatus::succeeded, "", {}})});
  const Error refused = error_of(backend.store->post("r1", {}));
  CHECK(refused.code == errc::invalid_argument);
  CHECK(refused.message == "run 'r1' has ended (succeeded) and takes no messages");
  CHECK(backend.store->messages("r1")->size() == 1);
}

TEST_CASE_TEMPLATE("store: the listing has the newest run first and what each is about", Backend, BACKENDS) {
  Backend backend;
  for (const std::string run : {"b", "a", "c"}) {
    EventLine line;
    create(*backend.store, run, line);
  }
  const auto runs = backend.store->list().value();
  REQUIRE(runs.size() == 3);
  CHECK(runs[0].run == "c");
  CHECK(runs[1].run == "a");
  CHECK(runs[2].run == "b");
  CHECK(runs[0].title == "Standard deployment");
  CHECK(runs[0].actor == "deploy-bot");
  CHECK(runs[0].started == start_time + std::chrono::milliseconds{250});
  CHECK(runs[0].status == RunStatus::running);
}

TEST_CASE_TEMPLATE("store: the listing follows a run from parked through claimed to its end", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  CHECK(listed_status(*backend.store) == RunStatus::running);
  append(*journal, line.next_of({WaitOpened{"t", QuestionKind::step, forward(0), "done?"}, RunParked{"nobody"}}));
  CHECK(listed_status(*backend.store) == RunStatus::parked);
  append(*journal, {line.next(CancelRequested{"me"})});
  CHECK(load(*backend.store, "r1").size() == 4);
  auto claimed = backend.store->claim("r1", {"me"}, start_time).value();
  CHECK(listed_status(*backend.store) == RunStatus::running);
  EventLine next(claimed->last_seq(), 2);
  append(*claimed, next.next_of({intent(forward(0)), ok(forward(0))}));
  append(*claimed, {next.next(RunClosed{RunStatus::rolled_back, "why", {}})});
  CHECK(listed_status(*backend.store) == RunStatus::rolled_back);
  CHECK(load(*backend.store, "r1").size() == 8);
}

TEST_CASE_TEMPLATE("store: a run may be created and closed in one commit", Backend, BACKENDS) {
  Backend backend;
  const auto events = EventLine().next_of({RunCreated{sample_header("r1")}, RunClosed{RunStatus::succeeded, "", {}}});
  REQUIRE(backend.store->create("", events).has_value());
  EventLine line;
  auto other = create(*backend.store, "r2", line);
  append(*other, {line.next(intent(forward(0)))});
  CHECK(same(load(*backend.store, "r1"), events));
  CHECK(backend.store->list().value().back().status == RunStatus::succeeded);
}

TEST_CASE_TEMPLATE("store: a journal outlives the store object", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  backend.store.reset();
  append(*journal, {line.next(intent(forward(0)))});
  CHECK(journal->last_seq() == 2);
}

TEST_CASE_TEMPLATE("store: runs interleaved event by event come out each by itself", Backend, BACKENDS) {
  Backend backend;
  constexpr std::size_t count = 5;
  EventLine lines[count];
  std::vector<std::unique_ptr<Journal>> journals;
  for (std::size_t i = 0; i < count; ++i) journals.push_back(create(*backend.store, std::to_string(i), lines[i]));
  for (std::uint32_t step = 0; step < 30; ++step) {
    for (std::size_t i = 0; i < count; ++i) append(*journals[i], {lines[i].next(intent(forward(step)))});
  }
  for (std::size_t i = 0; i < count; ++i) {
    const auto events = load(*backend.store, std::to_string(i));
    REQUIRE(events.size() == 31);
    for (std::uint32_t step = 0; step < 30; ++step) {
      CHECK(std::get<StepIntent>(events[step + 1].data).at.step == step);
    }
  }
}

TEST_CASE_TEMPLATE("store: runs are written by several threads while others read", Backend, BACKENDS) {
  Backend backend;
  constexpr int writers = 4;
  constexpr std::uint64_t rounds = 40;
  std::atomic<int> working{writers};
  std::vector<std::thread> threads;
  for (int i = 0; i < writers; ++i) {
    threads.emplace_back([&, i] {
      EventLine line;
      const Event created = line.next(RunCreated{sample_header(std::to_string(i))});
      auto journal = backend.store->create("doc", {&created, 1}).value();
      for (std::uint64_t round = 0; round < rounds; ++round) {
        const auto events = line.next_of({intent(forward(0)), output(forward(0), 3), ok(forward(0))});
        const Blob blob{events[1].seq, "abc"};
        journal->append(events, {&blob, 1}).value();
      }
      --working;
    });
  }
  while (working > 0) {
    for (const RunSummary& run : backend.store->list().value()) {
      const auto events = backend.store->load(run.run).value();
      REQUIRE(events.size() % 3 == 1); // whole commits only
      for (std::size_t i = 0; i < events.size(); ++i) REQUIRE(events[i].seq == i + 1);
      if (events.size() > 1) REQUIRE(backend.store->output(run.run, events.size() - 1).value() == "abc");
    }
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(backend.store->list()->size() == writers);
  for (int i = 0; i < writers; ++i) CHECK(load(*backend.store, std::to_string(i)).size() == 1 + 3 * rounds);
}
