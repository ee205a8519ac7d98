// Runs as lines of JSON that can be checked without their store. docs/journal.md describes them.
#include "audit/entry_audit.hpp"
#include "event/base64.hpp"
#include "event/members.hpp"
#include "event/value_json.hpp"
#include "names.hpp"
#include "store/chain.hpp"

#include <runbook/audit.hpp>

#include <algorithm>
#include <istream>
#include <utility>

#include <fmt/format.h>

namespace runbook {

namespace {

std::string line_of(Values object) {
  return write_journal_json(std::move(object)).value() + "\n";
}

std::string first_line(const std::string& run, const std::string& document) {
  return line_of({{"chain", chain_version}, {"run", encode_text(run)}, {"document", encode_text(document)}});
}

std::string line_of(const JournalEntry& entry) {
  Values object{{"seq", entry.seq},
                {"fence", entry.fence},
                {"time", entry.time},
                {"type", encode_text(entry.type)},
                {"data", encode_text(entry.data)}};
  if (entry.output) object["output"] = to_base64(*entry.output);
  object["hash"] = to_hex(entry.hash);
  return line_of(std::move(object));
}

/// What the listing says of a run that has the events up to this one, and no others.
Result<std::optional<RunStatus>> listed_status(RunStore& store, const std::string& run, std::uint64_t last_seq) {
  const auto list = store.list();
  if (!list) return list.error();
  const auto ownership = store.ownership(run);
  if (!ownership) return ownership.error();
  const auto listed = std::ranges::find(*list, run, &RunSummary::run);
  if (listed == list->end() || ownership->last_seq > last_seq) return std::optional<RunStatus>();
  return std::optional(listed->status);
}

/// Reads an export line by line.
class ExportReader {
public:
  ExportReader(std::istream& lines, std::string head) : lines_(lines), head_(std::move(head)) {}

  Result<Audit> read() {
    if (!next()) return lines_.bad() ? unreadable() : wrong("is missing: the file is empty");
    if (auto begun = with_members([&](Members& members) { begin(members); }); !begun) return begun.error();
    while (!is_done_ && next()) {
      if (auto taken = with_members([&](Members& members) { take(members); }); !taken) return taken.error();
    }
    if (lines_.bad()) return unreadable();
    if (is_done_ && next()) return wrong("stands behind the last line");
    Audit audit = std::move(*audit_).finish();
    if (!is_done_)
      audit.findings.push_back({0, "the last line is missing, and perhaps others before it"});
    else if (audit.events != events_)
      audit.findings.push_back({0, wrong_count(audit.events)});
    else if (audit.head != last_head_)
      audit.findings.push_back({0, "the head in the last line is another one"});
    return audit;
  }

private:
  bool next() {
    ++number_;
    return static_cast<bool>(std::getline(lines_, line_));
  }

  [[nodiscard]] static Error unreadable() { return {errc::io_error, "the export of a run cannot be read", {}}; }
  [[nodiscard]] Error wrong(std::string_view what) const {
    return {errc::invalid_argument, fmt::format("no export of a run: line {} {}", number_, what), {}};
  }
  [[nodiscard]] std::string wrong_count(std::uint64_t events) const {
    return fmt::format("the last line says that there are {} events, and there are {}", events_, events);
  }

  template <class Read>
  Result<void> with_members(Read read) {
    const auto value = read_journal_json(line_);
    if (!value) return wrong(value.error().message);
    if (!value->is_object()) return wrong("is no JSON object");
    Members members(value->get_object());
    read(members);
    if (auto complete = members.finish(); !complete) return wrong("is wrong: " + complete.error().message);
    return {};
  }

  void begin(Members& members) {
    const std::string version = members.text("chain");
    if (version != chain_version) members.fail("chain", "is of an unknown version");
    std::string run = members.text("run");
    std::string document = members.text("document");
    audit_.emplace(std::move(run), std::move(document), head_);
  }

  void take(Members& members) {
    if (members.has("head")) return end(members);
    JournalEntry entry;
    entry.seq = members.unsigned_integer<std::uint64_t>("seq");
    entry.fence = members.unsigned_integer<std::uint64_t>("fence");
    const Value time = members.value("time");
    if (time.is_int64())
      entry.time = time.get_int64();
    else
      members.fail("time", "is no integer");
    entry.type = members.text("type");
    entry.data = members.text("data");
    if (members.has("output")) {
      entry.output = from_base64(members.text("output"));
      if (!entry.output) members.fail("output", "is no base64");
    }
    entry.hash = hash(members, "hash");
    audit_->add(entry);
  }

  void end(Members& members) {
    is_done_ = true;
    events_ = members.unsigned_integer<std::uint64_t>("events");
    last_head_ = to_hex(hash(members, "head"));
    if (members.has("status")) audit_->compare_status(members.enumerator<RunStatus>("status"));
  }

  static std::string hash(Members& members, std::string_view name) {
    const auto bytes = from_hex(members.text(name));
    if (!bytes || (!bytes->empty() && bytes->size() != chain_hash_size)) members.fail(name, "is no hash");
    return bytes.value_or(std::string());
  }

  std::istream& lines_;
  std::string head_;
  std::string line_;
  std::uint64_t number_ = 0;
  std::optional<EntryAudit> audit_;
  bool is_done_ = false;
  std::uint64_t events_ = 0;
  std::string last_head_;
};

} // namespace

Result<void> export_run(RunStore& store, const std::string& run, const std::function<bool(std::string_view)>& sink) {
  const auto document = store.document(run);
  if (!document) return document.error();
  const auto before = store.ownership(run);
  if (!before) return before.error();
  if (!sink(first_line(run, *document))) return {};
  std::uint64_t events = 0;
  JournalEntry last;
  bool goes_on = true;
  const auto read = store.entries(run, [&](const JournalEntry& entry) {
    ++events;
    last.seq = entry.seq;
    last.hash = entry.hash;
    return goes_on = sink(line_of(entry));
  });
  if (!read) return read.error();
  if (!goes_on) return {};
  if (last.seq < before->last_seq) {
    return Error{errc::store_error,
                 fmt::format("run '{}' is damaged: it has event {}, and its events end with {}; 'verify' tells more",
                             printable(run), before->last_seq, last.seq),
                 {}};
  }
  const auto status = listed_status(store, run, last.seq);
  if (!status) return status.error();
  Values object{{"events", events}, {"head", to_hex(last.hash)}};
  if (*status) object["status"] = name_of(**status);
  static_cast<void>(sink(line_of(std::move(object))));
  return {};
}

Result<Audit> verify_export(std::istream& lines, const std::string& head) {
  if (auto checked = check_head(head); !checked) return checked.error();
  return ExportReader(lines, head).read();
}

} // namespace runbook
