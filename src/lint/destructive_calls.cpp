#include "lint/destructive_calls.hpp"

#include "markdown/text.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace runbook::linting {

namespace {

using markdown::is_blank;
using markdown::is_letter;

/// A program that destroys if one of `all` is among its words (where it is not empty) and one of `any` too.
struct Pattern {
  std::string_view programs;
  std::string_view first; ///< must be there; empty: nothing must
  std::string_view any;   ///< one of them must be there; empty: nothing must
};

constexpr Pattern patterns[] = {
    {"mke2fs shred blkdiscard lvremove vgremove pvremove userdel groupdel deluser delgroup dropdb dropuser", "", ""},
    {"wipefs", "", "-a --all -af -fa -o"},
    {"truncate", "", "-s0 --size=0 0"},
    {"find", "", "-delete"},
    {"find", "-exec", "rm"},
    {"rsync", "", "--delete --delete-after --delete-before --delete-during --delete-excluded"},
    {"sgdisk", "", "--zap-all -Z"},
    {"parted", "", "mklabel mktable rm"},
    {"mdadm", "", "--zero-superblock"},
    {"cryptsetup", "", "luksFormat erase luksErase"},
    {"zfs zpool", "", "destroy labelclear"},
    {"btrfs", "", "delete"},
    {"git", "push", "--force -f --force-with-lease --delete --mirror"},
    {"git", "reset", "--hard"},
    {"git", "clean", "-f -fd -df -fx -fdx -dfx -xdf -xfd -ffdx --force"},
    {"git", "branch", "-D"},
    {"kubectl oc", "", "delete"},
    {"oc", "adm", "prune"},
    {"helm", "", "uninstall delete del"},
    {"terraform tofu terragrunt", "", "destroy -destroy --destroy"},
    {"terraform tofu terragrunt", "state", "rm"},
    {"pulumi cdk", "", "destroy"},
    {"docker podman nerdctl", "", "rm rmi prune"},
    {"docker podman docker-compose", "down", "-v --volumes --rmi"},
    {"systemctl", "", "disable mask"},
    {"iptables ip6tables", "", "-F --flush -X --delete-chain"},
    {"nft", "", "flush delete"},
    {"ufw", "", "reset"},
    {"aws", "", "delete-* terminate-* deregister-* purge-*"},
    {"aws", "s3", "rm rb --delete"},
    {"gcloud az eksctl kops doctl linode-cli oci", "", "delete"},
    {"gsutil", "", "rm rb"},
    {"redis-cli valkey-cli", "", "FLUSHALL FLUSHDB flushall flushdb"},
    {"etcdctl", "", "del rm"},
    {"rabbitmqctl", "", "delete_* purge_queue reset force_reset"},
    {"kafka-topics kafka-topics.sh kafka-consumer-groups kafka-consumer-groups.sh", "", "--delete"},
    {"vault", "", "delete destroy disable"},
    {"consul", "kv", "delete"},
    {"nomad", "", "-purge"},
    {"crontab", "", "-r"},
    {"apt apt-get", "", "purge"},
    {"mysqladmin", "", "drop"},
    {"curl", "-X", "DELETE"},
    {"curl", "--request", "DELETE"},
    {"curl", "", "-XDELETE --request=DELETE"},
};

constexpr std::string_view sql_clients =
    "psql mysql mariadb sqlite3 sqlcmd sqlplus clickhouse-client clickhouse cockroach bq snowsql cqlsh duckdb";

/// The first of the blank-separated words that the call has.
std::string_view first_of(std::string_view list, const Call& call) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (call.has(list.substr(0, end))) return list.substr(0, end);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return {};
}

std::string by_pattern(const Call& call) {
  for (const Pattern& pattern : patterns) {
    if (!is_listed(pattern.programs, call.program)) continue;
    if (!pattern.first.empty() && !call.has(pattern.first)) continue;
    std::string_view what = first_of(pattern.any, call);
    if (!pattern.any.empty() && what.empty()) continue;
    std::string said = call.program;
    if (!pattern.first.empty()) said.append(" ").append(pattern.first);
    if (!what.empty() && what.ends_with('*')) {
      what = *std::ranges::find_if(
          call.words, [&](const std::string& w) { return w.starts_with(what.substr(0, what.size() - 1)); });
    }
    if (!what.empty()) said.append(" ").append(what);
    return said;
  }
  return {};
}

bool has_short_option(const Call& call, char option) {
  return std::ranges::any_of(call.words, [option](const std::string& word) {
    return word.size() > 1 && word[0] == '-' && word[1] != '-' && word.find(option) != std::string::npos;
  });
}

/// What lies in a folder for temporary files is not missed.
bool is_temporary(std::string_view path) {
  for (const std::string_view folder : {"/tmp/", "/var/tmp/", "$TMPDIR", "${TMPDIR", "/dev/shm/"}) {
    if (path.starts_with(folder)) return true;
  }
  const std::string name = markdown::lower(path);
  return path.starts_with('$') && (name.find("tmp") != std::string::npos || name.find("temp") != std::string::npos);
}

std::string by_rm(const Call& call) {
  if (!has_short_option(call, 'r') && !has_short_option(call, 'R') && !call.has("--recursive")) return {};
  const auto is_path = [](const std::string& word) { return !word.starts_with('-'); };
  if (std::ranges::none_of(call.words, is_path)) return "rm -r"; // `xargs` names the paths
  const bool lasting =
      std::ranges::any_of(call.words, [&](const std::string& word) { return is_path(word) && !is_temporary(word); });
  return lasting ? "rm -r" : "";
}

std::string by_dd(const Call& call) {
  const bool device = std::ranges::any_of(
      call.words, [](const std::string& word) { return word.starts_with("of=/dev/") && word != "of=/dev/null"; });
  return device ? "dd of=/dev/…" : "";
}

/// A pod comes back if something keeps it; deleting one is how it is started anew.
bool deletes_only_pods(const Call& call) {
  if (!is_listed("kubectl oc", call.program) || call.has("--all") || call.has("--all=true")) return false;
  const auto verb = std::ranges::find(call.words, "delete");
  if (verb == call.words.end() || verb + 1 == call.words.end()) return false;
  for (auto word = verb + 1; word != call.words.end(); ++word) {
    if (is_listed("pod pods po", *word) || word->starts_with("pod/") || word->starts_with("pods/")) return true;
  }
  return false;
}

bool only_tries(const Call& call) {
  return call.has("--dry-run*") || call.has("--dryrun") || call.has("--help") || call.has("-h");
}

/// The words of SQL at `at`, blanks taken for one: "DROP TABLE".
bool reads(std::string_view sql, std::size_t at, std::string_view wanted) {
  for (const char c : wanted) {
    if (c == ' ') {
      if (at >= sql.size() || !is_blank(sql[at])) return false;
      while (at < sql.size() && is_blank(sql[at])) ++at;
    } else if (at >= sql.size() || (sql[at] != c && sql[at] != c - 'A' + 'a')) {
      return false;
    } else {
      ++at;
    }
  }
  return at >= sql.size() || (!is_letter(sql[at]) && sql[at] != '_');
}

} // namespace

std::string destruction_by_sql(std::string_view sql) {
  constexpr std::string_view statements[] = {
      "DROP TABLE",  "DROP DATABASE", "DROP SCHEMA",   "DROP INDEX",     "DROP VIEW", "DROP USER",  "DROP ROLE",
      "DROP COLUMN", "DROP TYPE",     "DROP KEYSPACE", "TRUNCATE TABLE", "TRUNCATE",  "DELETE FROM"};
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const bool starts = at == 0 || !(is_letter(sql[at - 1]) || sql[at - 1] == '_' || sql[at - 1] == '-');
    if (!starts || std::string_view("dDtT").find(sql[at]) == std::string_view::npos) continue;
    for (const std::string_view statement : statements) {
      if (reads(sql, at, statement)) return std::string(statement);
    }
  }
  return {};
}

std::string destruction_by(const Call& call) {
  if (only_tries(call)) return {};
  if (call.program == "rm") return by_rm(call);
  if (call.program == "dd") return by_dd(call);
  if (call.program.starts_with("mkfs")) return call.program;
  if (deletes_only_pods(call)) return {};
  if (is_listed(sql_clients, call.program)) {
    std::string all = call.documents;
    for (const std::string& word : call.words) all += "\n" + word;
    return destruction_by_sql(all);
  }
  return by_pattern(call);
}

} // namespace runbook::linting
