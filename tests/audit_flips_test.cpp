// A store of which one byte is another: it is refused, or the audit finds it, or nothing that it says has changed.
#include "support/audited_run.hpp"
#include "support/long_tests.hpp"
#include "support/sqlite_stores.hpp"
#include "support/temp_folder.hpp"

#include <runbook/audit.hpp>

#include <doctest/doctest.h>

#include <fcntl.h>
#include <unistd.h>

#include <map>
#include <random>
#include <sstream>

using namespace runbook;
using namespace runbook::testing;

namespace {

const std::vector<std::string> runs{"first", "second"};

/// All that a run says, as text; or what is wrong.
Result<std::string> contents(RunStore& store, const std::string& run) {
  const auto list = store.list();
  if (!list) return list.error();
  const auto events = store.load(run);
  if (!events) return events.error();
  const auto document = store.document(run);
  if (!document) return document.error();
  std::ostringstream text;
  for (const RunSummary& one : *list) {
    if (one.run != run) continue;
    text << one.title << '|' << one.actor << '|' << to_string(one.status) << '|'
         << one.started.time_since_epoch().count() << '\n';
  }
  text << *document << '\n';
  for (const Event& event : *events) {
    text << to_json(event) << '|' << event.time.time_since_epoch().count() << '\n';
    if (!std::holds_alternative<StepOutput>(event.data)) continue;
    const auto bytes = store.output(run, event.seq);
    if (!bytes) return bytes.error();
    text << *bytes << '\n';
  }
  return std::move(text).str();
}

struct Tally {
  int refused = 0;
  int found = 0;
  int same = 0;
};

bool names(const Error& error, const std::string& path, const std::string& run) {
  return contains(error.message, path) || contains(error.message, "run '" + run + "'");
}

/// Looks at the store as it is now.
void judge(const std::string& path, const std::map<std::string, std::string>& originals, Tally& tally) {
  const auto store = open_sqlite(path, {.read_only = true});
  if (!store) {
    ++tally.refused;
    CHECK(contains(store.error().message, path));
    return;
  }
  for (const std::string& run : runs) {
    const auto audit = verify(**store, run);
    if (!audit) {
      ++tally.refused;
      CHECK_MESSAGE(names(audit.error(), path, run), audit.error().message);
      continue;
    }
    const auto now = contents(**store, run); // whatever it is, it is no crash
    if (!now) CHECK_MESSAGE(names(now.error(), path, run), now.error().message);
    if (!audit->passed()) {
      ++tally.found;
      continue;
    }
    if (now) CHECK((*now == originals.at(run)));
    ++tally.same;
  }
}

/// The places that hold something, and some of those that hold nothing.
std::vector<std::size_t> places(const std::string& bytes) {
  std::vector<std::size_t> all;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] != 0 || at % 97 == 0) all.push_back(at);
  }
  return all;
}

void put(int file, std::size_t at, char byte) {
  REQUIRE(::pwrite(file, &byte, 1, static_cast<off_t>(at)) == 1);
}

} // namespace

TEST_CASE("audit: no byte of a store can be changed so that another run passes") {
  TempFolder folder;
  const std::string path = folder / "runs.db";
  std::map<std::string, std::string> originals;
  {
    const auto store = testing::open(path);
    for (const std::string& run : runs) write_audited_run(*store, run);
    for (const std::string& run : runs) originals[run] = contents(*store, run).value();
  }
  const std::string bytes = folder.read("runs.db");
  const auto all = places(bytes);
  const std::size_t stride = full_size() ? 1 : 1 + all.size() / 2500;
  std::mt19937 random(5);
  Tally tally;
  const int file = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  REQUIRE(file >= 0);
  for (std::size_t i = 0; i < all.size(); i += stride) {
    const std::size_t at = all[i];
    CAPTURE(at);
    const auto mask = static_cast<char>(i % 2 == 0 ? 1U << random() % 8 : 1 + random() % 255);
    put(file, at, static_cast<char>(bytes[at] ^ mask));
    judge(path, originals, tally);
    put(file, at, bytes[at]);
  }
  ::close(file);
  MESSAGE(all.size(), " places: ", tally.refused, " refused, ", tally.found, " found, ", tally.same, " unchanged");
  CHECK((folder.read("runs.db") == bytes)); // not to be printed
  CHECK(tally.refused > 100);
  CHECK(tally.found > 300);
}
