#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(Embedding, EveryPairOfTypes) {
  for (const uint32_t w : float_dtypes) {
    for (const uint32_t a : float_dtypes) {
      auto table = TestTensor(w, {6, 5}, 1).random(1);
      const auto ids = indices({3, 3, 0, 5});
      TestTensor y(a, {4, 5}, 2);
      auto args = new_args<tn_embedding_args>();
      args.table = table;
      args.token_ids = ids;
      args.output = y;
      run_op(args);
      for (int64_t i = 0; i < y.count(); ++i) {
        const auto id = static_cast<int64_t>(ids.at(i / 5));
        ASSERT_EQ(y.bits(i), encode(a, table.at(id * 5 + i % 5)));
      }
      EXPECT_EQ(y.touched_outside(), 0);
    }
  }
}

TEST(Embedding, ShardedVocabularyGivesZerosOutside) {
  auto table = TestTensor(TN_DTYPE_BF16, {3, 2}).random(1);
  const auto ids = indices({9, 10, 12, 13, -5});
  TestTensor y(TN_DTYPE_BF16, {5, 2});
  auto args = new_args<tn_embedding_args>();
  args.table = table;
  args.token_ids = ids;
  args.output = y;
  args.first_id = 10;
  args.zero_outside = 1;
  run_op(args);
  EXPECT_EQ(y.values(), (std::vector<double>{0, 0, table.at(0), table.at(1), table.at(4),
                                             table.at(5), 0, 0, 0, 0}));
  args.zero_outside = 0;
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
