// Faults at the binary border of single calls: struct sizes, the host's services, exceptions.
#include <cstring>
#include <new>
#include <string>

#include "plant/base.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::abi_calls_faults {

MUTANT(exception_crosses, {.rule = "TN-ABI-2",
                           .area = "abi",
                           .kind = "exception",
                           .test = "abi/objects_are_made_or_refused_without_memory",
                           .what = "an allocation that fails is thrown, not answered",
                           .may_crash = true}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const tn_status status = base().buffer_allocate(device, kind, size, out, error);
    if (status == TN_OUT_OF_MEMORY) throw std::bad_alloc();
    return status;
  };
}

MUTANT(device_info_in_full, {.rule = "TN-ABI-12",
                             .area = "abi",
                             .kind = "overrun",
                             .test = "abi/device_structs_are_not_written_past_their_size",
                             .what = "device_info writes its whole struct whatever the caller's "
                                     "struct_size"}) {
  planted.table.device_info = [](tn_backend* backend, uint32_t index, tn_device_info* out,
                                 tn_error* error) {
    const uint32_t size = out->struct_size;
    out->struct_size = sizeof(tn_device_info) + 8;
    const tn_status status = base().device_info(backend, index, out, error);
    out->struct_size = size;
    return status;
  };
}

MUTANT(memory_info_size_equal, {.rule = "TN-ABI-12",
                                .area = "abi",
                                .kind = "wrong size",
                                .test = "abi/device_structs_are_not_written_past_their_size",
                                .what = "device_memory compares the caller's struct_size with "
                                        "\"equal\" and refuses a newer host"}) {
  planted.table.device_memory = [](tn_device* device, tn_device_memory* out, tn_error* error) {
    if (out->struct_size != sizeof(tn_device_memory)) {
      out->total_bytes = out->free_bytes = 0;
      return refuse(error, TN_INVALID_ARGUMENT, "[device_memory] struct_size is wrong");
    }
    return base().device_memory(device, out, error);
  };
}

MUTANT(host_log_unchecked, {.rule = "TN-ABI-13",
                            .area = "abi",
                            .kind = "missing check",
                            .test = "abi/host_without_a_log_is_not_read_past_its_size",
                            .what = "the host's log is called although an older host has none",
                            .may_crash = true}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    if (host != nullptr) host->log(host->context, TN_LOG_INFO, "cpu_reference", "begins", 6);
    return base().backend_create(host, options, count, out, error);
  };
}

MUTANT(releases_rounded_size, {.rule = "TN-ABI-14",
                               .area = "abi",
                               .kind = "wrong size",
                               .test = "abi/memory_goes_back_to_where_it_came_from",
                               .what = "memory goes back with its size rounded up",
                               .control = "abi/facts_are_complete"}) {
  allocator_fault().release = [](const tn_host& host, void* memory, size_t size, size_t alignment) {
    host.release(host.context, memory, (size + 63) / 64 * 64, alignment);
  };
}

MUTANT(releases_twice, {.rule = "TN-ABI-14",
                        .area = "abi",
                        .kind = "done twice",
                        .test = "abi/memory_goes_back_to_where_it_came_from",
                        .what = "memory goes back a second time",
                        .control = "abi/facts_are_complete"}) {
  allocator_fault().release = [](const tn_host& host, void* memory, size_t size, size_t alignment) {
    host.release(host.context, memory, size, alignment);
    host.release(host.context, memory, size, alignment);
  };
}

MUTANT(leaks_a_block, {.rule = "TN-ABI-14",
                       .area = "abi",
                       .kind = "leak",
                       .test = "abi/memory_goes_back_to_where_it_came_from",
                       .what = "a small block taken for each backend never goes back",
                       .control = "abi/facts_are_complete"}) {
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    if (host != nullptr) host->allocate(host->context, 48, 16);
    return base().backend_create(host, options, count, out, error);
  };
}

MUTANT(longer_struct_means_new, {.rule = "TN-ABI-17",
                                 .area = "abi",
                                 .kind = "wrong default",
                                 .test = "ops/scale/unknown_tail",
                                 .what = "a longer struct whose new fields are zero gets the newer "
                                         "behaviour: scale takes its factor as a percentage"}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    if (op != TN_OP_scale || size <= sizeof(tn_scale_args)) {
      return base().op_enqueue(stream, op, args, workspace, out_node, error);
    }
    std::string longer(static_cast<const char*>(args), size);
    reinterpret_cast<tn_scale_args*>(longer.data())->factor /= 100;
    return base().op_enqueue(stream, op, longer.data(), workspace, out_node, error);
  };
}

MUTANT(unknown_tail_ignored, {.rule = "TN-ABI-18",
                              .area = "abi",
                              .kind = "ignored input",
                              .test = "ops/add/unknown_tail",
                              .what = "bytes past the known end of an argument struct are cut off "
                                      "whatever they say"}) {
  planted.table.op_enqueue = [](tn_stream* stream, uint32_t op, const void* args,
                                const tn_buffer_range* workspace, tn_node* out_node,
                                tn_error* error) {
    uint32_t size = 0;
    if (args != nullptr) std::memcpy(&size, args, sizeof size);
    if (op != TN_OP_add || size <= sizeof(tn_add_args)) {
      return base().op_enqueue(stream, op, args, workspace, out_node, error);
    }
    tn_add_args known = *static_cast<const tn_add_args*>(args);
    known.struct_size = sizeof known;
    return base().op_enqueue(stream, op, &known, workspace, out_node, error);
  };
}

MUTANT(unknown_flag_ignored, {.rule = "TN-ABI-18",
                              .area = "abi",
                              .kind = "ignored input",
                              .test = "ops/mul/enqueue_of_unsupported_refused",
                              .what = "mul computes as ever when a flag asks for something else"}) {
  edit_op<tn_mul_args, [](tn_mul_args& args) { args.flags = 0; }>(planted);
}

MUTANT(unknown_function_is_ok, {.rule = "TN-ABI-19",
                                .area = "abi",
                                .kind = "swallowed error",
                                .test = "abi/unknown_functions_are_not_found",
                                .what = "get_function answers TN_OK and NULL for any name"}) {
  planted.table.get_function = [](const char*, void (**out)(void), tn_error* error) {
    if (out != nullptr) *out = nullptr;
    return accept(error);
  };
}

}  // namespace tenon::mutants::abi_calls_faults
