// SQLite's system calls as points of a life.
#pragma once

#include "crash_matrix/points.hpp"

namespace runbook::testing::crash {

/// From now on, for the rest of this process, what SQLite writes, cuts and removes passes points. They must outlive
/// its last call.
void watch_sqlite_calls(Points& points);

} // namespace runbook::testing::crash
