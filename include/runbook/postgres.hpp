// The PostgreSQL store: engines on several hosts share runs, and one goes on where another one has failed.
//
// Thread-safety and ownership as in store.hpp: a store's functions may be called from any thread, a journal belongs to
// one thread at a time and keeps what it needs of its store alive.
#pragma once

#include <runbook/store.hpp>

#include <chrono>
#include <memory>
#include <string>

namespace runbook {

/// How to use a PostgreSQL server as a store.
struct PostgresOptions {
  std::string schema = "runbook"; ///< where the tables are, at most 63 bytes; made if it is not there
  /// No call of the store takes longer, whatever the server and the network do; one that reads goes on for as long as
  /// the server keeps sending. A connection that broke is made anew within it. Looking up the name of a host takes the
  /// time that the system's resolver takes.
  std::chrono::milliseconds patience{5000};
  bool read_only = false; ///< the tables must be there; nothing is ever written
  std::string folder{};   ///< what `RunStore::folder` says: where what belongs to running steps is kept on this host
};

/// Opens a store on a PostgreSQL server, version 12 or newer, through libpq 14 or newer, which is loaded at the first
/// call. `connection` is what libpq takes: a URI (`postgresql://user@host/database`) or `host=… dbname=…`. One commit
/// of the server per append; it is durable as far as the server's own settings say, but never less than on its disk.
///
/// Fails with `errc::store_error` if the server cannot be used or the tables are of a newer version, and with
/// `errc::invalid_argument` for a string or a schema's name that can be none. Errors never show a password.
///
/// A connection that breaks after a commit was sent and before its answer leaves open whether it was done. Then the
/// store looks, and repeats only what is not there. If it cannot look within `patience`, the call fails and says so.
///
/// It wants sessions of its own: no pooler that hands connections on by transaction. In a forked child every function
/// of the store and of its journals fails with `errc::store_error`; the parent's go on.
[[nodiscard]] RUNBOOK_EXPORT Result<std::shared_ptr<RunStore>> open_postgres(const std::string& connection,
                                                                             PostgresOptions options = {});

} // namespace runbook
