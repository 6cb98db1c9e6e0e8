#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(KvWrite, BadSlotsRepeatedSlotsAndNoTokens) {
  auto key = TestTensor(TN_DTYPE_F32, {3, 1, 2}).random(1);
  TestTensor cache(TN_DTYPE_F32, {2, 4, 1, 2});
  auto mapping = indices({0, 8, 1});
  auto args = new_args<tn_kv_write_args>();
  args.key = key;
  args.slot_mapping = mapping;
  args.key_cache = cache;
  EXPECT_EQ(failure_of(args),
            "[kv_write] slot_mapping[1] is out of range; expected -1..7; found 8");
  mapping.fill({5, -1, 5});
  EXPECT_EQ(
      failure_of(args),
      "[kv_write] slot_mapping[2] repeats a slot; expected one token for each slot; found slot "
      "5 also at slot_mapping[0]");
  TestTensor none(TN_DTYPE_F32, {0, 1, 2});
  TestTensor no_slots(TN_DTYPE_I32, {0});
  args.key = none;
  args.slot_mapping = no_slots;
  run_op(args);
  args.value_cache = cache;
  EXPECT_EQ(refusal(args),
            "[kv_write] value_cache must be absent because value is; expected none; found f32");
}

}  // namespace
}  // namespace tenon::cpu_reference
