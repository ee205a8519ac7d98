// Rollback stacks: what was started and may have to be undone, newest first.
//
// Ownership: a stack owns its entries. Thread-safety: belongs to one thread at a time.
#pragma once

#include <runbook/error.hpp>

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace runbook {

/// What was started and may have to be undone: entries are taken newest first, each of them once.
template <class Entry>
class BasicRollbackStack {
public:
  void arm(Entry entry) { entries_.push_back(std::move(entry)); }
  [[nodiscard]] bool empty() const noexcept { return entries_.empty(); }
  [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }
  [[nodiscard]] const Entry& newest() const { return entries_.back(); }
  /// Counted from the oldest, from 0.
  [[nodiscard]] Entry& at(std::size_t number) { return entries_.at(number); }
  /// Takes the newest entry off: whatever comes of it, it is not undone again.
  Entry take() {
    Entry entry = std::move(entries_.back());
    entries_.pop_back();
    return entry;
  }
  /// Oldest first.
  [[nodiscard]] const std::vector<Entry>& entries() const noexcept { return entries_; }

private:
  std::vector<Entry> entries_;
};

/// A rollback stack for code that is no runbook: arm the undo *before* the effect, `commit()` when all went well; what
/// is armed when the stack is destroyed is undone, newest first.
///
///   rb::RollbackStack undo;
///   undo.arm("volume", [&] { return delete_volume(id); });
///   create_volume(id);
///   undo.commit();
class RUNBOOK_EXPORT RollbackStack {
public:
  using Undo = std::function<Result<void>()>;
  /// An undo that did not work.
  struct Failure {
    std::string name;
    Error error;
  };

  RollbackStack() = default;
  RollbackStack(RollbackStack&&) noexcept = default;
  RollbackStack& operator=(RollbackStack&&) = delete;
  /// Unwinds. Failures are lost here: call `unwind()` to see them.
  ~RollbackStack();

  void arm(std::string name, Undo undo);
  /// Forgets everything that is armed.
  void commit() noexcept;
  /// Undoes everything, newest first, each entry once. An undo that fails or throws does not keep the others from
  /// running. Returns the failures: the residue.
  std::vector<Failure> unwind();
  [[nodiscard]] std::size_t size() const noexcept { return stack_.size(); }

private:
  struct Entry {
    std::string name;
    Undo undo;
  };
  BasicRollbackStack<Entry> stack_;
};

} // namespace runbook
