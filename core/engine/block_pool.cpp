#include "engine/block_pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/error.hpp"

namespace tenon {

int32_t blocks_for(int64_t tokens, int32_t block_size) {
  return static_cast<int32_t>((tokens + block_size - 1) / block_size);
}

int32_t BlockTable::slot(int32_t position) const {
  if (position < 0 || position >= capacity()) {
    fail_run("block table", "position outside the blocks of the sequence",
             fmt::format("0 to {}", capacity() - 1), std::to_string(position));
  }
  return blocks[static_cast<size_t>(position / block_size)] * block_size + position % block_size;
}

BlockPool::BlockPool(int32_t count, int32_t block_size) : block_size_(block_size) {
  if (block_size < 1) {
    fail_input("engine", "block_size is out of range", "at least 1", std::to_string(block_size));
  }
  if (count < 1) {
    fail_input("engine", "kv_cache holds no block", "at least 1 block", std::to_string(count));
  }
  const int64_t slots = static_cast<int64_t>(count) * block_size;
  if (slots > std::numeric_limits<int32_t>::max()) {
    fail_input("engine", "kv_cache has too many slots",
               fmt::format("at most {}", std::numeric_limits<int32_t>::max()),
               fmt::format("{} blocks of {} = {}", count, block_size, slots));
  }
  references_.assign(static_cast<size_t>(count), 0);
  free_.resize(static_cast<size_t>(count));
  for (int32_t i = 0; i < count; ++i)
    free_[static_cast<size_t>(i)] = count - 1 - i;
}

std::optional<int32_t> BlockPool::allocate() {
  if (free_.empty()) return std::nullopt;
  const int32_t block = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(block)] = 1;
  peak_used_ = std::max(peak_used_, used_count());
  return block;
}

int32_t BlockPool::references(int32_t block) const {
  if (block < 0 || block >= count()) {
    fail_run("block pool", "no such block", fmt::format("0 to {}", count() - 1),
             std::to_string(block));
  }
  return references_[static_cast<size_t>(block)];
}

int32_t& BlockPool::used_references(int32_t block) {
  if (references(block) == 0) {
    fail_run("block pool", "retain or release of a free block", "a block in use",
             std::to_string(block));
  }
  return references_[static_cast<size_t>(block)];
}

void BlockPool::retain(int32_t block) {
  ++used_references(block);
}

void BlockPool::release(int32_t block) {
  if (--used_references(block) == 0) free_.push_back(block);
}

bool BlockPool::grow(BlockTable& table, int64_t tokens) {
  const int64_t missing =
      blocks_for(tokens, block_size_) - static_cast<int64_t>(table.blocks.size());
  if (missing > free_count()) return false;
  for (int64_t i = 0; i < missing; ++i)
    table.blocks.push_back(*allocate());
  return true;
}

BlockTable BlockPool::fork(const BlockTable& table) {
  for (const int32_t block : table.blocks)
    retain(block);
  return table;
}

void BlockPool::release(BlockTable& table) {
  // Last block first, so that a table allocated next gets the same blocks in the same order.
  for (size_t i = table.blocks.size(); i > 0; --i)
    release(table.blocks[i - 1]);
  table.blocks.clear();
}

}  // namespace tenon
