// Run stores: where the journals of runs are kept.
//
// A run has one owner at a time: whoever holds the newest `Journal` of it. A claim raises the run's fence; an append
// under an older fence is refused (`errc::fenced`), whatever the older owner believes.
//
// `RunStore` and `Journal` check what every store must refuse (gaps in the numbering, a first event that is no
// `RunCreated`); authors of stores override the `do_*` functions. What these throw is returned: an `Exception` as its
// error, anything else as `errc::store_error` with its words.
//
// Thread-safety: a store's functions may be called from any thread; a journal belongs to one thread at a time.
// Ownership: a journal keeps what it needs of its store alive.
#pragma once

#include <runbook/event.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace runbook {

/// One line of a listing of runs.
struct RunSummary {
  std::string run{};
  std::string title{};
  RunStatus status = RunStatus::running;
  std::chrono::system_clock::time_point started{};
  std::string actor{};
};

/// The bytes that belong to a `StepOutput` event.
struct Blob {
  std::uint64_t seq = 0; ///< of the event
  std::string bytes{};
};

/// What somebody who does not own a run says to its owner: the answer to a question, or that the run is to be
/// cancelled. It is kept as it is, so a secret does not belong in it.
struct Message {
  std::uint64_t number = 0; ///< 1, 2, 3 ... within the run; given by the store
  std::chrono::system_clock::time_point time{};
  std::string token{}; ///< of the question that is answered; empty: the run is to be cancelled
  bool yes = false;
  std::string text{}; ///< the answer to a question that wants more than a yes
  std::string who{};
  std::string note{};
};

/// One entry of a run's journal as a store keeps it, for those who check it: nothing is decoded.
struct JournalEntry {
  std::uint64_t seq = 0;
  std::uint64_t fence = 0;
  std::int64_t time = 0; ///< nanoseconds since 1970-01-01 UTC
  std::string type{};
  std::string data{};                  ///< the event's JSON, byte by byte
  std::optional<std::string> output{}; ///< the kept bytes of a `StepOutput`; none if nothing was kept
  std::string hash{};                  ///< 32 bytes: of this entry and, through the one before it, of all before it
};

/// Who owns a run.
struct Ownership {
  std::string owner{}; ///< as in its `Claimed` event
  std::uint64_t fence = 0;
  std::uint64_t last_seq = 0;
  /// How much is left of the owner's lease by the store's clock, negative when it is over; none: it has no lease.
  std::optional<std::chrono::milliseconds> lease_left{};
};

/// How long an owner owns a run without saying that it still lives; 0: for ever.
using Lease = std::chrono::milliseconds;

/// The right to write to one run.
class RUNBOOK_EXPORT Journal {
public:
  virtual ~Journal() = default;

  /// Appends events, and the bytes of outputs among them, in one commit: on success all of it is durable, on failure
  /// none of it is recorded. The events' numbers must go on from `last_seq()` without a gap.
  [[nodiscard]] Result<void> append(std::span<const Event> events, std::span<const Blob> blobs = {});

  /// Begins the lease anew, from the moment at which the store records it. Fails with `errc::fenced` if the run was
  /// taken over, however little that is of the lease's time.
  [[nodiscard]] Result<void> renew(Lease lease);

  [[nodiscard]] std::uint64_t fence() const noexcept { return fence_; }
  [[nodiscard]] std::uint64_t last_seq() const noexcept { return last_seq_; }

protected:
  Journal(std::uint64_t fence, std::uint64_t last_seq) : fence_(fence), last_seq_(last_seq) {}
  virtual Result<void> do_append(std::span<const Event> events, std::span<const Blob> blobs) = 0;
  // Stores whose owners need no lease leave it out: then it does nothing.
  virtual Result<void> do_renew(Lease lease);

private:
  friend class RunStore;
  std::uint64_t fence_;
  std::uint64_t last_seq_;
};

/// One of several appends that are committed together.
struct Append {
  Journal* journal = nullptr; ///< of the store that commits them; no two of the same
  std::span<const Event> events{};
  std::span<const Blob> blobs{};
  Result<void> result{}; ///< filled in
};

class RUNBOOK_EXPORT RunStore {
public:
  virtual ~RunStore() = default;

  /// Records a new run together with its first events in one commit and owns it under fence 1. The first event is the
  /// `RunCreated`. `document` is kept to be run again on resume. Fails with `errc::store_error` if the id is taken.
  [[nodiscard]] Result<std::unique_ptr<Journal>> create(std::string_view document, std::span<const Event> events);

  /// Takes a run over: the former owner's journal is refused from now on. Records `owner` as its event. `last_seq`: the
  /// number of the last event that the new owner knows; if there are others by now, nothing is recorded, nobody is
  /// refused, and it fails with `errc::fenced`. 0: it takes the run over whatever has happened.
  [[nodiscard]] Result<std::unique_ptr<Journal>> claim(const std::string& run, const Claimed& owner,
                                                       std::chrono::system_clock::time_point now,
                                                       std::uint64_t last_seq = 0);

  /// As each journal's `append`, but where the store can, all in one commit: its cost is shared. One that is refused
  /// (for its fence, for a gap) does not keep the others from being recorded.
  void append_together(std::span<Append> appends);

  /// Who owns the run, or `errc::not_found`.
  [[nodiscard]] Result<Ownership> ownership(const std::string& run);

  /// All events of a run in order, or `errc::not_found`.
  [[nodiscard]] Result<std::vector<Event>> load(const std::string& run);
  /// The run's entries in the order in which they were recorded, as they are kept: nothing is checked (audit.hpp does
  /// that). Ends when `visit` returns false, which must not use the store. `errc::not_found` if there is no such run.
  [[nodiscard]] Result<void> entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit);
  /// The document as it was given to `create`.
  [[nodiscard]] Result<std::string> document(const std::string& run);
  /// The kept bytes of the `StepOutput` event with this number.
  [[nodiscard]] Result<std::string> output(const std::string& run, std::uint64_t seq);
  /// All runs, newest first.
  [[nodiscard]] Result<std::vector<RunSummary>> list();

  /// Leaves a message for the run's owner, durable when this returns, and gives its number; the number in `message`
  /// does not count. Nobody needs to own the run right now: who takes it over reads it. Fails with `errc::not_found` if
  /// there is no such run, and with `errc::invalid_argument` if it has ended.
  [[nodiscard]] Result<std::uint64_t> post(const std::string& run, const Message& message);
  /// The run's messages after the one with this number, in order, or `errc::not_found`. Messages are never removed: an
  /// owner remembers how far it has read. Costs next to nothing when there are none.
  [[nodiscard]] Result<std::vector<Message>> messages(const std::string& run, std::uint64_t after = 0);
  /// Whether others than this object can leave messages: then an owner looks for them from time to time.
  [[nodiscard]] virtual bool is_shared() const noexcept { return false; }
  /// A folder for what belongs to running steps beside the journal, on the same host, as long as they run; it need not
  /// exist. Empty: the store's runs do not outlive their process, or it has no place of its own.
  [[nodiscard]] virtual std::string folder() const { return {}; }

protected:
  // Called first, without the lock: an error here is what the function returns. For stores that can become unusable in
  // a way that makes the lock unusable as well, as a fork does.
  virtual Result<void> do_check() { return {}; }
  // Called with the store's lock held; never concurrently.
  virtual Result<std::unique_ptr<Journal>> do_create(std::string_view document, std::span<const Event> events) = 0;
  virtual Result<std::unique_ptr<Journal>> do_claim(const std::string& run, const Claimed& owner,
                                                    std::chrono::system_clock::time_point now,
                                                    std::uint64_t last_seq) = 0;
  virtual Result<std::vector<Event>> do_load(const std::string& run) = 0;
  virtual Result<std::string> do_document(const std::string& run) = 0;
  virtual Result<std::string> do_output(const std::string& run, std::uint64_t seq) = 0;
  virtual Result<std::vector<RunSummary>> do_list() = 0;
  // A store that can commit them together overrides this; the default appends one after the other.
  virtual void do_append_together(std::span<Append> appends);
  // The default reads it from the events, and knows of no lease.
  virtual Result<Ownership> do_ownership(const std::string& run);
  // The default makes them of the events and the hashes anew: for a store that cannot be changed behind its back.
  virtual Result<void> do_entries(const std::string& run, const std::function<bool(const JournalEntry&)>& visit);
  // A store without messages leaves these out. They fail then with `errc::store_error` and say why.
  virtual Result<std::uint64_t> do_post(const std::string& run, const Message& message);
  virtual Result<std::vector<Message>> do_messages(const std::string& run, std::uint64_t after);

private:
  template <class Work>
  auto locked(Work work) -> decltype(work());
  std::mutex mutex_;
};

/// A store that lasts as long as the object. It never lets a run go: its memory grows with every run, by the run's
/// document, events and kept output. For a program that runs many, give it a SQLite store, or a new memory store (with
/// a new executor) from time to time.
[[nodiscard]] RUNBOOK_EXPORT std::shared_ptr<RunStore> make_memory_store();

/// How to open a SQLite store.
struct SqliteOptions {
  bool read_only = false; ///< the file must exist; nothing is ever written to it
};

/// Opens or makes a store in a SQLite file. One sync of the disk per append. Not for network file systems. Fails with
/// `errc::store_error` if the file is no store of this version or cannot be used.
///
/// Processes that write to the same file take turns, commit by commit. Who has to wait does so for at most 5 s and then
/// fails with `errc::store_error`. An executor waits on its engine's thread: meanwhile the timeouts, cancels and steps
/// of all its runs wait as well. A holder in good health holds for milliseconds; so long holds only one that is
/// stopped.
///
/// In a forked child every function of the store and of its journals fails with `errc::store_error`, and so does
/// opening a file that the parent had open at the fork. The child may destroy them: the parent's go on.
[[nodiscard]] RUNBOOK_EXPORT Result<std::shared_ptr<RunStore>> open_sqlite(const std::string& path,
                                                                           SqliteOptions options = {});

} // namespace runbook
