#include <gtest/gtest.h>

#include <algorithm>

#include "program/fuse_add_rms_norm.hpp"
#include "program/operation_args.hpp"
#include "small_program.hpp"

namespace tenon {
namespace {

size_t count(const Program& program, uint32_t op) {
  return static_cast<size_t>(std::ranges::count(program.operations, op, &Operation::op));
}

Program small_program(int layers) {
  ProgramBuilder builder(empty_config(), "TestForCausalLM", 16);
  describe_small_program(builder, layers);
  builder.prefetch_name("group", "proj", "layer.*.proj");
  return builder.finish();
}

TEST(FuseAddRmsNorm, AddsThatANormFollows) {
  Program program = small_program(4);
  EXPECT_EQ(count(program, TN_OP_add), 4U);
  fuse_add_rms_norm(program);
  // The last add feeds output_rows, not a norm; the first norm follows no add.
  EXPECT_EQ(count(program, TN_OP_add_rms_norm), 3U);
  EXPECT_EQ(count(program, TN_OP_add), 1U);
  EXPECT_EQ(count(program, TN_OP_rms_norm), 1U);
}

TEST(FuseAddRmsNorm, PrefetchNamesStillPointAtTheirLinears) {
  Program program = small_program(4);
  fuse_add_rms_norm(program);
  for (const size_t linear : program.prefetch_names[0].linears) {
    EXPECT_EQ(program.operations[linear].op, static_cast<uint32_t>(TN_OP_linear));
    EXPECT_TRUE(program.operations[linear].name.ends_with(".proj"));
  }
}

TEST(FuseAddRmsNorm, TakenApartItIsWhatItWas) {
  const Program before = small_program(2);
  Program program = small_program(2);
  fuse_add_rms_norm(program);
  const auto fused = std::ranges::find(program.operations,
                                       static_cast<uint32_t>(TN_OP_add_rms_norm), &Operation::op);
  ASSERT_NE(fused, program.operations.end());
  const std::vector<Operation> parts = split_add_rms_norm(*fused);
  const auto add =
      std::ranges::find(before.operations, static_cast<uint32_t>(TN_OP_add), &Operation::op);
  ASSERT_EQ(parts.size(), 2U);
  EXPECT_EQ(parts[0].operand(offsetof(tn_add_args, a)), add->operand(offsetof(tn_add_args, a)));
  EXPECT_EQ(parts[0].operand(offsetof(tn_add_args, b)), add->operand(offsetof(tn_add_args, b)));
  EXPECT_EQ(parts[1].args, (add + 1)->args);
  EXPECT_EQ(parts[1].operand(offsetof(tn_rms_norm_args, weight)),
            (add + 1)->operand(offsetof(tn_rms_norm_args, weight)));
}

}  // namespace
}  // namespace tenon
