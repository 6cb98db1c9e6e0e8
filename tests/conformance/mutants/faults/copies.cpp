// Faults of copies and fill.
#include <cstring>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::copies_faults {

MUTANT(range_check_wraps, {.rule = "TN-COPY-1",
                           .area = "copies",
                           .kind = "overflow",
                           .test = "copies/past_the_end_are_refused",
                           .what = "offset plus size wraps around and counts as inside"}) {
  planted.table.copy_h2d = [](tn_stream* stream, const void* source, tn_buffer* destination,
                              uint64_t offset, uint64_t size, tn_error* error) {
    if (offset + size < offset && offset + size <= facts_of(destination).size) {
      return accept(error);
    }
    return base().copy_h2d(stream, source, destination, offset, size, error);
  };
}

MUTANT(copy_is_clamped, {.rule = "TN-COPY-1",
                         .area = "copies",
                         .kind = "missing check",
                         .test = "copies/past_the_end_are_refused",
                         .what = "a copy that ends past its buffer moves what fits and succeeds"}) {
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    const uint64_t there = facts_of(source).size;
    if (offset <= there && size > there - offset) size = there - offset;
    return base().copy_d2h(stream, source, offset, destination, size, error);
  };
}

MUTANT(empty_copy_refused, {.rule = "TN-COPY-2",
                            .area = "copies",
                            .kind = "empty case",
                            .test = "copies/between_buffers_at_any_place",
                            .what = "a copy of 0 bytes is refused"}) {
  planted.table.copy_d2d = [](tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                              tn_buffer* destination, uint64_t offset, uint64_t size,
                              tn_error* error) {
    if (size == 0) return refuse(error, TN_INVALID_ARGUMENT, "[copy_d2d] there is nothing to copy");
    return base().copy_d2d(stream, source, source_offset, destination, offset, size, error);
  };
}

MUTANT(upload_reads_late, {.rule = "TN-COPY-3",
                           .area = "copies",
                           .kind = "late read",
                           .test = "copies/from_pageable_memory_are_consumed_at_once",
                           .what = "copy_h2d reads the source when the stream gets there",
                           .may_crash = true}) {
  planted.table.copy_h2d = [](tn_stream* stream, const void* source, tn_buffer* destination,
                              uint64_t offset, uint64_t size, tn_error* error) {
    const BufferFacts facts = facts_of(destination);
    if (offset > facts.size || size > facts.size - offset || size == 0) {
      return base().copy_h2d(stream, source, destination, offset, size, error);
    }
    return run_on_stream(
        stream, [=] { std::memcpy(facts.address + offset, source, size); }, error);
  };
}

MUTANT(pinned_source_refused, {.rule = "TN-COPY-4",
                               .area = "copies",
                               .kind = "missing case",
                               .test = "copies/between_memories_of_every_kind",
                               .what = "copy_d2d takes no PINNED buffer"}) {
  planted.table.copy_d2d = [](tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                              tn_buffer* destination, uint64_t offset, uint64_t size,
                              tn_error* error) {
    if (facts_of(source).kind == TN_MEMORY_PINNED) {
      return refuse(error, TN_UNSUPPORTED, "[copy_d2d] the source is host memory");
    }
    return base().copy_d2d(stream, source, source_offset, destination, offset, size, error);
  };
}

MUTANT(no_copies_between_devices, {.rule = "TN-COPY-4",
                                   .area = "copies",
                                   .kind = "missing case",
                                   .test = "copies/between_devices_at_any_place",
                                   .what = "copy_d2d takes no source of another device",
                                   .options = "devices=2"}) {
  planted.table.copy_d2d = [](tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                              tn_buffer* destination, uint64_t offset, uint64_t size,
                              tn_error* error) {
    if (facts_of(source).device != facts_of(destination).device) {
      return refuse(error, TN_INVALID_ARGUMENT, "[copy_d2d] the source lies on another device");
    }
    return base().copy_d2d(stream, source, source_offset, destination, offset, size, error);
  };
}

MUTANT(fill_highest_byte_first, {.rule = "TN-COPY-5",
                                 .area = "copies",
                                 .kind = "byte order",
                                 .test = "copies/fills_repeat_their_pattern",
                                 .what = "a pattern of 4 bytes is written highest byte first"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    if (pattern_size == 4) pattern = __builtin_bswap32(pattern);
    return base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
  };
}

MUTANT(fill_one_short, {.rule = "TN-COPY-5",
                        .area = "copies",
                        .kind = "off by one",
                        .test = "copies/fills_repeat_their_pattern",
                        .what = "the last repetition of the pattern is missing in odd counts"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    const bool odd = pattern_size != 0 && size % pattern_size == 0 && size / pattern_size % 2 == 1;
    return base().fill(stream, buffer, offset, odd ? size - pattern_size : size, pattern,
                       pattern_size, error);
  };
}

MUTANT(fill_takes_three_bytes, {.rule = "TN-COPY-5",
                                .area = "copies",
                                .kind = "missing check",
                                .test = "copies/fills_with_odd_patterns_are_refused",
                                .what = "a pattern_size of 3 is taken for 4"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    if (pattern_size == 3) size = size / 4 * 4, pattern_size = 4;
    return base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
  };
}

MUTANT(odd_copy_one_short, {.rule = "TN-COPY-4",
                            .area = "copies",
                            .kind = "off by one",
                            .test = "copies/to_the_host_at_any_place",
                            .what = "copy_d2h of an odd size at an odd offset misses a byte"}) {
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    const bool odd = offset % 2 == 1 && size % 2 == 1;
    return base().copy_d2h(stream, source, offset, destination, odd ? size - 1 : size, error);
  };
}

MUTANT(last_chunk_lost, {.rule = "TN-COPY-4",
                         .area = "copies",
                         .kind = "missing write",
                         .test = "copies/between_buffers_at_any_place",
                         .what = "a long copy_d2d in chunks of 4 KiB forgets the last, partial "
                                 "one"}) {
  planted.table.copy_d2d = [](tn_stream* stream, tn_buffer* source, uint64_t source_offset,
                              tn_buffer* destination, uint64_t offset, uint64_t size,
                              tn_error* error) {
    const uint64_t moved =
        size > 4096 && source_offset + size <= facts_of(source).size ? size / 4096 * 4096 : size;
    return base().copy_d2d(stream, source, source_offset, destination, offset, moved, error);
  };
}

}  // namespace tenon::mutants::copies_faults
