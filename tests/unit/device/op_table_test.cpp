// ops.def at run time.
#include "device/op_table.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace tenon {
namespace {

TEST(OpTable, FindsOpsByIdAndByName) {
  ASSERT_NE(find_op(TN_OP_linear), nullptr);
  EXPECT_EQ(find_op(TN_OP_linear), find_op("linear"));
  EXPECT_EQ(find_op("linear")->op_class, TN_CLASS_CUBE);
  EXPECT_EQ(find_op("linear")->args_size, sizeof(tn_linear_args));
  EXPECT_EQ(find_op("no_such_op"), nullptr);
  EXPECT_EQ(find_op(uint32_t{0}), nullptr);
}

TEST(OpTable, IdsAscendAndMatchTheirStructs) {
  EXPECT_TRUE(std::is_sorted(all_ops().begin(), all_ops().end(),
                             [](const OpInfo& a, const OpInfo& b) { return a.id < b.id; }));
  EXPECT_EQ(all_ops().size(), 25u);
  EXPECT_EQ(op_of<tn_add_args>, static_cast<uint32_t>(TN_OP_add));
  EXPECT_EQ(op_of<tn_all_to_all_v_args>, 25u);
}

TEST(OpTable, OperandsLieInTheStructInItsOrder) {
  for (const OpInfo& op : all_ops()) {
    size_t end = 2 * sizeof(uint32_t);
    for (const OpOperand& operand : op.operands) {
      EXPECT_GE(operand.offset, end) << op.name << "." << operand.name;
      end = operand.offset + sizeof(tn_tensor);
    }
    EXPECT_LE(end, op.args_size) << op.name;
    EXPECT_TRUE(std::any_of(op.operands.begin(), op.operands.end(), [](const OpOperand& o) {
      return is_written(o.access);
    })) << op.name;
  }
}

TEST(OpTable, AliasesGoFromAnOutputToAnInput) {
  size_t aliases = 0;
  for (const OpInfo& op : all_ops()) {
    for (const OpAlias& alias : op.aliases) {
      ++aliases;
      ASSERT_LT(alias.output, op.operands.size()) << op.name;
      ASSERT_LT(alias.input, op.operands.size()) << op.name;
      EXPECT_TRUE(is_written(op.operands[alias.output].access)) << op.name;
      EXPECT_FALSE(is_written(op.operands[alias.input].access)) << op.name;
    }
  }
  EXPECT_GT(aliases, 10u);
}

TEST(OpTable, KnowsHostArraysAndUpdatableFields) {
  const OpInfo& attention = *find_op("paged_attention");
  ASSERT_EQ(attention.host_arrays.size(), 2u);
  EXPECT_EQ(attention.host_arrays[1].offset, offsetof(tn_paged_attention_args, host_seq_lens));
  EXPECT_EQ(attention.host_arrays[1].count_offset,
            offsetof(tn_paged_attention_args, host_seq_lens_count));
  ASSERT_EQ(attention.updatable.size(), 2u);
  EXPECT_EQ(attention.updatable[0].name, "host_query_start_loc");
  EXPECT_TRUE(find_op("add")->updatable.empty());
}

TEST(OpTable, KnowsTheCommunicatorOfACollective) {
  for (const OpInfo& op : all_ops()) {
    const bool collective = op.op_class == TN_CLASS_COMMUNICATION;
    EXPECT_EQ(op.communicator_offset, collective ? 8u : 0u) << op.name;
  }
}

TEST(OpTable, KnowsPadding) {
  EXPECT_EQ(find_op("scale")->padding_offset, offsetof(tn_scale_args, reserved0));
  EXPECT_EQ(find_op("add")->padding_offset, 0u);
}

TEST(OpTable, ReachesATensorInsideItsStruct) {
  tn_add_args args{};
  const OpInfo& add = *find_op("add");
  operand_tensor(&args, add.operands[1]).rank = 3;
  EXPECT_EQ(args.b.rank, 3u);
}

}  // namespace
}  // namespace tenon
