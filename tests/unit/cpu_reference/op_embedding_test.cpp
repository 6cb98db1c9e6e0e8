#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Embedding, BadIdsOfAShard) {
  auto table = TestTensor(TN_DTYPE_BF16, {3, 2}).random(1);
  const auto ids = indices({9, 10, 12, 13, -5});
  TestTensor y(TN_DTYPE_BF16, {5, 2});
  auto args = new_args<tn_embedding_args>();
  args.table = table;
  args.token_ids = ids;
  args.output = y;
  args.first_id = 10;
  EXPECT_EQ(failure_of(args), "[embedding] token_ids[0] is out of range; expected 10..12; found 9");
}

TEST(Embedding, BadIdsAndNoIds) {
  auto table = TestTensor(TN_DTYPE_F32, {512, 2}).random(1);
  const auto ids = indices({0, 1, 2, 900});
  TestTensor y(TN_DTYPE_F32, {4, 2});
  auto args = new_args<tn_embedding_args>();
  args.table = table;
  args.token_ids = ids;
  args.output = y;
  EXPECT_EQ(failure_of(args),
            "[embedding] token_ids[3] is out of range; expected 0..511; found 900");
  TestTensor none(TN_DTYPE_I32, {0});
  TestTensor empty(TN_DTYPE_F32, {0, 2});
  args.token_ids = none;
  args.output = empty;
  run_op(args);
  args.zero_outside = 2;
  EXPECT_EQ(refusal(args), "[embedding] zero_outside is out of range; expected 0..1; found 2");
}

}  // namespace
}  // namespace tenon::cpu_reference
