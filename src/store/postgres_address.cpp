#include "store/postgres_address.hpp"

#include "printable.hpp"

#include <memory>
#include <string_view>

#include <fmt/format.h>

namespace runbook {

namespace {

Error unreadable(const std::string& why) {
  return {
      errc::invalid_argument,
      fmt::format("the connection to PostgreSQL cannot be read: {}; write postgresql://user@host/database, and what "
                  "is special in a URI as %40 for @, %2F for /",
                  why),
      {}};
}

/// libpq quotes the part that it does not understand, which may be the end of a password.
std::string without_quotations(std::string_view message) {
  const std::size_t first = message.find('"');
  if (first == std::string_view::npos) return std::string(message);
  return std::string(message.substr(0, first)) + "…";
}

using Options = std::unique_ptr<PQconninfoOption, decltype(&::PQconninfoFree)>;

std::string value_of(const Options& options, std::string_view keyword) {
  for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
    if (keyword == option->keyword) return option->val == nullptr ? "" : option->val;
  }
  return {};
}

} // namespace

Result<std::string> postgres_words(const PostgresLibrary& pq, const std::string& connection) {
  if (connection.find('\0') != std::string::npos) return unreadable("it has a zero byte");
  char* message = nullptr;
  const Options given(pq.conninfo_parse(connection.c_str(), &message), pq.conninfo_free);
  if (!given) {
    const std::unique_ptr<char, decltype(&::PQfreemem)> words(message, [](void* text) { std::free(text); });
    return unreadable(words ? without_quotations(one_line(words.get())) : std::string("there is no memory"));
  }
  const Options defaults(pq.conndefaults(), pq.conninfo_free);
  const auto value = [&](std::string_view keyword) {
    std::string text = value_of(given, keyword);
    return text.empty() ? value_of(defaults, keyword) : text;
  };
  const std::string host = value_of(given, "host").empty() ? value("hostaddr") : value("host");
  const std::string place =
      fmt::format("{}:{}/{}", host.empty() ? value("host") : host, value("port"), value("dbname"));
  // A password with an unescaped '/' or '@' ends up there.
  if (place.find('@') != std::string::npos && !host.starts_with('@')) {
    return unreadable("there is an '@' in the name of its host or database");
  }
  return fmt::format("PostgreSQL store '{}'", printable(place));
}

std::string one_line(const char* message) {
  std::string line;
  std::string_view rest = message == nullptr ? "" : message;
  while (!rest.empty()) {
    const std::string_view part = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(part.size() == rest.size() ? part.size() : part.size() + 1);
    if (part.empty() || part.starts_with("LOCATION:")) continue;
    if (!line.empty()) line += "; ";
    line += part.substr(std::min(part.find_first_not_of("\t "), part.size()));
  }
  return printable(line);
}

} // namespace runbook
