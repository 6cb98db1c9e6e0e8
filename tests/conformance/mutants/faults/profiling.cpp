// Faults of profiling.
#include <algorithm>
#include <string>
#include <vector>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::profiling_faults {
namespace {

struct Kept {
  tn_profile_record record;
  std::string what, stream_name, engine;
};

// What the reference recorded, in its order.
tn_status collect(tn_device* device, std::vector<Kept>& records, tn_error* error) {
  return base().profiling_stop(
      device,
      [](void* context, const tn_profile_record* record) {
        static_cast<std::vector<Kept>*>(context)->push_back(
            {*record, record->what, record->stream_name, record->engine});
      },
      &records, error);
}

void give(std::vector<Kept>& records, tn_profile_sink sink, void* context) {
  for (Kept& kept : records) {
    kept.record.what = kept.what.c_str();
    kept.record.stream_name = kept.stream_name.c_str();
    kept.record.engine = kept.engine.c_str();
    if (sink != nullptr) sink(context, &kept.record);
  }
}

// void change(std::vector<Kept>&) between the reference and the sink.
template <auto change>
void change_records(Planted& planted) {
  planted.table.profiling_stop = [](tn_device* device, tn_profile_sink sink, void* context,
                                    tn_error* error) {
    std::vector<Kept> records;
    const tn_status status = collect(device, records, error);
    change(records);
    give(records, sink, context);
    return status;
  };
}

}  // namespace

MUTANT(last_record_missing, {.rule = "TN-PROF-1",
                             .area = "profiling",
                             .kind = "missing write",
                             .test = "profiling/records_each_piece_of_work_once",
                             .what = "the last piece of work has no record"}) {
  change_records<[](std::vector<Kept>& records) {
    if (!records.empty()) records.pop_back();
  }>(planted);
}

MUTANT(records_backwards, {.rule = "TN-PROF-1",
                           .area = "profiling",
                           .kind = "lost order",
                           .test = "profiling/records_each_piece_of_work_once",
                           .what = "records come newest first"}) {
  change_records<[](std::vector<Kept>& records) { std::reverse(records.begin(), records.end()); }>(
      planted);
}

MUTANT(sequence_from_one, {.rule = "TN-PROF-2",
                           .area = "profiling",
                           .kind = "off by one",
                           .test = "profiling/numbers_follow_the_order_of_enqueueing",
                           .what = "sequence numbers begin with 1"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      ++kept.record.sequence_number;
  }>(planted);
}

MUTANT(copies_are_ops, {.rule = "TN-PROF-2",
                        .area = "profiling",
                        .kind = "wrong type",
                        .test = "profiling/records_each_piece_of_work_once",
                        .what = "copies and fills are recorded as copy_cast"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records) {
      if (kept.record.op == TN_OP_none) kept.record.op = TN_OP_copy_cast;
    }
  }>(planted);
}

MUTANT(lengths_for_ends, {.rule = "TN-PROF-2",
                          .area = "profiling",
                          .kind = "wrong unit",
                          .test = "profiling/records_each_piece_of_work_once",
                          .what = "end_ns holds how long the work took"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      kept.record.end_ns -= kept.record.begin_ns;
  }>(planted);
}

MUTANT(calls_end_before_they_begin,
       {.rule = "TN-PROF-3",
        .area = "profiling",
        .kind = "swapped fields",
        .test = "profiling/calls_come_before_their_work",
        .what = "the beginning and the end of the call change places"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records) {
      kept.record.host_begin_ns = kept.record.begin_ns - 1;
      kept.record.host_end_ns = kept.record.begin_ns - 2;
    }
  }>(planted);
}

MUTANT(nodes_called_when_they_run, {.rule = "TN-PROF-3",
                                    .area = "profiling",
                                    .kind = "wrong moment",
                                    .test = "profiling/nodes_have_the_call_of_their_launch",
                                    .what = "each node of a graph counts as called when it ran"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      kept.record.host_begin_ns = kept.record.host_end_ns = kept.record.begin_ns;
  }>(planted);
}

MUTANT(computing_counts_the_wait, {.rule = "TN-PROF-4",
                                   .area = "profiling",
                                   .kind = "counted twice",
                                   .test = "profiling/parts_are_no_longer_than_the_whole",
                                   .what = "compute_ns begins with the call instead of the work"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      kept.record.compute_ns = kept.record.end_ns - kept.record.begin_ns + 1000;
  }>(planted);
}

MUTANT(late_bytes_of_all_work,
       {.rule = "TN-PROF-4",
        .area = "profiling",
        .kind = "wrong object",
        .test = "profiling/parts_are_no_longer_than_the_whole",
        .what = "the op, not its prefetch, carries the bytes that came late"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      kept.record.late_bytes = kept.record.op == TN_OP_none ? 0 : 4096;
  }>(planted);
}

MUTANT(late_bytes_beyond_the_prefetch,
       {.rule = "TN-PROF-4",
        .area = "profiling",
        .kind = "too large",
        .test = "profiling/parts_are_no_longer_than_the_whole",
        .what = "all that the consumer missed is late, not only what was asked for"}) {
  change_records<[](std::vector<Kept>& records) {
    for (Kept& kept : records)
      if (kept.what == "prefetch") kept.record.late_bytes = 1 << 20;
  }>(planted);
}

}  // namespace tenon::mutants::profiling_faults
