// A transposed [E, N, K] view as the weight of grouped_matmul: read as it is, or copied first.
#include "ascend_calls.hpp"

namespace ascend_test {
namespace {

using TransposedWeights = RuntimeTest;

// The experts of DeepSeek-V4-Flash, 256 of 2048 x 4096 in bf16: gate, up and down of a layer are
// 12,884,901,888 bytes, which a stack that copies transposed views moves for each layer.
constexpr std::uint64_t bytes_of_three_matmuls = 12'884'901'888;

tn_grouped_matmul_args flash_experts(bool transposed) {
  const tn_tensor weight = transposed ? swapped(shaped({256, 2048, 4096}, TN_DTYPE_BF16))
                                      : shaped({256, 4096, 2048}, TN_DTYPE_BF16);
  return grouped_args(shaped({64, 4096}, TN_DTYPE_BF16), weight, shaped({256}, TN_DTYPE_I32),
                      shaped({64, 2048}, TN_DTYPE_BF16));
}

TEST_F(TransposedWeights, AreReadWithoutACopyUnlessTheOptionSaysSo) {
  TestBackend view;
  EXPECT_EQ(ask(view, TN_OP_grouped_matmul, flash_experts(true)).workspace_bytes, 0U);
  EXPECT_EQ(ask(view, TN_OP_grouped_matmul, flash_experts(true)).copied_bytes, 0U);
  TestBackend copy({option("transposed_weights", "copy")});
  EXPECT_EQ(ask(copy, TN_OP_grouped_matmul, flash_experts(true)).workspace_bytes,
            bytes_of_three_matmuls / 3);
  EXPECT_EQ(ask(copy, TN_OP_grouped_matmul, flash_experts(true)).copied_bytes,
            bytes_of_three_matmuls / 3);
  EXPECT_EQ(ask(copy, TN_OP_grouped_matmul, flash_experts(false)).workspace_bytes, 0U);
  EXPECT_EQ(ask(copy, TN_OP_grouped_matmul, flash_experts(false)).copied_bytes, 0U);
}

struct Product {
  std::vector<float> values;
  std::vector<std::uint64_t> copy_ns;  // of each record of a grouped_matmul
};

// Both ways of a small case, on a card that copies and on one that does not.
Product product(const char* transposed_weights) {
  TestBackend backend({option("transposed_weights", transposed_weights)});
  const tn_device_table& t = table();
  const tn_tensor weight =
      swapped(tensor(backend.filled<float>({1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), {2, 3, 2}));
  tn_buffer* out = backend.filled<float>(std::vector<float>(9, -1));
  const tn_grouped_matmul_args args = grouped_args(
      tensor(backend.filled<float>({1, 10, 2, 20, 3, 30}), {3, 2}), weight,
      tensor(backend.filled<std::int32_t>({1, 2}), {2}, TN_DTYPE_I32), tensor(out, {3, 3}));
  const std::uint64_t bytes = ask(backend, TN_OP_grouped_matmul, args).workspace_bytes;
  EXPECT_EQ(bytes, std::string(transposed_weights) == "copy" ? 48U : 0U);
  const tn_buffer_range workspace{backend.buffer(bytes), 0, bytes};
  tn_stream* stream = backend.stream();
  tn_error e{};
  EXPECT_EQ(t.profiling_start(backend.device(), &e), TN_OK) << e.message;
  EXPECT_EQ(t.op_enqueue(stream, TN_OP_grouped_matmul, &args, bytes == 0 ? nullptr : &workspace,
                         nullptr, &e),
            TN_OK)
      << e.message;
  backend.synchronize(stream);
  Product result;
  const tn_profile_sink sink = [](void* context, const tn_profile_record* record) {
    if (record->op != TN_OP_grouped_matmul) return;
    EXPECT_LE(record->copy_ns, record->end_ns - record->begin_ns);
    static_cast<Product*>(context)->copy_ns.push_back(record->copy_ns);
  };
  EXPECT_EQ(t.profiling_stop(backend.device(), sink, &result, &e), TN_OK) << e.message;
  result.values = backend.values<float>(out, 9);
  return result;
}

TEST_F(TransposedWeights, GiveTheSameNumbersEitherWay) {
  const std::vector<float> expected{21, 43, 65, 174, 218, 262, 261, 327, 393};
  EXPECT_EQ(product("view").values, expected);
  EXPECT_EQ(product("copy").values, expected);
}

TEST_F(TransposedWeights, TheTimeOfTheCopyIsInTheRecord) {
  EXPECT_EQ(product("view").copy_ns, std::vector<std::uint64_t>{0});
  const std::vector<std::uint64_t> copied = product("copy").copy_ns;
  ASSERT_EQ(copied.size(), 1U);
  EXPECT_GT(copied[0], 0U);
}

}  // namespace
}  // namespace ascend_test
