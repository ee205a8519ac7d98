// The events of a run in memory.
#pragma once

#include <runbook/event.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <span>
#include <vector>

namespace runbook {

/// Memory that only grows, for all runs of a store. A long run in memory costs little more than touching fresh pages,
/// so all but the first slab are huge pages. Given back when the last run is gone. Thread-safe.
class EventMemory final : public std::pmr::memory_resource {
public:
  EventMemory() = default;
  EventMemory(const EventMemory&) = delete;
  EventMemory& operator=(const EventMemory&) = delete;
  ~EventMemory() override;

private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override;
  void do_deallocate(void*, std::size_t, std::size_t) override {}
  [[nodiscard]] bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
  void add_slab(std::size_t at_least);

  std::mutex mutex_;
  std::vector<void*> slabs_;
  void* next_ = nullptr;
  std::size_t left_ = 0;
};

/// Events in blocks that never move: an append costs the copy of its events and nothing else.
class EventList {
public:
  explicit EventList(std::shared_ptr<EventMemory> memory) : memory_(std::move(memory)) {}

  /// All of them or, if there is no memory, none.
  void append(std::span<const Event> events);
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] std::vector<Event> all() const;
  /// The event with this number, or null.
  [[nodiscard]] const Event* find(std::uint64_t seq) const;

private:
  std::shared_ptr<EventMemory> memory_;
  std::vector<std::pmr::vector<Event>> blocks_;
  std::size_t size_ = 0;
};

} // namespace runbook
