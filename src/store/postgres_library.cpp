#include "store/postgres_library.hpp"

#include <dlfcn.h>

#include <mutex>

#include <fmt/format.h>

namespace runbook {

namespace {

constexpr const char* postgres_file = "libpq.so.5";

// 14 is the first release with pipelines.
constexpr int oldest_postgres = 140000;

Error unusable(const std::string& why) {
  return {
      errc::store_error,
      fmt::format("a PostgreSQL store needs libpq 14 or newer: {}; install it (Debian: apt-get install libpq5)", why),
      {}};
}

const char* dl_error() {
  const char* text = ::dlerror();
  return text != nullptr ? text : "unknown error of the dynamic loader";
}

/// Fills the table; returns the name of a function that is missing, or null.
const char* fill(PostgresLibrary& pq, void* library) {
  const char* missing = nullptr;
  const auto find = [&]<class Function>(Function*& function, const char* name) {
    function = reinterpret_cast<Function*>(::dlsym(library, name));
    if (function == nullptr && missing == nullptr) missing = name;
  };
  find(pq.lib_version, "PQlibVersion");
  find(pq.conninfo_parse, "PQconninfoParse");
  find(pq.conndefaults, "PQconndefaults");
  find(pq.conninfo_free, "PQconninfoFree");
  find(pq.freemem, "PQfreemem");
  find(pq.connect_start, "PQconnectStartParams");
  find(pq.connect_poll, "PQconnectPoll");
  find(pq.finish, "PQfinish");
  find(pq.status, "PQstatus");
  find(pq.socket, "PQsocket");
  find(pq.server_version, "PQserverVersion");
  find(pq.error_message, "PQerrorMessage");
  find(pq.set_error_verbosity, "PQsetErrorVerbosity");
  find(pq.set_notice_processor, "PQsetNoticeProcessor");
  find(pq.set_nonblocking, "PQsetnonblocking");
  find(pq.enter_pipeline_mode, "PQenterPipelineMode");
  find(pq.pipeline_sync, "PQpipelineSync");
  find(pq.send_prepare, "PQsendPrepare");
  find(pq.send_query_prepared, "PQsendQueryPrepared");
  find(pq.set_single_row_mode, "PQsetSingleRowMode");
  find(pq.flush, "PQflush");
  find(pq.consume_input, "PQconsumeInput");
  find(pq.is_busy, "PQisBusy");
  find(pq.get_result, "PQgetResult");
  find(pq.clear, "PQclear");
  find(pq.result_status, "PQresultStatus");
  find(pq.result_error_field, "PQresultErrorField");
  find(pq.ntuples, "PQntuples");
  find(pq.getvalue, "PQgetvalue");
  find(pq.getlength, "PQgetlength");
  find(pq.getisnull, "PQgetisnull");
  find(pq.cmd_tuples, "PQcmdTuples");
  return missing;
}

} // namespace

Result<PostgresLibrary> load_postgres(const char* file) {
  void* const library = ::dlopen(file, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return unusable(dl_error());
  PostgresLibrary pq;
  if (const char* missing = fill(pq, library); missing != nullptr) {
    ::dlclose(library);
    return unusable(fmt::format("{} has no function {}", file, missing));
  }
  if (const int version = pq.lib_version(); version < oldest_postgres) {
    ::dlclose(library);
    return unusable(fmt::format("{} is version {}", file, version / 10000));
  }
  return pq;
}

Result<const PostgresLibrary*> postgres_library() {
  static std::mutex mutex;
  static PostgresLibrary table;
  static bool loaded = false;
  const std::scoped_lock lock(mutex);
  if (!loaded) {
    Result<PostgresLibrary> pq = load_postgres(postgres_file);
    if (!pq) return pq.error();
    table = *pq;
    loaded = true;
  }
  return &table;
}

} // namespace runbook
