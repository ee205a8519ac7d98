#include "lint/secret_shapes.hpp"

#include "markdown/text.hpp"

#include <algorithm>
#include <set>
#include <string>

namespace runbook::linting {

namespace {

using markdown::is_digit;
using markdown::is_letter;
using markdown::lower;

struct Shape {
  std::string_view what;
  std::string_view prefix;
  std::size_t least;     ///< characters behind the prefix
  std::string_view also; ///< besides letters and digits
};

constexpr Shape shapes[] = {
    {"an AWS access key", "AKIA", 16, ""},      {"an AWS access key", "ASIA", 16, ""},
    {"a GitHub token", "ghp_", 36, ""},         {"a GitHub token", "gho_", 36, ""},
    {"a GitHub token", "ghu_", 36, ""},         {"a GitHub token", "ghs_", 36, ""},
    {"a GitHub token", "github_pat_", 22, "_"}, {"a GitLab token", "glpat-", 20, "_-"},
    {"a Slack token", "xoxb-", 10, "-"},        {"a Slack token", "xoxp-", 10, "-"},
    {"a Slack token", "xoxa-", 10, "-"},        {"a Slack token", "xoxr-", 10, "-"},
    {"a Slack token", "xoxs-", 10, "-"},        {"a Stripe key", "sk_live_", 16, ""},
    {"a Stripe key", "rk_live_", 16, ""},       {"a Google API key", "AIza", 35, "_-"},
    {"an npm token", "npm_", 36, ""},           {"a PyPI token", "pypi-AgE", 40, "_-"},
    {"a Vault token", "hvs.", 24, "_-"},        {"a JSON web token", "eyJ", 60, "_-."},
};

/// Names that hold secrets. Short values of the others than passwords are names of secrets and not secrets.
struct Name {
  std::string_view ending;
  std::size_t least; ///< characters of the value
  bool mixed;        ///< the value has letters and digits
  bool colon;        ///< also with `:`, as in YAML
};

constexpr Name names[] = {
    {"password", 5, false, true},   {"passwd", 5, false, true},     {"passphrase", 5, false, true},
    {"secret", 12, true, false},    {"token", 12, true, false},     {"apikey", 12, true, true},
    {"api_key", 12, true, true},    {"api-key", 12, true, true},    {"access_key", 12, true, true},
    {"secret_key", 12, true, true}, {"secret-key", 12, true, true}, {"pwd", 6, true, false},
};

bool is_word(char c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

/// Values that stand for a secret and are none.
bool is_stand_in(std::string_view value) {
  const std::string low = lower(value);
  for (const std::string_view sign :
       {"<",        ">",         "$",         "{{",          "***",  "xxx",   "...",      "\xE2\x80\xA6", "example",
        "changeme", "change-me", "change_me", "placeholder", "your", "dummy", "redacted", "secret",       "password",
        "passw0rd", "token",     "123456789", "abcdef0",     "%s",   "fake",  "sample"}) {
    if (low.find(sign) != std::string::npos) return true;
  }
  return std::set<char>(low.begin(), low.end()).size() < std::min<std::size_t>(5, low.size());
}

bool is_mixed(std::string_view value) {
  return std::ranges::any_of(value, is_digit) && std::ranges::any_of(value, is_letter);
}

/// Where a value that starts here ends: at its quote, or at what cannot be in a bare word.
std::size_t end_of_value(std::string_view line, std::size_t& begin) {
  if (begin < line.size() && (line[begin] == '"' || line[begin] == '\'')) {
    const char quote = line[begin++];
    return std::min(line.find(quote, begin), line.size());
  }
  return std::min(line.find_first_of(" \t\"'`&;,|)}]", begin), line.size());
}

bool can_be_secret(std::string_view value) {
  if (value.empty() || std::string_view("$<{[(@/-*%!").find(value.front()) != std::string_view::npos) return false;
  return value.find('(') == std::string_view::npos && value.find("://") == std::string_view::npos &&
         !is_stand_in(value);
}

/// `--password=…`, `PASSWORD=…`, `"password": "…"`, `--password …`; `at` is behind the name.
void add_setting(std::string_view line, std::size_t start, std::size_t at, const Name& name,
                 std::vector<Secret>& found) {
  const bool option = line.substr(start).starts_with("--");
  std::size_t begin = at;
  if (begin < line.size() && (line[begin] == '"' || line[begin] == '\'')) ++begin;
  const std::size_t sign = std::min(line.find_first_not_of(" \t", begin), line.size());
  const char c = sign < line.size() ? line[sign] : '\0';
  if (c == '=' && sign == begin) {
    begin = sign + 1;
  } else if (c == ':' && name.colon && !line.substr(sign).starts_with("://")) {
    begin = std::min(line.find_first_not_of(" \t", sign + 1), line.size());
  } else if (option && sign > begin) {
    begin = sign;
  } else {
    return;
  }
  const std::size_t end = end_of_value(line, begin);
  const std::string_view value = line.substr(begin, end - begin);
  if (value.size() < name.least || !can_be_secret(value) || (name.mixed && !is_mixed(value))) return;
  found.push_back({name.least < 10 ? "a password" : "a secret value", begin, end});
}

void find_settings(std::string_view line, std::vector<Secret>& found) {
  const std::string low = lower(line);
  for (std::size_t at = 0; at < low.size();) {
    if (!is_word(low[at])) {
      ++at;
      continue;
    }
    const std::size_t start = at;
    while (at < low.size() && is_word(low[at])) ++at;
    const std::string_view word = std::string_view(low).substr(start, at - start);
    for (const Name& name : names) {
      if (!word.ends_with(name.ending)) continue;
      add_setting(line, start, at, name, found);
      break;
    }
  }
}

/// `Authorization: Bearer …`
void find_headers(std::string_view line, std::vector<Secret>& found) {
  const std::string low = lower(line);
  const std::size_t header = low.find("authorization:");
  if (header == std::string::npos) return;
  std::size_t begin = std::min(low.find_first_not_of(" \t", header + 14), low.size());
  for (const std::string_view scheme : {"bearer ", "basic ", "token "}) {
    if (!std::string_view(low).substr(begin).starts_with(scheme)) continue;
    begin = std::min(low.find_first_not_of(" \t", begin + scheme.size()), low.size());
    const std::size_t end = end_of_value(line, begin);
    const std::string_view value = line.substr(begin, end - begin);
    if (value.size() >= 12 && can_be_secret(value)) found.push_back({"a credential in a header", begin, end});
    return;
  }
}

/// `postgres://user:password@host`
void find_addresses(std::string_view line, std::vector<Secret>& found) {
  for (std::size_t at = line.find("://"); at != std::string_view::npos; at = line.find("://", at + 3)) {
    const std::size_t begin = at + 3;
    const std::size_t end = std::min(line.find_first_of("/ \t\"'<>", begin), line.size());
    const std::string_view authority = line.substr(begin, end - begin);
    const std::size_t host = authority.rfind('@');
    const std::size_t colon = authority.find(':');
    if (host == std::string_view::npos || colon == std::string_view::npos || colon > host) continue;
    const std::string_view value = authority.substr(colon + 1, host - colon - 1);
    if (value.size() < 4 || value == "pass" || value == "test" || !can_be_secret(value)) continue;
    found.push_back({"a password in an address", begin + colon + 1, begin + host});
  }
}

} // namespace

std::vector<Secret> find_tokens(std::string_view line) {
  std::vector<Secret> found;
  const std::size_t key = line.find("PRIVATE KEY-----");
  const std::size_t start = line.find("-----BEGIN ");
  if (start != std::string_view::npos && key != std::string_view::npos && start < key) {
    found.push_back({"a private key", start, key + 16});
  }
  for (const Shape& shape : shapes) {
    for (std::size_t at = line.find(shape.prefix); at != std::string_view::npos; at = line.find(shape.prefix, at + 1)) {
      if (at > 0 && (is_letter(line[at - 1]) || is_digit(line[at - 1]))) continue;
      const std::size_t begin = at + shape.prefix.size();
      std::size_t end = begin;
      while (end < line.size() &&
             (is_letter(line[end]) || is_digit(line[end]) || shape.also.find(line[end]) != std::string_view::npos)) {
        ++end;
      }
      if (end - begin >= shape.least && !is_stand_in(line.substr(at, end - at))) found.push_back({shape.what, at, end});
      at = end > at ? end - 1 : at;
    }
  }
  return found;
}

std::vector<Secret> find_credentials(std::string_view line) {
  std::vector<Secret> found;
  find_settings(line, found);
  find_headers(line, found);
  find_addresses(line, found);
  return found;
}

} // namespace runbook::linting
