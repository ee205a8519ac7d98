// The memory of a document's tree: taken in large pieces and given back all at once. cmark-gfm makes and frees
// thousands of small pieces for a document; that was a quarter of its time.
//
// cmark's functions for memory get no argument that says whose memory it is, so a thread has one `TreeMemory` in use at
// a time. A thread keeps the first block of its last tree, up to 256 KiB, for the next one: memory that the system has
// to hand out anew costs more than what is put into it. Ownership: owns what cmark took while it was in use.
// Thread-safety: belongs to the thread that made it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

struct cmark_mem;

namespace runbook::markdown {

struct TreeMemoryBlock {
  std::unique_ptr<char[]> memory{};
  std::size_t bytes = 0;
};

class TreeMemory {
public:
  /// From here to its end, what cmark takes in this thread comes from this memory.
  explicit TreeMemory(std::size_t text_bytes);
  ~TreeMemory();
  TreeMemory(const TreeMemory&) = delete;
  TreeMemory& operator=(const TreeMemory&) = delete;

  /// To be given to `cmark_parser_new_with_mem`.
  [[nodiscard]] static cmark_mem* functions() noexcept;

private:
  friend struct TreeMemoryFunctions;
  [[nodiscard]] void* take(std::size_t bytes);
  /// The last piece that was taken can grow where it is.
  [[nodiscard]] void* grow(void* piece, std::size_t bytes);

  void add_block(std::size_t bytes);

  TreeMemory* outer_;
  std::vector<TreeMemoryBlock> blocks_;
  char* free_ = nullptr;
  char* end_ = nullptr;
  std::size_t next_block_;
};

} // namespace runbook::markdown
