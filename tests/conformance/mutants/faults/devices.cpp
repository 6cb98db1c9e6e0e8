// Faults of backends and devices.
#include <atomic>
#include <cstring>
#include <map>
#include <mutex>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::devices_faults {

MUTANT(device_name_unterminated, {.rule = "TN-DEV-1",
                                  .area = "devices",
                                  .kind = "malformed text",
                                  .test = "devices/info_is_constant",
                                  .what = "a long processor name fills the field to its last byte",
                                  .may_crash = true}) {
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const tn_status status = base().device_info(backend, index, out, error);
    if (status == TN_OK && out->struct_size >= sizeof(tn_device_info)) {
      std::memset(out->name, 'x', sizeof out->name);
    }
    return status;
  };
}

MUTANT(device_info_changes_when_open, {.rule = "TN-DEV-1",
                                       .area = "devices",
                                       .kind = "state kept",
                                       .test = "devices/info_is_constant",
                                       .what = "what a device can do is known only once it was "
                                               "opened"}) {
  static std::atomic<bool> opened{false};
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    opened = true;
    return base().device_open(backend, index, out, error);
  };
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const tn_status status = base().device_info(backend, index, out, error);
    if (status == TN_OK && out->struct_size >= sizeof(tn_device_info) && !opened) {
      out->cache_bytes += 1;
    }
    return status;
  };
}

MUTANT(device_past_the_end, {.rule = "TN-DEV-2",
                             .area = "devices",
                             .kind = "off by one",
                             .test = "devices/past_the_count_are_not_found",
                             .what = "the index that equals the count opens the last device"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    uint32_t count = 0;
    base().device_count(backend, &count, nullptr);
    return base().device_open(backend, index == count ? count - 1 : index, out, error);
  };
}

MUTANT(last_backend_takes_all, {.rule = "TN-DEV-3",
                                .area = "devices",
                                .kind = "shared state",
                                .test = "devices/several_backends_share_nothing",
                                .what = "destroying one backend shuts the library down for the "
                                        "others"}) {
  static std::atomic<bool> down{false};
  planted.table.backend_destroy = [](tn_backend* backend, tn_error* error) {
    down = true;
    return base().backend_destroy(backend, error);
  };
  planted.table.stream_create = [](tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                                   tn_error* error) {
    if (!down) return base().stream_create(device, desc, out, error);
    *out = nullptr;
    return refuse(error, TN_INTERNAL, "[stream_create] the library was shut down");
  };
}

MUTANT(device_opens_once, {.rule = "TN-DEV-4",
                           .area = "devices",
                           .kind = "state kept",
                           .test = "devices/may_be_opened_several_times",
                           .what = "a device that is open already cannot be opened again"}) {
  static std::mutex mutex;
  static std::map<std::pair<tn_backend*, uint32_t>, tn_device*> open;
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    const std::lock_guard lock(mutex);
    if (open.contains({backend, index})) {
      *out = nullptr;
      return refuse(error, TN_INVALID_STATE, "[device_open] the device is open already");
    }
    const tn_status status = base().device_open(backend, index, out, error);
    if (status == TN_OK) open[{backend, index}] = *out;
    return status;
  };
  planted.table.device_close = [](tn_device* device, tn_error* error) {
    const std::lock_guard lock(mutex);
    std::erase_if(open, [&](const auto& entry) { return entry.second == device; });
    return base().device_close(device, error);
  };
}

MUTANT(memory_counted_per_handle, {.rule = "TN-DEV-4",
                                   .area = "devices",
                                   .kind = "shared state",
                                   .test = "devices/memory_figures_fall_and_rise",
                                   .what = "each open handle shows its own allocations only"}) {
  static std::mutex mutex;
  static std::map<tn_device*, uint64_t> used;
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const tn_status status = base().buffer_allocate(device, kind, size, out, error);
    const std::lock_guard lock(mutex);
    if (status == TN_OK && kind != TN_MEMORY_PINNED) used[device] += size;
    return status;
  };
  planted.table.buffer_free = [](tn_buffer* buffer, tn_error* error) {
    const BufferFacts facts = facts_of(buffer);
    {
      const std::lock_guard lock(mutex);
      if (!facts.imported && facts.kind != TN_MEMORY_PINNED) used[facts.device] -= facts.size;
    }
    return base().buffer_free(buffer, error);
  };
  planted.table.device_memory = [](tn_device* device, tn_device_memory* out, tn_error* error) {
    const tn_status status = base().device_memory(device, out, error);
    const std::lock_guard lock(mutex);
    if (status == TN_OK && out->struct_size >= sizeof *out) {
      out->free_bytes = out->total_bytes - used[device];
    }
    return status;
  };
}

MUTANT(import_bit_without_import, {.rule = "TN-DEV-5",
                                   .area = "devices",
                                   .kind = "false claim",
                                   .test = "devices/capabilities_that_are_set_work",
                                   .what = "TN_CAN_IMPORT_HOST is set and every import refused"}) {
  planted.table.buffer_import_host = [](tn_device*, void*, uint64_t, tn_buffer** out,
                                        tn_error* error) {
    *out = nullptr;
    return refuse(error, TN_UNSUPPORTED, "[buffer_import_host] not on this device");
  };
}

MUTANT(host_calls_without_their_bit, {.rule = "TN-DEV-5",
                                      .area = "devices",
                                      .kind = "false claim",
                                      .test = "devices/capabilities_that_are_clear_are_refused",
                                      .what = "TN_CAN_CALL_HOST is clear and stream_call_host "
                                              "works all the same",
                                      .options = "unsupported_ops=all_reduce"}) {
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const tn_status status = base().device_info(backend, index, out, error);
    if (status == TN_OK && out->struct_size >= sizeof *out) {
      out->capabilities &= ~TN_CAN_CALL_HOST;
    }
    return status;
  };
}

MUTANT(dense_without_swiglu, {.rule = "TN-DEV-6",
                              .area = "devices",
                              .kind = "false claim",
                              .test = "ops/swiglu/values",
                              .what = "the dense profile is claimed and swiglu not there"}) {
  lie_about_op<tn_swiglu_args, [](const tn_swiglu_args&, tn_op_support& out) {
    out.supported = out.capturable = 0;
    std::strcpy(out.reason, "[swiglu] is not there yet");
  }>(planted);
}

MUTANT(no_gather_of_int64, {.rule = "TN-DEV-7",
                            .area = "devices",
                            .kind = "false claim",
                            .test = "ops/run_every_op",
                            .what = "TN_CAN_RUN_EVERY_OP is set and gather_rows takes no int64"}) {
  lie_about_op<tn_gather_rows_args, [](const tn_gather_rows_args& args, tn_op_support& out) {
    if (args.input.dtype != TN_DTYPE_I64) return;
    out.supported = out.capturable = 0;
    std::strcpy(out.reason, "[gather_rows] rows of int64 are not moved");
  }>(planted);
}

MUTANT(rows_depend_on_batch, {.rule = "TN-DEV-8",
                              .area = "devices",
                              .kind = "precision",
                              .test = "batch_invariance/linear",
                              .what = "linear of more than one row takes another order of "
                                      "summation: the last bit moves"}) {
  follow_op<tn_linear_args, [](const tn_linear_args& args) {
    if (row_count(args.output) < 2 || row_length(args.output) == 0) return;
    for (int64_t row = 0; row < row_count(args.output); ++row)
      nudge(args.output, row, row_length(args.output) - 1);
  }>(planted);
}

MUTANT(kv_block_multiple_zero, {.rule = "TN-DEV-9",
                                .area = "devices",
                                .kind = "left out",
                                .test = "devices/say_what_deployments_need",
                                .what = "kv_block_multiple is left at 0"}) {
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const tn_status status = base().device_info(backend, index, out, error);
    if (status == TN_OK && out->struct_size >= sizeof *out) out->kv_block_multiple = 0;
    return status;
  };
}

MUTANT(free_bytes_constant, {.rule = "TN-DEV-10",
                             .area = "devices",
                             .kind = "stale value",
                             .test = "devices/memory_figures_fall_and_rise",
                             .what = "free_bytes is always the total"}) {
  planted.table.device_memory = [](tn_device* device, tn_device_memory* out, tn_error* error) {
    const tn_status status = base().device_memory(device, out, error);
    if (status == TN_OK && out->struct_size >= sizeof *out) out->free_bytes = out->total_bytes;
    return status;
  };
}

MUTANT(profiles_without_contents, {.rule = "TN-DEV-11",
                                   .area = "devices",
                                   .kind = "false claim",
                                   .test = "devices/without_contents_claim_no_profile",
                                   .what = "a model of time claims what the real device conforms "
                                           "to"}) {
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const tn_status status = base().device_info(backend, index, out, error);
    if (status == TN_OK) out->capabilities |= TN_KEEPS_NO_CONTENTS;
    return status;
  };
}

MUTANT(estimate_drifts, {.rule = "TN-OP-19",
                         .area = "ops",
                         .kind = "state kept",
                         .test = "ops/linear/estimate_is_constant",
                         .what = "an estimate follows the times that were measured so far"}) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    static std::atomic<uint64_t> asked{0};
    const tn_status status = base().op_query(device, op, args, out, error);
    if (status == TN_OK && out->supported == 1) out->estimated_ns = 5000 + asked++;
    return status;
  };
}

MUTANT(estimate_of_the_storage,
       {.rule = "TN-OP-19",
        .area = "ops",
        .kind = "wrong source",
        .test = "ops/linear/estimate_is_constant",
        .what = "an estimate counts the bytes of the weight's storage, which "
                "a plan does not know yet"}) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const tn_status status = base().op_query(device, op, args, out, error);
    if (status == TN_OK && out->supported == 1 && op == TN_OP_linear) {
      out->estimated_ns = 5000 + static_cast<const tn_linear_args*>(args)->weight.storage_bytes;
    }
    return status;
  };
}

MUTANT(estimate_of_what_is_refused, {.rule = "TN-OP-19",
                                     .area = "ops",
                                     .kind = "answer without a question",
                                     .test = "ops/linear/estimate_is_constant",
                                     .what = "a linear with a bias is refused, and has an estimate "
                                             "all the same"}) {
  planted.table.op_query = [](tn_device* device, uint32_t op, const void* args, tn_op_support* out,
                              tn_error* error) {
    const tn_status status = base().op_query(device, op, args, out, error);
    if (status != TN_OK || op != TN_OP_linear) return status;
    if (static_cast<const tn_linear_args*>(args)->bias.dtype == TN_DTYPE_NONE) return status;
    out->supported = 0;
    std::strcpy(out->reason, "no bias");
    out->estimated_ns = 5000;
    return status;
  };
}

}  // namespace tenon::mutants::devices_faults
