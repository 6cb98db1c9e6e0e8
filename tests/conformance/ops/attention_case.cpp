#include "ops/attention_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace tenon::conformance {
namespace {

constexpr float score_scale = 0.37F;

int64_t blocks_of(const AttentionForm& form, const AttentionSequence& sequence) {
  return (sequence.length + form.block_size - 1) / form.block_size;
}

class Builder {
 public:
  Builder(const AttentionForm& form, uint64_t seed)
      : form_(form), seed_(seed), made_(new_case<tn_paged_attention_args>(form.name())) {
    for (const AttentionSequence& sequence : form.sequences) {
      rows_ += sequence.query_rows;
      blocks_ += blocks_of(form, sequence);
      columns_ = std::max(columns_, blocks_of(form, sequence));
      longest_query_ = std::max(longest_query_, sequence.query_rows);
      longest_ = std::max(longest_, sequence.length);
    }
    rows_ += form.padding_rows;
    columns_ += 2;
    blocks_ += 3;
  }

  OpCase build() {
    made_.activation = form_.activation;
    made_.basic = form_.basic;
    set_arguments();
    set_operands();
    int64_t row = 0;
    for (size_t s = 0; s < form_.sequences.size(); ++s) {
      const AttentionSequence& sequence = form_.sequences[s];
      for (int64_t i = 0; i < sequence.query_rows; ++i, ++row) {
        const int64_t position = sequence.length - sequence.query_rows + i;
        fill_query(row, sequence, position);
        for (int64_t head = 0; head < form_.heads; ++head)
          expect_head(row, s, head, position);
      }
    }
    const int64_t outputs = form_.heads * form_.value_dim;
    for (; row < rows_; ++row) {
      for (int64_t i = 0; i < outputs; ++i)
        made_.expect_near("output", row * outputs + i, 0, 0);
    }
    return std::move(made_);
  }

 private:
  void set_arguments() {
    auto& args = made_.args<tn_paged_attention_args>();
    args.max_query_len = static_cast<int32_t>(std::max<int64_t>(longest_query_, 1));
    args.max_seq_len = static_cast<int32_t>(std::max<int64_t>(longest_, 1));
    args.value_dim = static_cast<int32_t>(form_.value_dim);
    args.sliding_window = form_.window;
    args.causal = form_.causal ? 1 : 0;
    args.scale = score_scale;
  }

  void set_operands() {
    const auto count = static_cast<int64_t>(form_.sequences.size());
    made_["query"] = HostTensor(form_.activation, {rows_, form_.heads, form_.width});
    made_["query"].poison(Poison::read);  // padding rows keep it
    made_["key_cache"] =
        HostTensor(form_.cache, {blocks_, form_.block_size, form_.kv_heads, form_.width});
    made_["key_cache"].poison(Poison::read);
    if (!form_.mla) {
      made_["value_cache"] =
          HostTensor(form_.cache, {blocks_, form_.block_size, form_.kv_heads, form_.value_dim});
      made_["value_cache"].poison(Poison::read);
    }
    made_["block_table"] = HostTensor(TN_DTYPE_I32, {count, columns_}).poison(Poison::read_index);
    made_["query_start_loc"] = HostTensor(TN_DTYPE_I32, {count + 1}).fill(0);
    made_["seq_lens"] = HostTensor(TN_DTYPE_I32, {count});
    made_["output"] = HostTensor(form_.activation, {rows_, form_.heads, form_.value_dim});
    Random random(seed_);
    if (form_.sinks) made_["sinks"] = HostTensor(TN_DTYPE_F32, {form_.heads}).random(random);
    const auto order = random.permutation(blocks_);
    size_t next = 0;
    std::vector<int32_t> starts{0};
    std::vector<int32_t> lengths;
    for (int64_t s = 0; s < count; ++s) {
      const AttentionSequence& sequence = form_.sequences[static_cast<size_t>(s)];
      starts.push_back(starts.back() + static_cast<int32_t>(sequence.query_rows));
      lengths.push_back(static_cast<int32_t>(sequence.length));
      made_["query_start_loc"].set(s + 1, starts.back());
      made_["seq_lens"].set(s, lengths.back());
      for (int64_t b = 0; b < blocks_of(form_, sequence); ++b)
        made_["block_table"].set(s * columns_ + b, static_cast<double>(order[next++]));
      fill_keys(static_cast<size_t>(s));
    }
    made_.ranks[0].host_arrays = {starts, lengths};
  }

  Random content(uint64_t kind, uint64_t of, int64_t position) const {
    return Random((seed_ * 31 + kind) * 1000003 + of * 8191 + static_cast<uint64_t>(position));
  }
  int64_t slot(size_t s, int64_t key) const {
    const auto block = static_cast<int64_t>(
        made_["block_table"].at(static_cast<int64_t>(s) * columns_ + key / form_.block_size));
    return block * form_.block_size + key % form_.block_size;
  }
  bool attends(int64_t position, int64_t key) const {
    if (form_.causal && key > position) return false;
    return form_.window == 0 || key > position - form_.window;
  }

  // Only the keys that some row attends to.
  void fill_keys(size_t s) {
    const AttentionSequence& sequence = form_.sequences[s];
    for (int64_t key = 0; key < sequence.length; ++key) {
      bool used = false;
      for (int64_t i = 0; i < sequence.query_rows && !used; ++i)
        used = attends(sequence.length - sequence.query_rows + i, key);
      if (!used) continue;
      fill_slot(made_["key_cache"], slot(s, key), content(1, sequence.content, key));
      if (!form_.mla)
        fill_slot(made_["value_cache"], slot(s, key), content(2, sequence.content, key));
    }
  }
  void fill_slot(HostTensor& cache, int64_t slot, Random random) {
    const int64_t row = cache.dim(2) * cache.dim(3);
    for (int64_t i = 0; i < row; ++i)
      cache.set(slot * row + i, random.uniform(-2, 2));
  }
  void fill_query(int64_t row, const AttentionSequence& sequence, int64_t position) {
    Random random = content(3, sequence.content, position);
    const int64_t width = form_.heads * form_.width;
    for (int64_t i = 0; i < width; ++i)
      made_["query"].set(row * width + i, form_.magnitude * random.uniform(-2, 2));
  }

  void expect_head(int64_t row, size_t s, int64_t head, int64_t position) {
    const OpCase& made = made_;
    const int64_t group = head / (form_.heads / form_.kv_heads);
    const HostTensor& query = made["query"];
    const HostTensor& keys = made["key_cache"];
    std::vector<double> scores;
    std::vector<int64_t> slots;
    double top = form_.sinks ? made["sinks"].at(head) : -INFINITY;
    double largest_score = 0;
    for (int64_t key = 0; key < form_.sequences[s].length; ++key) {
      if (!attends(position, key)) continue;
      slots.push_back(slot(s, key));
      const int64_t first = (slots.back() * form_.kv_heads + group) * form_.width;
      double score = 0;
      for (int64_t d = 0; d < form_.width; ++d)
        score += query.at((row * form_.heads + head) * form_.width + d) * keys.at(first + d);
      scores.push_back(score * static_cast<double>(score_scale));
      top = std::max(top, scores.back());
      largest_score = std::max(largest_score, std::abs(scores.back()));
    }
    const HostTensor& values = form_.mla ? keys : made["value_cache"];
    const int64_t value_width = form_.mla ? form_.width : form_.value_dim;
    std::vector<double> sums(static_cast<size_t>(form_.value_dim), 0);
    double total = form_.sinks ? std::exp(made["sinks"].at(head) - top) : 0;
    double largest_value = 0;
    for (size_t j = 0; j < scores.size(); ++j) {
      const double weight = std::exp(scores[j] - top);
      total += weight;
      for (int64_t d = 0; d < form_.value_dim; ++d) {
        const double value = values.at((slots[j] * form_.kv_heads + group) * value_width + d);
        sums[static_cast<size_t>(d)] += weight * value;
        largest_value = std::max(largest_value, std::abs(value));
      }
    }
    for (int64_t d = 0; d < form_.value_dim; ++d) {
      const double expected = scores.empty() ? 0 : sums[static_cast<size_t>(d)] / total;
      const double allowed = scores.empty() ? 0
                                            : unit_roundoff(form_.activation) * std::abs(expected) +
                                                  0x1p-18 * largest_value * (1 + largest_score);
      made_.expect_near("output", (row * form_.heads + head) * form_.value_dim + d, expected,
                        allowed);
    }
  }

  const AttentionForm& form_;
  uint64_t seed_;
  OpCase made_;
  int64_t rows_ = 0, blocks_ = 0, columns_ = 0, longest_query_ = 0, longest_ = 0;
};

}  // namespace

std::string AttentionForm::name() const {
  std::string rows;
  for (const AttentionSequence& sequence : sequences) {
    rows +=
        fmt::format("{}{} of {}", rows.empty() ? "" : ", ", sequence.query_rows, sequence.length);
  }
  return fmt::format("{}rows ({}){}, heads {}/{} of {}->{}, blocks of {}, {} over {}{}{}{}{}", note,
                     rows, padding_rows > 0 ? fmt::format(" + {} padding", padding_rows) : "",
                     heads, kv_heads, width, value_dim, block_size, dtype_name(activation),
                     dtype_name(cache), mla ? ", MLA" : "", sinks ? ", sinks" : "",
                     causal ? "" : ", causal 0",
                     window > 0 ? fmt::format(", window {}", window) : "");
}

OpCase make_attention(const AttentionForm& form, uint64_t seed) {
  return Builder(form, seed).build();
}

}  // namespace tenon::conformance
