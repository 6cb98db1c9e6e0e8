// What replays read: host arrays and attributes as captured or last updated, device memory as it is
// when they run.
#include <algorithm>
#include <set>

#include "decode_bucket.hpp"

namespace ascend_test {
namespace {

class Replays : public RuntimeTest, public testing::WithParamInterface<CacheForm> {
 protected:
  TestBackend backend{{option("threads", 1)}};
  tn_stream* stream = backend.stream("compute");
  Sequences sequences{GetParam(), 11};
  DecodeBucket eager{backend, GetParam()};
  DecodeBucket graph{backend, GetParam()};

  // The step on both buckets, up to where the ops would run.
  void upload(const DecodeStep& step) {
    eager.upload(stream, step);
    graph.upload(stream, step);
  }
  // Captures the step in one bucket, and runs it in both.
  void begin_with(const DecodeStep& step) {
    upload(step);
    graph.capture(stream);
    eager.enqueue(stream);
    graph.launch(stream);
    backend.synchronize(stream);
  }
};

TEST_P(Replays, AThousandOfThemWithChangingLengthsEqualEagerSteps) {
  begin_with(sequences.next(bucket_rows));
  std::set<std::int64_t> batches;
  std::set<std::int32_t> lengths;
  for (int replay = 0; replay < 1000; ++replay) {
    const DecodeStep step = sequences.next(sequences.any_batch());
    batches.insert(step.batch);
    lengths.insert(step.lengths.begin(), step.lengths.end());
    upload(step);
    eager.enqueue(stream);
    OK(graph.update(e));
    graph.launch(stream);
    backend.synchronize(stream);
    ASSERT_EQ(graph.output(), eager.output()) << "replay " << replay;
  }
  EXPECT_EQ(graph.key_cache(), eager.key_cache());
  EXPECT_EQ(graph.value_cache(), eager.value_cache());
  EXPECT_EQ(batches.size(), static_cast<std::size_t>(bucket_rows));
  EXPECT_EQ(lengths.size(), static_cast<std::size_t>(longest_sequence) + 1);  // 0 is padding's
}

TEST_P(Replays, WithoutAnUpdateReadTheDeviceAsItIsThen) {
  const DecodeStep first = sequences.next(3);
  begin_with(first);
  const std::vector<std::uint16_t> before = graph.output();
  DecodeStep second = sequences.next(3);  // other rows and slots
  second.lengths = first.lengths;
  const auto row = second.table.begin();
  std::swap_ranges(row, row + blocks_of_a_sequence, row + blocks_of_a_sequence);
  upload(second);
  graph.host_lengths.assign(bucket_rows, 55);  // the capture has copied them
  eager.enqueue(stream);
  graph.launch(stream);
  backend.synchronize(stream);
  EXPECT_EQ(graph.output(), eager.output());
  EXPECT_NE(graph.output(), before);
  EXPECT_EQ(graph.key_cache(), eager.key_cache());
  EXPECT_EQ(graph.value_cache(), eager.value_cache());
}

// A card plans with the lengths of the capture, whatever the tensors say; the emulation tells.
TEST_P(Replays, WithoutAnUpdateKeepTheLengthsOfTheCapture) {
  begin_with(sequences.next(1));
  upload(sequences.next(1));
  graph.launch(stream);
  REFUSED(TN_STREAM_FAILED, "host_seq_lens[0] differs from the device's; expected 2; found 1",
          t.stream_synchronize(stream, &e));
}

TEST_P(Replays, TakeUpdatedLengthsFromTheNextLaunchOn) {
  begin_with(sequences.next(bucket_rows));
  for (const std::int64_t batch : {8, 5, 1}) {
    upload(sequences.next(batch));
    OK(graph.update(e));
    graph.host_lengths.assign(bucket_rows, 55);  // and so has the update
    eager.enqueue(stream);
    graph.launch(stream);
    graph.launch(stream);  // an update is for all launches after it
    backend.synchronize(stream);
    EXPECT_EQ(graph.output(), eager.output()) << "batch " << batch;
  }
}

TEST_P(Replays, KeepTheAttributesOfTheCapture) {
  begin_with(sequences.next(2));
  graph.upload(stream, sequences.next(2));  // a second key, so that the scale matters
  OK(graph.update(e));
  graph.launch(stream);
  backend.synchronize(stream);
  const std::vector<std::uint16_t> before = graph.output();
  tn_paged_attention_args args = graph.attention_args();
  args.scale = 1;
  REFUSED(TN_INVALID_ARGUMENT, "may not be updated", graph.update(args, e));
  graph.launch(stream);
  backend.synchronize(stream);
  EXPECT_EQ(graph.output(), before);
  OK(t.op_enqueue(stream, TN_OP_paged_attention, &args, nullptr, nullptr, &e));
  backend.synchronize(stream);
  EXPECT_NE(graph.output(), before);  // the scale would have been seen
}

// Five sequences in a bucket of eight: a replay changes five slots and nothing else.
TEST_P(Replays, OfAPaddedBatchWriteNoPaddedSlot) {
  const DecodeStep step = sequences.next(5);
  graph.upload(stream, step);
  graph.capture(stream);
  const std::vector<std::uint16_t> before = graph.key_cache();
  graph.launch(stream);
  backend.synchronize(stream);
  const auto changed_slots = [&](const std::vector<std::uint16_t>& cache, std::int64_t width) {
    std::set<std::int32_t> slots;
    const std::int64_t row = GetParam().kv_heads * width;
    for (std::size_t i = 0; i < cache.size(); ++i) {
      if (cache[i] != before.front())
        slots.insert(static_cast<std::int32_t>(static_cast<std::int64_t>(i) / row));
    }
    return slots;
  };
  const std::set<std::int32_t> written(step.slots.begin(), step.slots.begin() + 5);
  EXPECT_EQ(changed_slots(graph.key_cache(), GetParam().key_width), written);
  if (!GetParam().latent) {
    EXPECT_EQ(changed_slots(graph.value_cache(), GetParam().value_width), written);
  }
  const std::vector<std::uint16_t> output = graph.output();
  const auto padding = output.begin() + 5 * GetParam().heads * GetParam().value_width;
  EXPECT_TRUE(std::all_of(padding, output.end(), [](std::uint16_t bits) { return bits == 0; }));
  EXPECT_FALSE(std::all_of(output.begin(), padding, [](std::uint16_t bits) { return bits == 0; }));
}

INSTANTIATE_TEST_SUITE_P(Caches, Replays, testing::Values(key_value_form, latent_form),
                         [](const auto& test) { return test.param.name; });

}  // namespace
}  // namespace ascend_test
