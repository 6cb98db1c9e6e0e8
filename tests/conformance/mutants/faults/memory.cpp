// Faults of buffers.
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

#include "plant/elements.hpp"
#include "plant/op_fault.hpp"

namespace tenon::mutants::memory_faults {
namespace {

std::mutex mutex;
std::map<tn_buffer*, void*> shadow_bytes;  // kept for good

}  // namespace

MUTANT(buffers_aligned_to_64, {.rule = "TN-MEM-1",
                               .area = "memory",
                               .kind = "misaligned",
                               .test = "memory/is_aligned",
                               .what = "buffers lie 64 bytes past a multiple of 256",
                               .control = "events/start_complete"}) {
  allocator_fault().allocate = [](const tn_host& host, size_t size, size_t alignment) -> void* {
    void* memory = host.allocate(host.context, size + 64, alignment);
    return memory == nullptr ? nullptr : static_cast<std::byte*>(memory) + 64;
  };
  allocator_fault().release = [](const tn_host& host, void* memory, size_t size, size_t alignment) {
    host.release(host.context, static_cast<std::byte*>(memory) - 64, size + 64, alignment);
  };
}

MUTANT(no_empty_buffers, {.rule = "TN-MEM-2",
                          .area = "memory",
                          .kind = "empty case",
                          .test = "memory/of_size_zero_can_be_allocated",
                          .what = "a buffer of size 0 is refused"}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    if (size > 0) return base().buffer_allocate(device, kind, size, out, error);
    *out = nullptr;
    return refuse(error, TN_INVALID_ARGUMENT, "[buffer_allocate] the size is 0");
  };
}

MUTANT(unknown_memory_kind, {.rule = "TN-MEM-3",
                             .area = "memory",
                             .kind = "missing check",
                             .test = "memory/kinds_are_offered_or_refused",
                             .what = "a memory kind that does not exist counts as DEVICE"}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const bool known = kind >= TN_MEMORY_DEVICE && kind <= TN_MEMORY_SHARED;
    return base().buffer_allocate(device, known ? kind : uint32_t{TN_MEMORY_DEVICE}, size, out,
                                  error);
  };
}

MUTANT(out_of_memory_is_internal, {.rule = "TN-MEM-4",
                                   .area = "memory",
                                   .kind = "wrong code",
                                   .test = "memory/that_does_not_exist_is_out_of_memory",
                                   .what = "running out of memory is reported as a fault of the "
                                           "plugin"}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const tn_status status = base().buffer_allocate(device, kind, size, out, error);
    if (status != TN_OUT_OF_MEMORY) return status;
    return refuse(error, TN_INTERNAL, "[buffer_allocate] std::bad_alloc");
  };
}

MUTANT(size_rounds_up_to_zero, {.rule = "TN-MEM-4",
                                .area = "memory",
                                .kind = "overflow",
                                .test = "memory/that_does_not_exist_is_out_of_memory",
                                .what = "rounding a size near 2^64 up to 256 gives 0, which can be "
                                        "had"}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const uint64_t rounded = (size + 255) / 256 * 256;
    return base().buffer_allocate(device, kind, rounded < size ? rounded : size, out, error);
  };
}

MUTANT(device_memory_has_an_address, {.rule = "TN-MEM-5",
                                      .area = "memory",
                                      .kind = "missing check",
                                      .test = "memory/of_kind_device_is_hidden_from_the_host",
                                      .what = "buffer_host_pointer answers for kind DEVICE too"}) {
  planted.table.buffer_host_pointer = [](tn_buffer* buffer, void** out, tn_error* error) {
    const BufferFacts facts = facts_of(buffer);
    if (facts.kind != TN_MEMORY_DEVICE) return base().buffer_host_pointer(buffer, out, error);
    *out = facts.address;
    return accept(error);
  };
}

MUTANT(import_copies, {.rule = "TN-MEM-6",
                       .area = "memory",
                       .kind = "stale value",
                       .test = "memory/imported_is_not_copied",
                       .what = "imported memory is copied once and not looked at again"}) {
  planted.table.buffer_import_host = [](tn_device* device, void* memory, uint64_t size,
                                        tn_buffer** out, tn_error* error) {
    void* copy = std::malloc(size + 1);  // NOLINT: as long-lived as the process
    if (memory != nullptr) std::memcpy(copy, memory, size);
    return base().buffer_import_host(device, memory == nullptr ? nullptr : copy, size, out, error);
  };
}

MUTANT(import_must_be_aligned, {.rule = "TN-MEM-6",
                                .area = "memory",
                                .kind = "misaligned",
                                .test = "memory/imported_keeps_its_own_alignment",
                                .what = "imported bytes at an odd address are read from the next "
                                        "multiple of 16"}) {
  planted.table.buffer_import_host = [](tn_device* device, void* memory, uint64_t size,
                                        tn_buffer** out, tn_error* error) {
    const uintptr_t address = reinterpret_cast<uintptr_t>(memory);
    const uintptr_t aligned = (address + 15) / 16 * 16;
    if (aligned - address >= size)
      return base().buffer_import_host(device, memory, size, out, error);
    return base().buffer_import_host(device, reinterpret_cast<void*>(aligned),
                                     size - (aligned - address), out, error);
  };
}

MUTANT(imported_input_is_touched, {.rule = "TN-MEM-7",
                                   .area = "memory",
                                   .kind = "writes an input",
                                   .test = "memory/imported_is_not_written_through_inputs",
                                   .what = "copy_cast writes its input back as it was: a read-only "
                                           "mapping faults",
                                   .may_crash = true}) {
  follow_op<tn_copy_cast_args, [](const tn_copy_cast_args& args) {
    if (!facts_of(args.input.buffer).imported || element_count(args.input) == 0) return;
    volatile std::byte* first = first_byte(args.input);
    *first = *first;
  }>(planted);
}

MUTANT(shared_memory_is_staged, {.rule = "TN-MEM-8",
                                 .area = "memory",
                                 .kind = "stale value",
                                 .test = "memory/visible_to_the_host_is_the_same_memory",
                                 .what = "the host's view of SHARED memory is a copy made once"}) {
  planted.table.buffer_host_pointer = [](tn_buffer* buffer, void** out, tn_error* error) {
    const BufferFacts facts = facts_of(buffer);
    const tn_status status = base().buffer_host_pointer(buffer, out, error);
    if (status != TN_OK || facts.kind != TN_MEMORY_SHARED || facts.imported) return status;
    const std::lock_guard lock(mutex);
    void*& copy = shadow_bytes[buffer];
    if (copy == nullptr) {
      copy = std::aligned_alloc(256, (facts.size + 256) / 256 * 256);
      std::memcpy(copy, facts.address, facts.size);
    }
    *out = copy;
    return status;
  };
}

}  // namespace tenon::mutants::memory_faults
