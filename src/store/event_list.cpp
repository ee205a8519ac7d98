#include "store/event_list.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <new>

namespace runbook {

namespace {

constexpr std::size_t huge_page = std::size_t{2} << 20;
constexpr std::size_t first_slab = std::size_t{64} << 10;

/// A hint: without it all works as well, only slower, since a fresh page costs more than the events that it holds.
void prefer_huge_pages(void* start, std::size_t size) {
  std::size_t left = size;
  if (std::align(huge_page, huge_page, start, left) == nullptr) return;
  madvise(start, left / huge_page * huge_page, MADV_HUGEPAGE);
}

} // namespace

EventMemory::~EventMemory() {
  for (void* slab : slabs_) std::free(slab);
}

void EventMemory::add_slab(std::size_t at_least) {
  const bool small = slabs_.empty() && at_least <= first_slab;
  const std::size_t size = small ? first_slab : (at_least + huge_page - 1) / huge_page * huge_page;
  slabs_.reserve(slabs_.size() + 1);
  void* slab = small ? std::malloc(size) : std::aligned_alloc(huge_page, size);
  if (slab == nullptr) throw std::bad_alloc();
  prefer_huge_pages(slab, size);
  slabs_.push_back(slab);
  next_ = slab;
  left_ = size;
}

void* EventMemory::do_allocate(std::size_t bytes, std::size_t alignment) {
  const std::scoped_lock lock(mutex_);
  if (std::align(alignment, bytes, next_, left_) == nullptr) {
    add_slab(bytes);
    std::align(alignment, bytes, next_, left_);
  }
  void* place = next_;
  next_ = static_cast<std::byte*>(next_) + bytes;
  left_ -= bytes;
  return place;
}

void EventList::append(std::span<const Event> events) {
  if (blocks_.empty() || blocks_.back().capacity() - blocks_.back().size() < events.size()) {
    constexpr std::size_t first = 16;
    constexpr std::size_t largest = 1024;
    const std::size_t next = blocks_.empty() ? first : std::min(blocks_.back().capacity() * 2, largest);
    blocks_.emplace_back(memory_.get()).reserve(std::max(next, events.size()));
  }
  blocks_.back().insert(blocks_.back().end(), events.begin(), events.end());
  size_ += events.size();
}

std::vector<Event> EventList::all() const {
  std::vector<Event> events;
  events.reserve(size_);
  prefer_huge_pages(events.data(), size_ * sizeof(Event));
  for (const auto& block : blocks_) events.insert(events.end(), block.begin(), block.end());
  return events;
}

const Event* EventList::find(std::uint64_t seq) const {
  for (const auto& block : blocks_) {
    if (!block.empty() && seq >= block.front().seq && seq <= block.back().seq) return &block[seq - block.front().seq];
  }
  return nullptr;
}

} // namespace runbook
