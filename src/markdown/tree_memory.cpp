#include "markdown/tree_memory.hpp"

#include <cmark-gfm.h>

#include <algorithm>
#include <cstring>
#include <utility>

namespace runbook::markdown {

namespace {

constexpr std::size_t alignment = alignof(std::max_align_t);
constexpr std::size_t smallest_block = 4096;
constexpr std::size_t largest_block = std::size_t{1} << 20U;
constexpr std::size_t usual_need = 16; // bytes for each byte of text

constexpr std::size_t most_kept = std::size_t{256} << 10U;

thread_local TreeMemory* in_use = nullptr;
thread_local TreeMemoryBlock kept; ///< of a tree that is no more

/// A piece with the size in front of it.
std::size_t padded(std::size_t bytes) noexcept {
  return alignment + (bytes + alignment - 1) / alignment * alignment;
}

std::size_t& size_of(void* piece) noexcept {
  return *reinterpret_cast<std::size_t*>(static_cast<char*>(piece) - alignment);
}

} // namespace

/// What cmark calls. Memory that runs out is an exception, which leaves nothing behind: all that cmark has is here.
struct TreeMemoryFunctions {
  static void* calloc(std::size_t count, std::size_t size) {
    void* piece = in_use->take(count * size);
    return std::memset(piece, 0, count * size);
  }
  static void* realloc(void* piece, std::size_t bytes) {
    return piece == nullptr ? in_use->take(bytes) : in_use->grow(piece, bytes);
  }
  static void free(void*) {}
};

TreeMemory::TreeMemory(std::size_t text_bytes)
    : outer_(in_use), next_block_(std::clamp(text_bytes * usual_need, smallest_block, largest_block)) {
  in_use = this;
  if (kept.bytes >= next_block_) add_block(0);
}

TreeMemory::~TreeMemory() {
  in_use = outer_;
  if (!blocks_.empty() && blocks_.front().bytes > kept.bytes && blocks_.front().bytes <= most_kept) {
    kept = std::move(blocks_.front());
  }
}

cmark_mem* TreeMemory::functions() noexcept {
  static cmark_mem functions{TreeMemoryFunctions::calloc, TreeMemoryFunctions::realloc, TreeMemoryFunctions::free};
  return &functions;
}

/// With 0 bytes, the block that the thread has kept.
void TreeMemory::add_block(std::size_t bytes) {
  if (bytes == 0) {
    blocks_.push_back(std::exchange(kept, {}));
  } else {
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(bytes), bytes});
  }
  free_ = blocks_.back().memory.get();
  end_ = free_ + blocks_.back().bytes;
}

void* TreeMemory::take(std::size_t bytes) {
  const std::size_t needed = padded(bytes);
  if (static_cast<std::size_t>(end_ - free_) < needed) {
    add_block(std::max(needed, next_block_));
    next_block_ = std::min(std::max(next_block_ * 2, smallest_block), largest_block);
  }
  char* piece = free_ + alignment;
  free_ += needed;
  size_of(piece) = bytes;
  return piece;
}

void* TreeMemory::grow(void* piece, std::size_t bytes) {
  const std::size_t old = size_of(piece);
  if (bytes <= old) return piece;
  char* const begin = static_cast<char*>(piece) - alignment;
  if (begin + padded(old) == free_ && static_cast<std::size_t>(end_ - begin) >= padded(bytes)) {
    free_ = begin + padded(bytes);
    size_of(piece) = bytes;
    return piece;
  }
  return std::memcpy(take(bytes), piece, old);
}

} // namespace runbook::markdown
