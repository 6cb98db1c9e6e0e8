// Faults of prefetch.
#include <algorithm>

#include "plant/base.hpp"
#include "plant/elements.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::prefetch_faults {

MUTANT(prefetch_writes, {.rule = "TN-PRE-1",
                         .area = "prefetch",
                         .kind = "writes an input",
                         .test = "prefetch/changes_no_value",
                         .what = "the last line fetched is written back with a wrong last byte"}) {
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    const tn_status status = base().prefetch(stream, tensor, offset, bytes, error);
    if (status == TN_OK) {
      const uint64_t taken = std::min(bytes, tensor->storage_bytes - offset);
      const uint64_t last = tensor->byte_offset + offset + taken - 1;
      base().fill(stream, tensor->buffer, last, 1, 0xff, 1, nullptr);
    }
    return status;
  };
}

MUTANT(prefetch_lets_work_pass, {.rule = "TN-PRE-2",
                                 .area = "prefetch",
                                 .kind = "lost order",
                                 .test = "prefetch/keeps_its_place_in_the_stream",
                                 .what = "an event recorded behind a prefetch is recorded beside "
                                         "the stream",
                                 .control = "abi/facts_are_complete"}) {
  static thread_local tn_stream* prefetched = nullptr;
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    prefetched = stream;
    return base().prefetch(stream, tensor, offset, bytes, error);
  };
  planted.table.event_record = [](tn_event* event, tn_stream* stream, tn_error* error) {
    const bool behind = prefetched == stream;
    prefetched = nullptr;
    return base().event_record(event, behind ? shadow_of(stream) : stream, error);
  };
}

MUTANT(prefetch_blocks, {.rule = "TN-PRE-2",
                         .area = "prefetch",
                         .kind = "blocks",
                         .test = "prefetch/keeps_its_place_in_the_stream",
                         .what = "prefetch returns when the stream has come that far",
                         .may_hang = true}) {
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    const tn_status status = base().prefetch(stream, tensor, offset, bytes, error);
    if (status == TN_OK) base().stream_synchronize(stream, nullptr);
    return status;
  };
}

MUTANT(prefetch_not_clamped, {.rule = "TN-PRE-3",
                              .area = "prefetch",
                              .kind = "missing case",
                              .test = "prefetch/is_cut_at_the_end_of_its_tensor",
                              .what = "more bytes than are left are refused"}) {
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    if (offset < tensor->storage_bytes && bytes > tensor->storage_bytes - offset) {
      return refuse(error, TN_INVALID_ARGUMENT, "[prefetch] the range ends past the tensor");
    }
    return base().prefetch(stream, tensor, offset, bytes, error);
  };
}

MUTANT(prefetch_of_nothing, {.rule = "TN-PRE-4",
                             .area = "prefetch",
                             .kind = "missing check",
                             .test = "prefetch/of_nothing_is_refused",
                             .what = "max_bytes 0 is accepted"}) {
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    return base().prefetch(stream, tensor, offset, std::max<uint64_t>(bytes, 1), error);
  };
}

MUTANT(prefetch_from_the_end, {.rule = "TN-PRE-4",
                               .area = "prefetch",
                               .kind = "off by one",
                               .test = "prefetch/of_nothing_is_refused",
                               .what = "an offset equal to storage_bytes is accepted"}) {
  planted.table.prefetch = [](tn_stream* stream, const tn_tensor* tensor, uint64_t offset,
                              uint64_t bytes, tn_error* error) {
    const bool at_end = bytes > 0 && offset == tensor->storage_bytes && offset > 0;
    return base().prefetch(stream, tensor, at_end ? offset - 1 : offset, bytes, error);
  };
}

}  // namespace tenon::mutants::prefetch_faults
