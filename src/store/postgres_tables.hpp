// The tables of a PostgreSQL store and the statements that use them. docs/journal.md describes the tables.
//
// Thread-safety: immutable once made.
#pragma once

#include "store/postgres_connection.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// Version of the tables.
inline constexpr std::int64_t postgres_format = 1;

struct PostgresTables {
  explicit PostgresTables(std::string name);

  std::string schema;
  PostgresStatement begin{"begin", "BEGIN"};
  PostgresStatement commit{"commit", "COMMIT"};
  PostgresStatement rollback{"rollback", "ROLLBACK"};
  PostgresStatement lock{"lock", "SELECT pg_advisory_xact_lock($1::int8)"};

  PostgresStatement what_is_there; ///< schema name -> whether there is the schema, whether there is a store in it
  PostgresStatement format;
  std::vector<PostgresStatement> make; ///< all but the schema
  PostgresStatement make_schema;

  PostgresStatement append;
  PostgresStatement look_for_append;
  PostgresStatement create;
  PostgresStatement look_for_run;
  PostgresStatement has_run;
  PostgresStatement lock_run;
  PostgresStatement take;
  PostgresStatement renew;
  PostgresStatement post;
  PostgresStatement look_for_message;

  PostgresStatement read_run;
  PostgresStatement read_events;
  PostgresStatement read_entries;
  PostgresStatement read_document;
  PostgresStatement read_output;
  PostgresStatement read_messages;
  PostgresStatement read_ownership;
  PostgresStatement list;

private:
  void name_writes(const std::string& s);
  void name_reads(const std::string& s);
};

/// A number for the server's advisory locks, which are shared by all programs that use the database.
[[nodiscard]] std::int64_t advisory_key(std::string_view purpose, std::string_view schema, std::string_view name = {});

/// Makes the tables if they are not there. Throws `Exception` if there are tables of a newer version, which it leaves
/// as they are, or none and the connection only reads.
void open_tables(PostgresConnection& connection, const PostgresTables& tables);

} // namespace runbook
