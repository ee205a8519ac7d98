// Who owns a run and for how long: the contract of every store.
#include "support/store_backends.hpp"

#include <runbook/store.hpp>

#include <doctest/doctest.h>

#include <thread>

using namespace runbook;
using namespace runbook::testing;
using namespace std::chrono_literals;

namespace {

Ownership ownership(RunStore& store, const std::string& run) {
  const auto owned = store.ownership(run);
  REQUIRE_MESSAGE(owned.has_value(), to_string(owned.error()));
  return *owned;
}

void renew(Journal& journal, Lease lease) {
  const auto renewed = journal.renew(lease);
  REQUIRE_MESSAGE(renewed.has_value(), to_string(renewed.error()));
}

std::unique_ptr<Journal> claim(RunStore& store, const std::string& run, const std::string& owner) {
  auto journal = store.claim(run, {owner}, start_time);
  REQUIRE_MESSAGE(journal.has_value(), to_string(journal.error()));
  return std::move(*journal);
}

} // namespace

TEST_CASE_TEMPLATE("store: ownership follows the claims and the events of a run", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  CHECK(ownership(*backend.store, "r1").owner.empty());
  append(*journal, {line.next(Claimed{"first"}), line.next(intent(forward(0)))});
  Ownership owned = ownership(*backend.store, "r1");
  CHECK((owned.owner == "first" && owned.fence == 1 && owned.last_seq == 3));
  CHECK(!owned.lease_left.has_value());

  for (const std::uint64_t fence : {2U, 3U}) { // asked twice: it is known by then
    const auto next = claim(*backend.store, "r1", "owner " + std::to_string(fence));
    for (int i = 0; i < 2; ++i) {
      owned = ownership(*backend.store, "r1");
      CHECK((owned.owner == "owner " + std::to_string(fence)));
      CHECK((owned.fence == fence && owned.last_seq == fence + 2));
    }
  }
}

TEST_CASE_TEMPLATE("store: ownership of a run among others and of one that has ended", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[2];
  const auto one = create(*backend.store, "one", lines[0]);
  const auto two = create(*backend.store, "two", lines[1]);
  append(*one, {lines[0].next(Claimed{"a"})});
  append(*two, {lines[1].next(Claimed{"b"})});
  append(*one, {lines[0].next(RunClosed{RunStatus::succeeded, "", {}})});
  append(*two, {lines[1].next(intent(forward(0)))});
  CHECK(ownership(*backend.store, "one").owner == "a");
  CHECK(ownership(*backend.store, "one").last_seq == 3);
  CHECK(ownership(*backend.store, "two").owner == "b");
  CHECK(error_of(backend.store->ownership("nobody")).code == errc::not_found);
}

TEST_CASE_TEMPLATE("store: a lease begins anew with each word of the owner and ends by itself", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  renew(*journal, 1h);
  const auto left = ownership(*backend.store, "r1").lease_left.value();
  CHECK((left > 59min && left <= 1h));
  renew(*journal, 2h);
  CHECK(ownership(*backend.store, "r1").lease_left.value() > 119min);
  append(*journal, {line.next(intent(forward(0)))}); // says nothing about the lease
  CHECK(ownership(*backend.store, "r1").lease_left.value() > 119min);
  renew(*journal, 1ms);
  std::this_thread::sleep_for(3ms);
  CHECK(ownership(*backend.store, "r1").lease_left.value() < 0ms);
  append(*journal, {line.next(ok(forward(0)))}); // who is late is still the owner
  renew(*journal, 0ms);
  CHECK(!ownership(*backend.store, "r1").lease_left.has_value());
}

TEST_CASE_TEMPLATE("store: a lease of any length is kept", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto journal = create(*backend.store, "r1", line);
  renew(*journal, Lease::max());
  CHECK(ownership(*backend.store, "r1").lease_left.value() > 24h * 365 * 10);
  renew(*journal, Lease::min());
  CHECK(ownership(*backend.store, "r1").lease_left.value() < -24h * 365 * 10);
}

TEST_CASE_TEMPLATE("store: who takes a run over has no lease and the former owner gets none", Backend, BACKENDS) {
  Backend backend;
  EventLine line;
  auto first = create(*backend.store, "r1", line);
  renew(*first, 1h);
  CHECK(error_of(backend.store->claim("r1", {"late"}, start_time, 7)).code == errc::fenced);
  CHECK(ownership(*backend.store, "r1").lease_left.has_value()); // nothing was taken over
  auto second = claim(*backend.store, "r1", "second");
  CHECK(!ownership(*backend.store, "r1").lease_left.has_value());
  const Error refused = error_of(first->renew(1h));
  CHECK(refused.code == errc::fenced);
  CHECK(refused.message.starts_with("run 'r1' was taken over by another owner"));
  CHECK(error_of(first->renew(0ms)).code == errc::fenced);
  CHECK(!ownership(*backend.store, "r1").lease_left.has_value());
  renew(*second, 1h);
  CHECK(ownership(*backend.store, "r1").lease_left.has_value());
}

TEST_CASE_TEMPLATE("store: leases are of one run each", Backend, BACKENDS) {
  Backend backend;
  EventLine lines[2];
  auto one = create(*backend.store, "one", lines[0]);
  auto two = create(*backend.store, "two", lines[1]);
  renew(*one, 1h);
  CHECK(!ownership(*backend.store, "two").lease_left.has_value());
  renew(*two, 2h);
  renew(*one, 0ms);
  CHECK(ownership(*backend.store, "two").lease_left.value() > 1h);
}
