#include "lint/reading_calls.hpp"

#include "lint/destructive_calls.hpp"
#include "markdown/text.hpp"

#include <algorithm>

namespace runbook::linting {

namespace {

constexpr std::string_view readers = "cat ls ll grep egrep fgrep zgrep zcat bzcat xzcat awk gawk mawk head tail less "
                                     "more wc sort uniq cut tr jq yq echo "
                                     "printf test [ [[ true false : cd pushd popd pwd which type whereis whoami id "
                                     "groups uname hostname date cal uptime df "
                                     "du free top htop ps pgrep pidof pstree lsof ss netstat dig nslookup host ping "
                                     "ping6 traceroute tracepath mtr nc ncat "
                                     "telnet journalctl dmesg last lastlog w who stat file diff cmp comm md5sum "
                                     "sha1sum sha256sum sha512sum base64 xxd od "
                                     "hexdump strings env printenv set export unset local declare typeset readonly "
                                     "read mapfile readarray sleep wait exit "
                                     "return break continue shift man column basename dirname realpath readlink getent "
                                     "nproc lscpu lsblk blkid lspci lsmod "
                                     "vmstat iostat iotop sar mpstat pidstat strace promtool amtool tcpdump for select "
                                     "case esac function in nl tac rev fold "
                                     "paste join expr seq let alias trap ulimit openssl fuser numactl ipcs xargs tty";

/// Programs whose calls look if one of the words is among their words, and no other is a reason to doubt it.
struct Verbs {
  std::string_view programs;
  std::string_view verbs; ///< one of them is there; a `*` at the end stands for any text
};

constexpr Verbs looking[] = {
    {"kubectl oc",
     "get describe logs log top explain version whoami status cluster-info auth api-resources api-versions "
     "project projects events port-forward wait exec rsh history must-gather node-logs diff config login"},
    {"virtctl", "version console vnc guestfs"},
    {"helm", "list ls status get history show search template version lint diff"},
    {"docker podman nerdctl", "ps logs inspect images stats top version info port history events exec"},
    {"docker-compose", "ps logs config images top"},
    {"systemctl",
     "status is-active is-enabled is-failed show list-units list-timers list-unit-files list-dependencies cat"},
    {"git", "status log diff show describe rev-parse ls-files ls-remote blame grep fetch shortlog reflog"},
    {"terraform tofu terragrunt", "plan show output validate version providers"},
    {"aws",
     "describe-* get-* list-* lookup-* search-* filter-* head-* batch-get-* ls wait start-query select* validate-*"},
    {"gcloud az eksctl doctl", "list describe show get"},
    {"gsutil", "ls cat stat du"},
    {"redis-cli valkey-cli", "GET INFO PING KEYS get info ping keys"},
    {"etcdctl", "get status health list"},
    {"rabbitmqctl", "list_* status cluster_status"},
    {"ceph", "-s status health df"},
    {"apt apt-cache", "list show policy search"},
    {"rpm", "-q -qa -qi -ql -V"},
    {"dpkg", "-l -L -s -S"},
    {"nginx", "-t -T -v -V"},
    {"vault consul nomad", "status read members info"},
    {"virsh", "list dominfo domstate"},
    {"zfs zpool", "list status get"},
};

bool has_one_of(const Call& call, std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(' '), list.size());
    if (call.has(list.substr(0, end))) return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

bool curl_reads(const Call& call) {
  if (has_one_of(call, "-d --data* -F --form* -T --upload-file --json -XPOST -XPUT -XPATCH -XDELETE")) return false;
  const auto method =
      std::ranges::find_if(call.words, [](const std::string& w) { return w == "-X" || w == "--request"; });
  return method == call.words.end() || method + 1 == call.words.end() || is_listed("GET HEAD OPTIONS", *(method + 1));
}

/// Statements that only ask.
bool sql_reads(const Call& call) {
  std::string all = call.documents;
  for (const std::string& word : call.words) all += " " + word;
  all = markdown::lower(all);
  for (const std::string_view word : {"insert", "update", "delete", "alter", "create", "drop", "truncate", "grant",
                                      "revoke", "vacuum", "reindex", "call", "-f", "<"}) {
    if (all.find(word) != std::string::npos) return false;
  }
  return all.find("select") != std::string::npos || all.find("show") != std::string::npos;
}

} // namespace

bool only_reads(const Call& call) {
  if (call.writes_file || !destruction_by(call).empty()) return false;
  if (call.has("--dry-run*") || call.has("--help") || call.has("--version")) return true;
  if (assigned_name(call.program) > 0 || is_listed(readers, call.program)) return true;
  if (!call.words.empty() && call.words.back() == "]]") return true; // the rest of `[[ a && b ]]`
  if (call.program == "curl") return curl_reads(call);
  if (call.program == "sed") return !call.has("-i*") && !call.has("--in-place*");
  if (call.program == "find") return !call.has("-exec") && !call.has("-delete") && !call.has("-ok");
  if (call.program == "ip") return !has_one_of(call, "add del delete set flush replace change");
  if (call.program == "tee") return call.has("/dev/stderr") || call.words.empty();
  if (call.program == "ssh") return !call.words.empty(); // what it runs there is a call of its own
  if (is_listed("psql mysql mariadb sqlite3 clickhouse-client", call.program)) return sql_reads(call);
  return std::ranges::any_of(looking, [&](const Verbs& known) {
    return is_listed(known.programs, call.program) && has_one_of(call, known.verbs);
  });
}

bool only_reads(std::string_view script, const ShellText& shell) {
  const std::vector<Call> calls = calls_of(script, shell);
  return std::ranges::all_of(calls, [](const Call& call) { return only_reads(call); });
}

} // namespace runbook::linting
