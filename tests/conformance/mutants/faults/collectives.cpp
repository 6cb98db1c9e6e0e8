// Faults of communicators and collectives. All need two devices.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::collectives_faults {
namespace {

std::mutex mutex;
std::map<tn_communicator*, uint32_t> ranks;

tn_status create(tn_device* const* devices, uint32_t count, tn_communicator** out,
                 tn_error* error) {
  const tn_status status = base().communicator_create(devices, count, out, error);
  const std::lock_guard lock(mutex);
  for (uint32_t rank = 0; status == TN_OK && rank < count; ++rank)
    ranks[out[rank]] = rank;
  return status;
}

uint32_t rank_of(tn_communicator* communicator) {
  const std::lock_guard lock(mutex);
  const auto place = ranks.find(communicator);
  return place == ranks.end() ? 0 : place->second;
}

}  // namespace

MUTANT(ranks_backwards, {.rule = "TN-COMM-1",
                         .area = "collectives",
                         .kind = "lost order",
                         .test = "collectives/ranks_follow_the_order_of_devices",
                         .what = "the handles come in the reverse order of the devices",
                         .options = "devices=2"}) {
  planted.table.communicator_create = [](tn_device* const* devices, uint32_t count,
                                         tn_communicator** out, tn_error* error) {
    const tn_status status = base().communicator_create(devices, count, out, error);
    if (status == TN_OK) std::reverse(out, out + count);
    return status;
  };
}

MUTANT(collective_blocks, {.rule = "TN-COMM-2",
                           .area = "collectives",
                           .kind = "blocks",
                           .test = "collectives/enqueueing_one_rank_does_not_block",
                           .what = "enqueueing a collective waits for the other ranks",
                           .may_hang = true,
                           .options = "devices=2"}) {
  wrap_op<tn_all_reduce_args, [](const tn_all_reduce_args& args, const OpCall& call) {
    const tn_status status = call.enqueue(args);
    if (status == TN_OK) base().stream_synchronize(call.stream, nullptr);
    return status;
  }>(planted);
}

MUTANT(collective_beside_the_stream, {.rule = "TN-COMM-3",
                                      .area = "collectives",
                                      .kind = "early completion",
                                      .test = "collectives/wait_for_the_slowest_rank",
                                      .what = "the stream goes on while the exchange is under way",
                                      .options = "devices=2"}) {
  wrap_op<tn_all_reduce_args, [](const tn_all_reduce_args& args, const OpCall& call) {
    OpCall beside = call;
    beside.stream = shadow_of(call.stream);
    return beside.enqueue(args);
  }>(planted);
}

MUTANT(sum_in_order_of_arrival, {.rule = "TN-COMM-4",
                                 .area = "collectives",
                                 .kind = "race",
                                 .test = "collectives/reduce_in_rank_order",
                                 .what = "a sum's order follows the timing: the last bit differs "
                                         "from run to run",
                                 .options = "devices=2"}) {
  follow_op<tn_all_reduce_args, [](const tn_all_reduce_args& args) {
    static std::atomic<int> runs{0};
    if (element_count(args.output) == 0 || args.reduction != TN_REDUCE_SUM) return;
    if (args.output.dtype != TN_DTYPE_I32 && ++runs % 2 == 0) nudge(args.output, 0, 0);
  }>(planted);
}

MUTANT(maximum_is_a_sum, {.rule = "TN-OP-10",
                          .area = "collectives",
                          .kind = "ignored input",
                          .test = "ops/all_reduce/values",
                          .what = "all_reduce adds up whatever reduction is asked for",
                          .options = "devices=2"}) {
  edit_op<tn_all_reduce_args, [](tn_all_reduce_args& args) { args.reduction = TN_REDUCE_SUM; }>(
      planted);
}

MUTANT(own_part_missing, {.rule = "TN-OP-8",
                          .area = "collectives",
                          .kind = "missing write",
                          .test = "ops/all_gather/values",
                          .what = "a rank does not write its own part of the output",
                          .options = "devices=2"}) {
  planted.table.communicator_create = create;
  enclose_op<tn_all_gather_args,
             [](const tn_all_gather_args& args) {
               std::vector<std::byte> bytes(
                   static_cast<size_t>(element_count(args.input) * item_size(args.input.dtype)));
               const std::byte* own =
                   first_byte(args.output) +
                   static_cast<size_t>(rank_of(args.communicator)) * bytes.size();
               std::memcpy(bytes.data(), own, bytes.size());
               return bytes;
             },
             [](const tn_all_gather_args& args, const std::vector<std::byte>& bytes) {
               std::memcpy(first_byte(args.output) +
                               static_cast<size_t>(rank_of(args.communicator)) * bytes.size(),
                           bytes.data(), bytes.size());
             }>(planted);
}

MUTANT(integers_reduced_as_floats, {.rule = "TN-OP-10",
                                    .area = "collectives",
                                    .kind = "precision",
                                    .test = "ops/reduce_scatter/values",
                                    .what = "i32 sums go through f32 and lose their low bits",
                                    .options = "devices=2"}) {
  follow_op<tn_reduce_scatter_args, [](const tn_reduce_scatter_args& args) {
    if (args.output.dtype != TN_DTYPE_I32) return;
    for (int64_t i = 0; i < element_count(args.output); ++i) {
      int32_t& value = integer(args.output, i);
      value = static_cast<int32_t>(static_cast<float>(value));
    }
  }>(planted);
}

MUTANT(rest_is_cleared, {.rule = "TN-COMM-5",
                         .area = "collectives",
                         .kind = "done all the same",
                         .test = "collectives/exchange_by_counts_on_the_device",
                         .what = "output rows past the received ones become zeros",
                         .options = "devices=2"}) {
  follow_op<tn_all_to_all_v_args, [](const tn_all_to_all_v_args& args) {
    int64_t received = 0;
    for (uint32_t rank = 0; rank < args.world_size; ++rank)
      received += integer(args.receive_counts, rank);
    const int64_t row_bytes = row_length(args.output) * item_size(args.output.dtype);
    for (; received < row_count(args.output); ++received)
      std::memset(element(args.output, received, 0), 0, static_cast<size_t>(row_bytes));
  }>(planted);
}

MUTANT(last_received_row_missing, {.rule = "TN-OP-8",
                                   .area = "collectives",
                                   .kind = "off by one",
                                   .test = "ops/all_to_all_v/values",
                                   .what = "the last row that a rank receives is not placed",
                                   .options = "devices=2"}) {
  enclose_op<tn_all_to_all_v_args,
             [](const tn_all_to_all_v_args& args) {
               std::vector<std::vector<std::byte>> rows;
               for (int64_t row = 0; row < row_count(args.output); ++row)
                 rows.push_back(saved_row(args.output, row));
               return rows;
             },
             [](const tn_all_to_all_v_args& args, const std::vector<std::vector<std::byte>>& rows) {
               int64_t received = 0;
               for (uint32_t rank = 0; rank < args.world_size; ++rank)
                 received += integer(args.receive_counts, rank);
               if (received == 0) return;
               restore_row(args.output, received - 1, rows[static_cast<size_t>(received - 1)]);
             }>(planted);
}

}  // namespace tenon::mutants::collectives_faults
