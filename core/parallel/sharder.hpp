// The walk over a program that makes one rank's of it: what shard_program does, op by op.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "parallel/column_split.hpp"
#include "parallel/layout.hpp"
#include "parallel/shard_program.hpp"
#include "program/program.hpp"

namespace tenon {

// What a rank has of a value that lives within a step.
enum class RankForm {
  whole,    // all of it, as every rank of its replica
  split,    // some columns of each row
  partial,  // a summand of each element
  share,    // rows of its share of the replica's tokens, in the order of the experts of all ranks
  arrived,  // rows that the ranks sent to this one's experts
};

class Sharder {
 public:
  Sharder(const Program& program, const ParallelLayout& layout, const RankSettings& settings);

  Program run();

 private:
  // The rows of one layer of experts, from the permutation on.
  struct Route {
    ValueId sizes = 0;                         // rows of each expert of this rank
    ValueId sent = 0;                          // rows that go to each rank
    ValueId received = 0;                      // rows that come from each
    int64_t choices = 0;                       // experts of a token
    std::string scope;                         // "model.layers.3.mlp.experts"
    std::map<ValueId, ValueId> arrivals = {};  // by what was sent
  };

  // sharder.cpp
  void visit(Operation operation);
  void pass_on(Operation operation);
  // The model does not divide over the cards of parallel.tensor.
  [[noreturn]] void refuse_tensor(std::string what, std::string expected) const;
  void require_whole(const Operation& operation, size_t input) const;
  void require_whole_rows(const Operation& operation) const;
  void reindex_prefetch_names(const std::vector<size_t>& new_index);

  // shard_linear.cpp
  void linear(Operation operation);
  void rows_linear(Operation operation);
  void columns_linear(Operation operation);
  void gather_head(const std::string& name, ValueId part, const ColumnSplit& split);
  WeightShare::Range part_range(const std::string& part, int64_t rows, int64_t heads) const;
  ColumnSplit cut_rows_of(const Operation& operation, ValueId weight, ValueId output);
  void cut_with_rows(const Operation& operation, ValueId weight,
                     std::initializer_list<size_t> vectors);
  WeightShare::Range columns_of_input(const Operation& operation, size_t input) const;
  void untie_head(Operation& operation);

  // shard_attention.cpp
  void kv_write(Operation operation);
  void paged_attention(Operation operation);
  void split_cache(ValueId cache, const ColumnSplit& split);
  // Whether so many heads are those of keys and values that several query heads each look at.
  bool are_shared_keys(int64_t heads) const;

  // shard_experts.cpp
  void moe_gate(Operation operation);
  void moe_permute(Operation operation);
  void grouped_matmul(Operation operation);
  void split_grouped_matmul(Operation operation);
  void routed_grouped_matmul(Operation operation);
  void moe_unpermute(Operation operation);
  void combine(Operation operation);
  Route& make_route(const Operation& permute);
  ValueId dispatch(Route& route, ValueId rows);
  ValueId arriving(Route& route, ValueId sent, const std::string& name);
  void exchange(const Route& route, const char* name, ValueId from, ValueId to, bool back);
  void gather_shares(const Route& route, ValueId padded, ValueId output);
  ValueId padded_share(ValueId share);
  void keep_share(Value& value) const;  // of the replica's rows, this rank's
  ValueId share_of_rows(ValueId value);

  // values
  RankForm form(ValueId id) const;
  void set_form(ValueId id, RankForm form);
  ValueId add_value(Value value);
  ValueId add_view(ValueId of);
  // Of a value of the whole program whose form is split.
  ColumnSplit split_of(ValueId id) const;
  void set_split(ValueId root, const ColumnSplit& split);
  void set_dims(ValueId id, int64_t kept);
  // Trailing dimensions [heads, ...] under which somebody sees these columns; 0: nobody does.
  int64_t heads_in(ValueId root, int64_t column, int64_t columns) const;

  void append(Operation operation) { operations_.push_back(std::move(operation)); }
  void all_reduce(const std::string& name, ValueId value);

  const Program& whole_;
  const ParallelLayout& layout_;
  const RankSettings& settings_;
  int64_t position_;  // of this rank within its replica
  Program out_;
  std::vector<Operation> operations_;
  std::vector<RankForm> forms_;  // by root
  std::map<ValueId, ColumnSplit> splits_;
  std::vector<std::vector<ValueId>> views_;  // by base, in the whole program
  std::set<ValueId> embedded_;               // weights that an embedding reads
  std::map<ValueId, Route> routes_;          // by what a permutation calls group_sizes
  std::map<ValueId, ValueId> route_of_map_;  // row_map -> group_sizes
};

// Replaces an operand of an operation; 0: it has none.
void set_operand(Operation& operation, size_t offset, ValueId value);

}  // namespace tenon
