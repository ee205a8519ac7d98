// The crash matrix on a PostgreSQL server: owners are killed at every point, and others take their runs up.
#include "support/crash_scenarios.hpp"
#include "support/long_tests.hpp"
#include "support/postgres_server.hpp"

#include <runbook/crash_matrix.hpp>
#include <runbook/postgres.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>

using namespace runbook;
using namespace runbook::testing;

namespace {

/// Only processes of ours end here, so the server need not sync.
const PostgresServer& server() {
  static const PostgresServer only({"fsync=off"});
  return only;
}

void survives(const CrashScenario& scenario, bool twice) {
  CrashMatrix matrix;
  const std::string connection = server().connection();
  matrix.open = [connection](const CrashLife& life) {
    return open_postgres(connection, {.patience = std::chrono::seconds{20}, .folder = life.folder() + "/steps"});
  };
  matrix.twice = twice;
  matrix.system_calls = false;
  const CrashReport report = run_crash_matrix(scenario, matrix);
  MESSAGE(to_string(report));
  CHECK(report.ok());
  if (!matrix.only.empty()) return;
  CHECK(report.once > 20);
  CHECK(report.once == report.points);
}

} // namespace

TEST_CASE("postgres matrix: a run that goes forward") {
  survives(forward_scenario(), full_size());
}

TEST_CASE("postgres matrix: a run that fails late and is rolled back, and an undo that fails") {
  survives(rollback_scenario(), full_size());
}

TEST_CASE("postgres matrix: a loop and a graph that are rolled back") {
  survives(flow_scenario(true), full_size());
}

TEST_CASE("postgres matrix: real programs") {
  survives(shell_scenario(), full_size());
}
