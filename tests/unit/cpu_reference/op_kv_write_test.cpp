#include "op_fixture.hpp"

namespace tenon::cpu_reference {
namespace {

TEST(KvWrite, TypesSkippedTokensAndUntouchedSlots) {
  const int64_t blocks = 3;
  const int64_t block_size = 4;
  const int64_t heads = 2;
  for (const uint32_t a : float_dtypes) {
    for (const uint32_t c : float_dtypes) {
      for (const bool with_value : {false, true}) {
        auto key = TestTensor(a, {4, heads, 6}, 2).random(1);
        auto value = TestTensor(a, {4, heads, 5}).random(2);
        TestTensor key_cache(c, {blocks, block_size, heads, 6});
        TestTensor value_cache(c, {blocks, block_size, heads, 5});
        const std::vector<double> slots{11, -1, 0, 5};
        const auto mapping = indices(slots);
        auto args = new_args<tn_kv_write_args>();
        args.key = key;
        args.slot_mapping = mapping;
        args.key_cache = key_cache;
        if (with_value) args.value = value;
        if (with_value) args.value_cache = value_cache;
        run_op(args);
        const auto check = [&](const TestTensor& cache, const TestTensor& source, int64_t width) {
          for (int64_t i = 0; i < cache.count(); ++i) {
            const double slot = static_cast<double>(i / (heads * width));
            const auto found = std::find(slots.begin(), slots.end(), slot);
            if (found == slots.end()) {
              ASSERT_EQ(cache.bits(i), item_bytes(c) == 2 ? 0xffffU : 0xffffffffU);
            } else {
              const int64_t token = found - slots.begin();
              ASSERT_EQ(cache.bits(i),
                        encode(c, source.at(token * heads * width + i % (heads * width))));
            }
          }
        };
        check(key_cache, key, 6);
        if (with_value) check(value_cache, value, 5);
      }
    }
  }
}

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
