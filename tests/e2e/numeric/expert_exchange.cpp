#include "expert_exchange.hpp"

#include <cstring>
#include <numeric>

namespace tenon {

ExpertExchange::ExpertExchange(std::vector<std::vector<int32_t>> sizes)
    : sizes_(std::move(sizes)), experts_(sizes_[0].size() / sizes_.size()) {}

std::vector<int32_t> ExpertExchange::sent(size_t rank) const {
  std::vector<int32_t> counts;
  for (size_t to = 0; to < ranks(); ++to) {
    const auto first = sizes_[rank].begin() + static_cast<ptrdiff_t>(to * experts_);
    counts.push_back(std::accumulate(first, first + static_cast<ptrdiff_t>(experts_), 0));
  }
  return counts;
}

std::vector<int32_t> ExpertExchange::received(size_t rank) const {
  std::vector<int32_t> counts;
  for (size_t from = 0; from < ranks(); ++from)
    counts.push_back(sent(from)[rank]);
  return counts;
}

std::vector<int32_t> ExpertExchange::group_sizes(size_t rank) const {
  std::vector<int32_t> sizes(experts_);
  for (size_t expert = 0; expert < experts_; ++expert) {
    for (const std::vector<int32_t>& of_sender : sizes_)
      sizes[expert] += of_sender[rank * experts_ + expert];
  }
  return sizes;
}

std::vector<ExpertExchange::Row> ExpertExchange::rows(size_t rank) const {
  std::vector<std::vector<Row>> by_expert(experts_);
  size_t position = 0;
  for (size_t sender = 0; sender < ranks(); ++sender) {
    const auto own = sizes_[sender].begin();
    auto sent_as =
        static_cast<size_t>(std::accumulate(own, own + static_cast<ptrdiff_t>(rank * experts_), 0));
    for (size_t expert = 0; expert < experts_; ++expert) {
      for (int32_t i = 0; i < sizes_[sender][rank * experts_ + expert]; ++i)
        by_expert[expert].push_back({position++, sender, sent_as++});
    }
  }
  std::vector<Row> rows;
  for (const std::vector<Row>& of_expert : by_expert)
    rows.insert(rows.end(), of_expert.begin(), of_expert.end());
  return rows;
}

std::vector<std::byte> by_expert(const std::vector<ExpertExchange::Row>& order,
                                 const std::vector<std::byte>& bytes, size_t row_bytes) {
  std::vector<std::byte> sorted = bytes;
  for (size_t i = 0; i < order.size(); ++i)
    std::memcpy(&sorted[i * row_bytes], &bytes[order[i].position * row_bytes], row_bytes);
  return sorted;
}

std::vector<std::byte> by_sender(const std::vector<ExpertExchange::Row>& order,
                                 const std::vector<std::byte>& bytes, size_t row_bytes) {
  std::vector<std::byte> sorted = bytes;
  for (size_t i = 0; i < order.size(); ++i)
    std::memcpy(&sorted[order[i].position * row_bytes], &bytes[i * row_bytes], row_bytes);
  return sorted;
}

}  // namespace tenon
