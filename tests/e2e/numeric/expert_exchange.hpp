// What no op of the op set does when ranks share out the experts of a layer: counting the rows that
// they send to each other, and bringing the rows that arrived into the order of the experts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tenon {

// Value type. `sizes`: by rank, the rows that it has for each expert of all, in order of expert.
class ExpertExchange {
 public:
  explicit ExpertExchange(std::vector<std::vector<int32_t>> sizes);

  size_t ranks() const { return sizes_.size(); }
  // By rank: what `rank` sends to it, and what arrives from it.
  std::vector<int32_t> sent(size_t rank) const;
  std::vector<int32_t> received(size_t rank) const;
  // Rows of each of its experts, from all ranks.
  std::vector<int32_t> group_sizes(size_t rank) const;

  // A row that arrived at a rank.
  struct Row {
    size_t position = 0;  // among what arrived: by sender, then by expert
    size_t sender = 0;
    size_t sent_as = 0;  // row of the sender
  };
  // In the order in which the matmuls want them: by expert, then by sender.
  std::vector<Row> rows(size_t rank) const;

 private:
  std::vector<std::vector<int32_t>> sizes_;
  size_t experts_ = 0;  // of each rank
};

// `rows` rows of `bytes` that lie at order[i].position go to i, or back; what follows them stays.
std::vector<std::byte> by_expert(const std::vector<ExpertExchange::Row>& order,
                                 const std::vector<std::byte>& bytes, size_t row_bytes);
std::vector<std::byte> by_sender(const std::vector<ExpertExchange::Row>& order,
                                 const std::vector<std::byte>& bytes, size_t row_bytes);

}  // namespace tenon
