// Bookkeeping of the paged KV cache: which blocks are in use, and by how many sequences.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace tenon {

// Blocks that hold `tokens` positions.
int32_t blocks_for(int64_t tokens, int32_t block_size);

// The blocks of one sequence in the order of its positions. A plain value: copying it does not
// retain the blocks, BlockPool::fork does.
struct BlockTable {
  std::vector<int32_t> blocks;
  int32_t block_size = 1;  // positions per block

  int64_t capacity() const { return static_cast<int64_t>(blocks.size()) * block_size; }
  // Where the keys and values of a position lie: block * block_size + offset. Throws
  // Error{failure} for a position outside the capacity.
  int32_t slot(int32_t position) const;
};

// `count` blocks of `block_size` positions, reference counted so that sequences can share a prefix.
// Holds no memory of the cache itself. Misuse (an unknown block, releasing one that is free) is a
// fault of the program and throws Error{failure}. Not thread-safe.
class BlockPool {
 public:
  // Throws Error{input} unless both are positive and every slot fits an int32.
  BlockPool(int32_t count, int32_t block_size);

  int32_t count() const { return static_cast<int32_t>(references_.size()); }
  int32_t block_size() const { return block_size_; }
  int32_t free_count() const { return static_cast<int32_t>(free_.size()); }
  int32_t used_count() const { return count() - free_count(); }
  int32_t peak_used() const { return peak_used_; }  // highest used_count() so far

  // A free block with one reference, the most recently freed first; nothing when all are in use.
  std::optional<int32_t> allocate();
  void retain(int32_t block);   // one more reference to a block in use
  void release(int32_t block);  // one less; the last one frees the block
  int32_t references(int32_t block) const;
  // A shared block must be copied before a sequence writes into it (copy on write).
  bool is_shared(int32_t block) const { return references(block) > 1; }

  BlockTable empty_table() const { return {{}, block_size_}; }
  // Appends blocks until the table holds `tokens` positions. When the pool has too few, changes
  // nothing and returns false.
  bool grow(BlockTable& table, int64_t tokens);
  // A second table over the same blocks, each retained once more.
  BlockTable fork(const BlockTable& table);
  // Gives back one reference to every block of the table and empties it.
  void release(BlockTable& table);

 private:
  int32_t& used_references(int32_t block);

  std::vector<int32_t> references_;  // [count], 0 = free
  std::vector<int32_t> free_;        // a stack
  int32_t block_size_;
  int32_t peak_used_ = 0;
};

}  // namespace tenon
