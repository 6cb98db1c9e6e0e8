// A layer of experts: what the host makes of it, and what it refuses.
#include <gtest/gtest.h>

#include "base/error.hpp"
#include "device/op_table.hpp"
#include "small_program.hpp"

namespace tenon {
namespace {

constexpr ExpertShape shape;

class MoeBuilder : public testing::Test {
 protected:
  tn_moe_desc description() {
    const ValueId table = declare_weight(builder, "table", 32, shape.width);
    return describe_experts(builder, builder.embedding("embed", table, builder.token_ids()), shape);
  }

  std::string refusal(const tn_moe_desc& desc) {
    try {
      builder.moe(desc);
    } catch (const Error& e) {
      return e.what();
    }
    return "nothing was refused";
  }

  ProgramBuilder builder{empty_config(), "TestForCausalLM", 16};
};

TEST_F(MoeBuilder, BecomesRoutingProductsAndASum) {
  const ValueId out = builder.moe(description());
  builder.output(add_linear(builder, "head", builder.output_rows(out),
                            declare_weight(builder, "head.weight", 32, shape.width)));
  builder.prefetch_name("moe", "gate_up", "experts.gate_up_proj");
  const Program program = builder.finish();
  std::vector<std::string> ops;
  for (const Operation& operation : program.operations)
    ops.emplace_back(find_op(operation.op)->name);
  EXPECT_EQ(ops, (std::vector<std::string>{"embedding", "linear", "moe_gate", "moe_permute",
                                           "grouped_matmul", "swiglu", "grouped_matmul",
                                           "moe_unpermute", "gather_rows", "linear", "argmax"}));
  ASSERT_EQ(program.prefetch_names[0].linears, std::vector<size_t>{4});
  const ValueId rows = program.operations[4].operand(offsetof(tn_grouped_matmul_args, input));
  EXPECT_EQ(program.values[rows].leading_times, 2);
  EXPECT_EQ(program.values[out].leading_times, 1);
}

TEST_F(MoeBuilder, RefusesChoicesThatCannotBeMade) {
  tn_moe_desc desc = description();
  desc.top_k = shape.experts + 1;
  EXPECT_NE(refusal(desc).find("expected 1 to 4; found 5"), std::string::npos) << refusal(desc);
  desc.top_k = 2;
  desc.group_count = 3;
  EXPECT_NE(refusal(desc).find("a divisor of 4"), std::string::npos) << refusal(desc);
  desc.group_count = 4;
  desc.group_top_k = 1;
  desc.group_score_top = 1;
  EXPECT_NE(refusal(desc).find("expected 1 to 1; found 2"), std::string::npos) << refusal(desc);
  desc.group_count = 0;
  desc.score = 7;
  EXPECT_NE(refusal(desc).find("no such score"), std::string::npos) << refusal(desc);
}

TEST_F(MoeBuilder, RefusesStacksThatDoNotFit) {
  tn_moe_desc desc = description();
  desc.gate_up =
      declare_stack(builder, "short", shape.experts - 1, 2 * shape.intermediate, shape.width);
  EXPECT_NE(refusal(desc).find("[4, 12, 8]"), std::string::npos) << refusal(desc);
  desc.gate_up = declare_weight(builder, "flat", 2 * shape.intermediate, shape.width);
  EXPECT_NE(refusal(desc).find("weight [12, 8]"), std::string::npos) << refusal(desc);
}

}  // namespace
}  // namespace tenon
