#include "store/postgres_tables.hpp"

#include "digest.hpp"
#include "printable.hpp"

#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string quoted(std::string_view name) {
  std::string text = "\"";
  for (const char c : name) {
    text += c;
    if (c == '"') text += c;
  }
  return text + '"';
}

/// A statement in which every `@` stands for the schema.
PostgresStatement statement(std::string name, std::string_view sql, const std::string& schema) {
  std::string text;
  for (const char c : sql) {
    if (c == '@')
      text += schema + '.';
    else
      text += c;
  }
  return {std::move(name), std::move(text)};
}

/// Rows of `runs` are changed by every append, on the page where they are: that needs some space.
constexpr std::string_view make_runs =
    "CREATE TABLE @runs (number int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id bytea NOT NULL UNIQUE,"
    " title bytea NOT NULL, actor bytea NOT NULL, started int8 NOT NULL, status text NOT NULL, fence int8 NOT NULL,"
    " owner bytea NOT NULL, lease_until timestamptz, last_seq int8 NOT NULL, head bytea NOT NULL,"
    " last_message int8 NOT NULL DEFAULT 0, mark bytea NOT NULL) WITH (fillfactor = 50)";
constexpr std::string_view make_documents = "CREATE TABLE @documents (run int8 PRIMARY KEY, bytes bytea NOT NULL)";
constexpr std::string_view make_events =
    "CREATE TABLE @events (run int8 NOT NULL, seq int8 NOT NULL, fence int8 NOT NULL, time int8 NOT NULL,"
    " type text NOT NULL, data bytea NOT NULL, output bytea, hash bytea NOT NULL, PRIMARY KEY (run, seq))";
constexpr std::string_view make_messages =
    "CREATE TABLE @messages (run int8 NOT NULL, number int8 NOT NULL, time int8 NOT NULL, token bytea NOT NULL,"
    " yes boolean NOT NULL, text bytea NOT NULL, who bytea NOT NULL, note bytea NOT NULL,"
    " mark bytea NOT NULL UNIQUE, PRIMARY KEY (run, number))";

/// The run's row is the fence: who changes it under the fence and the number that it knows is its owner.
constexpr std::string_view append =
    "WITH run AS (UPDATE @runs SET last_seq = $4::int8, head = $5::bytea, status = $6::text,"
    " owner = coalesce($7::bytea, owner)"
    " WHERE number = $1::int8 AND fence = $2::int8 AND last_seq = $3::int8 RETURNING number, fence)"
    " INSERT INTO @events (run, seq, fence, time, type, data, hash, output)"
    " SELECT run.number, e.seq, run.fence, e.time, e.type, e.data, e.hash, e.output FROM run,"
    " unnest($8::int8[], $9::int8[], $10::text[], $11::bytea[], $12::bytea[], $13::bytea[])"
    " AS e (seq, time, type, data, hash, output)";
constexpr std::string_view create =
    "WITH run AS (INSERT INTO @runs (id, title, actor, started, status, fence, owner, last_seq, head, mark)"
    " VALUES ($1::bytea, $2::bytea, $3::bytea, $4::int8, $5::text, 1, $6::bytea, $7::int8, $8::bytea, $9::bytea)"
    " ON CONFLICT (id) DO NOTHING RETURNING number),"
    " document AS (INSERT INTO @documents SELECT number, $10::bytea FROM run),"
    " added AS (INSERT INTO @events (run, seq, fence, time, type, data, hash, output)"
    " SELECT run.number, e.seq, 1, e.time, e.type, e.data, e.hash, e.output FROM run,"
    " unnest($11::int8[], $12::int8[], $13::text[], $14::bytea[], $15::bytea[], $16::bytea[])"
    " AS e (seq, time, type, data, hash, output))"
    " SELECT number FROM run";
constexpr std::string_view take =
    "WITH run AS (UPDATE @runs SET fence = $4::int8, owner = $5::bytea, lease_until = NULL, status = $6::text,"
    " last_seq = $3::int8 + 1, head = $7::bytea, mark = $8::bytea"
    " WHERE number = $1::int8 AND fence = $2::int8 AND last_seq = $3::int8 RETURNING number, fence, last_seq)"
    " INSERT INTO @events (run, seq, fence, time, type, data, hash)"
    " SELECT number, last_seq, fence, $9::int8, $10::text, $11::bytea, $7::bytea FROM run";
constexpr std::string_view post =
    "WITH run AS (UPDATE @runs SET last_message = last_message + 1"
    " WHERE id = $1::bytea AND status IN ('running', 'parked') RETURNING number, last_message)"
    " INSERT INTO @messages (run, number, time, token, yes, text, who, note, mark)"
    " SELECT number, last_message, $2::int8, $3::bytea, $4::int8 <> 0, $5::bytea, $6::bytea, $7::bytea, $8::bytea"
    " FROM run RETURNING number";

Error newer(const PostgresConnection& connection, std::string_view schema, std::int64_t version) {
  return connection.error(fmt::format("has tables of version {} in the schema '{}', and this program knows {}: it was "
                                      "made by a newer one",
                                      version, printable(schema), postgres_format));
}

struct Found {
  bool schema = false;
  bool store = false;
};

Found found(const PostgresRows& rows) {
  return {rows.integer(0, 0) > 0, rows.integer(0, 1) > 0};
}

PostgresRequest look(const PostgresTables& tables) {
  return {&tables.what_is_there, std::move(PostgresParameters().add(std::string_view(tables.schema)))};
}

void check_format(PostgresConnection& connection, const PostgresTables& tables) {
  const PostgresRows rows = connection.query({&tables.format, {}});
  const std::int64_t version = rows.empty() ? 0 : rows.integer(0, 0);
  if (version > postgres_format) throw Exception(newer(connection, tables.schema, version));
  if (version < 1) throw Exception(connection.error("is damaged: its tables have no version"));
}

/// Of engines that come at the same time, one makes the tables; the others wait for it, and find them.
void make_tables(PostgresConnection& connection, const PostgresTables& tables) {
  std::vector<PostgresRequest> requests;
  requests.push_back({&tables.begin, {}});
  requests.push_back({&tables.lock, std::move(PostgresParameters().add(advisory_key("tables", tables.schema)))});
  requests.push_back(look(tables));
  const Found there = found(connection.exchange(requests).back());
  requests.clear();
  if (!there.schema) requests.push_back({&tables.make_schema, {}});
  if (!there.store) {
    for (const PostgresStatement& one : tables.make) requests.push_back({&one, {}});
  }
  requests.push_back({&tables.commit, {}});
  static_cast<void>(connection.exchange(requests));
}

} // namespace

PostgresTables::PostgresTables(std::string name) : schema(std::move(name)) {
  const std::string s = quoted(schema);
  what_is_there = {
      {},
      "SELECT (SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1::text),"
      " (SELECT count(*) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE n.nspname = $1::text AND c.relname = 'format')"};
  format = statement({}, "SELECT max(version)::int8 FROM @format", s);
  make_schema = {{}, "CREATE SCHEMA " + s};
  for (const std::string_view sql : {make_runs, make_documents, make_events, make_messages,
                                     std::string_view("CREATE TABLE @format (version int8 NOT NULL)")}) {
    make.push_back(statement({}, sql, s));
  }
  make.push_back(statement({}, fmt::format("INSERT INTO @format VALUES ({})", postgres_format), s));
  name_writes(s);
  name_reads(s);
}

void PostgresTables::name_writes(const std::string& s) {
  append = statement("append", runbook::append, s);
  look_for_append = statement("look_for_append",
                              "SELECT r.fence, r.last_seq, e.hash FROM @runs r LEFT JOIN @events e"
                              " ON e.run = r.number AND e.seq = $2::int8 WHERE r.number = $1::int8",
                              s);
  create = statement("create", runbook::create, s);
  look_for_run = statement("look_for_run", "SELECT number FROM @runs WHERE id = $1::bytea AND mark = $2::bytea", s);
  has_run = statement("has_run", "SELECT status FROM @runs WHERE id = $1::bytea", s);
  lock_run = statement("lock_run",
                       "SELECT number, fence, status, last_seq, head, mark FROM @runs"
                       " WHERE id = $1::bytea AND pg_try_advisory_xact_lock($2::int8) FOR UPDATE",
                       s);
  take = statement("take", runbook::take, s);
  renew = statement("renew",
                    "UPDATE @runs SET lease_until ="
                    " clock_timestamp() + $3::int8 * interval '1 millisecond'"
                    " WHERE number = $1::int8 AND fence = $2::int8",
                    s);
  post = statement("post", runbook::post, s);
  look_for_message = statement("look_for_message", "SELECT number FROM @messages WHERE mark = $1::bytea", s);
}

void PostgresTables::name_reads(const std::string& s) {
  read_run = statement("read_run", "SELECT number FROM @runs WHERE id = $1::bytea", s);
  read_events = statement("read_events",
                          "SELECT seq, fence, time, type, data FROM @events"
                          " WHERE run = $1::int8 AND seq > $2::int8 ORDER BY seq",
                          s);
  read_entries = statement("read_entries",
                           "SELECT seq, fence, time, type, data, hash, output FROM @events"
                           " WHERE run = $1::int8 AND seq > $2::int8 ORDER BY seq",
                           s);
  read_document = statement("read_document",
                            "SELECT d.bytes FROM @runs r LEFT JOIN @documents d ON d.run = r.number"
                            " WHERE r.id = $1::bytea",
                            s);
  read_output = statement("read_output",
                          "SELECT e.type, e.output FROM @runs r LEFT JOIN @events e"
                          " ON e.run = r.number AND e.seq = $2::int8 WHERE r.id = $1::bytea",
                          s);
  read_messages = statement("read_messages",
                            "SELECT m.number, m.time, m.token, m.yes, m.text, m.who, m.note FROM @runs r"
                            " LEFT JOIN @messages m ON m.run = r.number AND m.number > $2::int8"
                            " WHERE r.id = $1::bytea ORDER BY m.number",
                            s);
  read_ownership = statement("read_ownership",
                             "SELECT owner, fence, last_seq,"
                             " (extract(epoch FROM lease_until - clock_timestamp()) * 1000)::int8"
                             " FROM @runs WHERE id = $1::bytea",
                             s);
  list = statement("list", "SELECT id, title, status, started, actor FROM @runs ORDER BY number DESC", s);
}

std::int64_t advisory_key(std::string_view purpose, std::string_view schema, std::string_view name) {
  Sha256 digest;
  digest.update(fmt::format("runbook {} {}:{}:", purpose, schema.size(), schema));
  digest.update(name);
  std::uint64_t key = 0;
  for (const char byte : digest.bytes().substr(0, sizeof key)) key = key << 8U | static_cast<unsigned char>(byte);
  return static_cast<std::int64_t>(key);
}

void open_tables(PostgresConnection& connection, const PostgresTables& tables) {
  if (!found(connection.query(look(tables))).store) {
    if (!connection.settings().writes) {
      throw Exception(connection.error(fmt::format("holds no runs in the schema '{}'", printable(tables.schema))));
    }
    make_tables(connection, tables);
  }
  check_format(connection, tables);
}

} // namespace runbook
