// The SQLite store and forked children: a child uses nothing of its parent's and disturbs nobody.
#include "support/self.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/store.hpp>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <thread>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// A forked child that does something, says a line, and stays until it is let go.
class ForkedChild {
public:
  explicit ForkedChild(const std::function<std::string()>& work) {
    int said[2];
    int go[2];
    REQUIRE(::pipe2(said, O_CLOEXEC) == 0);
    REQUIRE(::pipe2(go, O_CLOEXEC) == 0);
    pid_ = ::fork();
    REQUIRE(pid_ >= 0);
    if (pid_ == 0) {
      ::close(go[1]);
      live(work, said[1], go[0]);
    }
    ::close(said[1]);
    ::close(go[0]);
    said_ = said[0];
    go_ = go[1];
  }
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;
  ~ForkedChild() {
    let_go();
    ::close(said_);
  }

  /// Waits for what it says.
  std::string line() const {
    std::string text;
    char byte = 0;
    while (::read(said_, &byte, 1) == 1 && byte != '\n') text += byte;
    return text;
  }
  /// Waits for its end.
  void let_go() {
    if (go_ >= 0) {
      ::close(go_);
      ::waitpid(pid_, nullptr, 0);
    }
    go_ = -1;
  }

private:
  [[noreturn]] static void live(const std::function<std::string()>& work, int said, int go) {
    ::alarm(20); // whatever happens, it does not stay
    std::string text;
    try {
      text = work() + "\n";
    } catch (...) {
      text = "it threw\n";
    }
    char byte = 0;
    if (::write(said, text.data(), text.size()) >= 0) static_cast<void>(::read(go, &byte, 1) == 0);
    ::_exit(0);
  }

  pid_t pid_ = -1;
  int said_ = -1;
  int go_ = -1;
};

template <class T>
std::string words(const Result<T>& result) {
  if (result.has_value()) return "worked";
  if (result.error().code != errc::store_error) return "another error: " + result.error().message;
  const bool says_so =
      result.error().message.find("forked off it, and SQLite does not survive a fork") != std::string::npos;
  return says_so ? "refused" : "other words: " + result.error().message;
}

/// What each function says, or the one word that all of them say.
std::string try_everything(RunStore& store, Journal& journal, EventLine line) {
  const Event next = line.next(intent(forward(0)));
  const Event other = EventLine().next(RunCreated{sample_header("other")});
  const std::string all[] = {words(journal.append({&next, 1})),
                             words(store.create("", {&other, 1})),
                             words(store.claim("r", {"me"}, start_time)),
                             words(store.load("r")),
                             words(store.document("r")),
                             words(store.output("r", 1)),
                             words(store.list()),
                             words(store.post("r", {})),
                             words(store.messages("r"))};
  std::string text;
  for (const std::string& one : all) {
    if (one != text) text += one;
  }
  return text;
}

} // namespace

TEST_CASE("other process: adds a run" * doctest::skip()) {
  const auto store = open_sqlite(given("RUNBOOK_TEST_STORE"), {}, impatient);
  EventLine line;
  if (store) create(**store, given("RUNBOOK_TEST_RUN"), line);
  say(store ? "added" : store.error().message);
}

namespace {

/// What a process says that opens the store, adds a run and closes it.
std::string add_elsewhere(const std::string& path, const std::string& run) {
  OtherProcess process("other process: adds a run", {{"RUNBOOK_TEST_STORE", path}, {"RUNBOOK_TEST_RUN", run}});
  const std::string said = process.line();
  CHECK(process.wait() == 0);
  return said;
}

} // namespace

TEST_CASE("sqlite: in a forked child every function of a store and its journals is refused") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  const auto reader = open(folder / "runs.db", {.read_only = true});
  CHECK(ForkedChild([&] { return try_everything(*store, *journal, line); }).line() == "refused");
  CHECK(ForkedChild([&] { return words(reader->list()) + words(reader->load("r")); }).line() == "refusedrefused");
  CHECK(try_everything(*store, *journal, line) != "refused");
}

TEST_CASE("sqlite: a forked child that destroys its parent's store keeps nobody from writing") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  auto store = open(path);
  EventLine line;
  auto journal = create(*store, "r", line);
  ForkedChild child([&] {
    journal.reset();
    store.reset();
    return "destroyed";
  });
  CHECK(child.line() == "destroyed");
  // It lives on, as a worker would. The parent's next commit would give a lock back that the child took: others first.
  CHECK(add_elsewhere(path, "elsewhere") == "added");
  const Event event = line.next(intent(forward(0)));
  const auto appended = journal->append({&event, 1});
  REQUIRE_MESSAGE(appended.has_value(), to_string(appended.error()));
  CHECK(add_elsewhere(path, "again") == "added");
  child.let_go();
  const Event last = line.next(ok(forward(0)));
  REQUIRE(journal->append({&last, 1}).has_value());
  journal.reset();
  store.reset();
  CHECK(!folder.has("runs.db-wal")); // the last to close folded the log into the file
  CHECK(open(path)->load("r")->size() == 3);
}

TEST_CASE("sqlite: a child forked during a commit of its parent is no obstacle to the next one") {
  TempFolder folder;
  const auto store = open(folder / "runs.db");
  EventLine line;
  const auto journal = create(*store, "r", line);
  std::atomic<bool> stop = false;
  std::thread committing([&] {
    while (!stop) {
      const Event event = line.next(intent(forward(0)));
      journal->append({&event, 1}).value();
      static_cast<void>(store->list());
    }
  });
  for (int round = 0; round < 40; ++round) {
    ForkedChild child([&] { return words(store->list()) + words(store->load("r")); });
    REQUIRE(child.line() == "refusedrefused"); // and not for ever waiting for a lock of a thread that it does not have
  }
  stop = true;
  committing.join();
  CHECK(store->load("r")->size() == line.last_seq());
}

// SQLite in the child would believe in locks that only the parent holds: when the parent closes, what the child has
// committed is lost.
TEST_CASE("sqlite: a forked child cannot open the file that its parent had open at the fork") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  std::shared_ptr<RunStore> store = open(path);
  const auto again = [&] { return words(open_sqlite(path, {}, impatient)); };
  const auto to_read = [&] { return words(open_sqlite(path, {.read_only = true}, impatient)); };
  CHECK(ForkedChild(again).line() == "refused");
  CHECK(ForkedChild(to_read).line() == "refused");
  CHECK(ForkedChild([&] {
          store.reset();
          return again();
        }).line() == "refused");
  CHECK(ForkedChild([&] { return ForkedChild(again).line(); }).line() == "refused"); // a child's child
  CHECK(ForkedChild([&] { return words(open_sqlite(folder / "other.db", {}, impatient)); }).line() == "worked");
  CHECK(again() == "worked"); // a second time in the same process
  store.reset();
  CHECK(ForkedChild([&] { return again() + again(); }).line() == "workedworked");
  CHECK(add_elsewhere(path, "elsewhere") == "added");
}

TEST_CASE("sqlite: a forked child opens a store that its parent opens later") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  ForkedChild child([&] {
    EventLine line;
    const auto own = open_sqlite(path, {}, impatient);
    if (own) create(**own, "child", line);
    return words(own);
  });
  REQUIRE(child.line() == "worked");
  {
    const auto store = open(path);
    EventLine line;
    create(*store, "parent", line);
  }
  child.let_go();
  CHECK(open(path)->list()->size() == 2);
}
