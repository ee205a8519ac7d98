#include "runbook_tree.hpp"

#include <array>
#include <cstdint>
#include <string_view>

#include <fmt/format.h>

namespace bench {

namespace {

constexpr std::array<std::string_view, 8> services{"billing-api",  "checkout", "search-indexer", "mail-relay",
                                                   "user-gateway", "ledger",   "image-resizer",  "session-cache"};
constexpr std::array<std::string_view, 8> verbs{"Drain",  "Restart", "Promote", "Rotate the credentials of",
                                                "Resize", "Restore", "Upgrade", "Fail over"};
constexpr std::array<std::string_view, 5> frequencies{"Weekly", "Monthly", "As needed", "On every release",
                                                      "Quarterly"};
constexpr std::array<std::string_view, 4> risks{"Low", "Medium", "High", "Critical"};
constexpr std::array<std::string_view, 8> titles{
    "Take {0} out of the load balancer's rotation and wait for its connections to end",
    "Note which version of {0} is live at the moment",
    "Stop the queue consumers of {0} on every node of the group",
    "Write the new settings of {0} and check them before they are used",
    "Point the service registry at the standby of {0}",
    "Start {0} again and watch the first lines of its log",
    "Let the replicas of {0} catch up with the primary",
    "Compact the old segments of {0} so that the disk has room again"};
constexpr std::array<std::string_view, 6> remarks{
    "This takes about five minutes on a quiet day. Longer waits are a sign that a client holds its connection open; "
    "the\n"
    "dashboard of the load balancer names it.",
    "If somebody else is working on the same group, stop here and speak with them first: two drains at once leave too\n"
    "few nodes to carry the evening's load.",
    "The numbers on the dashboard lag behind by one minute, so do not go by them alone.",
    "A warning about an old schema in the output is expected until the migration at the end of the quarter is done.",
    "The command may be given again without harm, as often as is wanted.",
    "Nothing that users see changes here; what follows depends on it, though, so read the output to its end."};

/// The documents must not depend on how a library's distributions are written.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : state_(seed * 0x9E3779B97F4A7C15U + 1) {}

  std::size_t below(std::size_t limit) {
    state_ ^= state_ << 13U;
    state_ ^= state_ >> 7U;
    state_ ^= state_ << 17U;
    return static_cast<std::size_t>(state_ >> 11U) % limit;
  }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <std::size_t n>
  std::string_view of(const std::array<std::string_view, n>& words) {
    return words[below(n)];
  }

private:
  std::uint64_t state_;
};

class Author {
public:
  explicit Author(std::size_t number) : dice_(number + 1), service_(dice_.of(services)) {
    head(number);
    prerequisites();
    out_ += "## Steps\n\n";
    const std::size_t steps = 5 + dice_.below(8);
    for (std::size_t n = 1; n <= steps; ++n) step(n);
    tail(steps);
  }

  std::string take() { return std::move(out_); }

private:
  template <class... Args>
  void write(fmt::format_string<Args...> form, Args&&... args) {
    fmt::format_to(std::back_inserter(out_), form, std::forward<Args>(args)...);
  }

  void head(std::size_t number) {
    write("# {} {} in cluster {}\n\n", dice_.of(verbs), service_, number);
    write("**Purpose**: Bring {} back into a state in which it may take traffic, without losing a request\n", service_);
    write("**Frequency**: {}\n**Risk Level**: {}\n", dice_.of(frequencies), dice_.of(risks));
    write("**Required Access**: command:curl; file:/etc/{}:rw\n**Owner**: team-{}\n\n", service_, dice_.below(40));
    write("Read this to the end before you begin. Who is on call for {} is in the rota; the channel is #ops-{}.\n\n",
          service_, service_);
    write("## Inputs\n\n- `node` (string, required): The node that is worked on. Pattern: `^[a-z]+-[0-9]+$`\n");
    if (dice_.one_in(2)) out_ += "- `wait` (integer, default `60`): How many seconds connections may take to end\n";
    out_ += "\n";
  }

  void prerequisites() {
    out_ += "## Prerequisites\n\n";
    write("- [ ] The node answers\n  ```sh\n  curl -fsS \"http://$node:8080/health\" | grep -q '\"ok\"'\n  ```\n");
    write("- [ ] The on-call engineer of {} knows about it and has agreed to the time\n\n", service_);
  }

  void step(std::size_t n) {
    write("{}. ", n);
    write(fmt::runtime(titles[(n + dice_.below(3)) % titles.size()]), service_);
    out_ += "\n\n";
    if (dice_.one_in(3)) indented(dice_.of(remarks));
    switch (dice_.below(8)) {
    case 0: console(n); break;
    case 1: request(n); break;
    case 2:
      if (n > 1) break; // done by hand
      [[fallthrough]];
    default: script(n);
    }
  }

  /// As a part of an item, whatever its number's width.
  void indented(std::string_view text) {
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      write("{}{}\n", end == 0 ? "" : "    ", text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    out_ += '\n';
  }

  void script(std::size_t n) {
    const std::string_view attributes = dice_.one_in(4) ? " {timeout=5m retries=3}" : dice_.one_in(5) ? " {pure}" : "";
    indented(fmt::format("```bash{}\nctl --cluster \"$node\" {} --unit part-{} --reason \"step {}\"\n```", attributes,
                         service_, dice_.below(1000), n));
    if (dice_.one_in(3)) indented("Expected:\n\n```\nunit ... is ready\n```");
    if (dice_.one_in(3)) {
      indented(fmt::format("Rollback:\n\n```bash\nctl --cluster \"$node\" {} --undo\n```", service_));
    }
  }

  void console(std::size_t n) {
    indented(
        fmt::format("```console\n$ systemctl is-active {}@{}\nactive\n$ journalctl -u {} -n 1 --no-pager\n...\n```",
                    service_, n, service_));
  }

  void request(std::size_t n) {
    indented(fmt::format("```http\nPOST http://{{{{ node }}}}:8080/admin/{}/{}\nContent-Type: application/json\n\n"
                         "{{\"enabled\": false}}\n```",
                         service_, n));
    indented("Expected:\n\n```json\n{\"enabled\": false}\n```");
  }

  void tail(std::size_t steps) {
    out_ += "## Rollback Procedure\n\n";
    write("1. Tell the channel #ops-{} that the change was taken back, and why\n", service_);
    if (steps > 8)
      write("2. Put {} back as it was\n   ```bash\n   ctl --cluster \"$node\" restore\n   ```\n", service_);
    write("\n## Verification\n\n- {} answers through the load balancer\n  ```sh\n"
          "  curl -fsS \"https://{}.example.org/health\"\n  ```\n",
          service_, service_);
    write("\n## Troubleshooting\n\n{}\n", dice_.of(remarks));
    write(
        "\n## Related Runbooks\n\n- [Emergency stop of {}](../emergency/{}-stop.md)\n- [Who to call](../contacts.md)\n",
        service_, service_);
  }

  Dice dice_;
  std::string_view service_;
  std::string out_;
};

} // namespace

std::vector<std::string> make_runbook_tree(std::size_t count) {
  std::vector<std::string> documents;
  documents.reserve(count);
  for (std::size_t n = 0; n < count; ++n) documents.push_back(Author(n).take());
  return documents;
}

} // namespace bench
