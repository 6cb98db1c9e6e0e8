// Faults of status codes, errors and outputs of single calls.
#include <algorithm>
#include <cstring>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::errors_faults {

MUTANT(error_left_on_success, {.rule = "TN-ERR-1",
                               .area = "errors",
                               .kind = "uninitialised",
                               .test = "errors/are_written_on_success",
                               .what = "a fill that succeeds leaves the message of an earlier "
                                       "failure"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    tn_error own{};
    const tn_status status = base().fill(stream, buffer, offset, size, pattern, pattern_size, &own);
    if (status != TN_OK && error != nullptr) *error = own;
    return status;
  };
}

MUTANT(error_code_differs, {.rule = "TN-ERR-1",
                            .area = "errors",
                            .kind = "wrong code",
                            .test = "errors/are_sentences_on_refusal",
                            .what = "a refused device_open writes another code than it returns"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    const tn_status status = base().device_open(backend, index, out, error);
    if (status != TN_OK && error != nullptr) error->code = TN_INTERNAL;
    return status;
  };
}

MUTANT(null_error_not_expected, {.rule = "TN-ERR-2",
                                 .area = "errors",
                                 .kind = "missing check",
                                 .test = "errors/may_be_null",
                                 .what = "event_create writes its error without looking whether "
                                         "there is one",
                                 .may_crash = true}) {
  planted.table.event_create = [](tn_device* device, tn_event** out, tn_error* error) {
    const tn_status status = base().event_create(device, out, error);
    *const_cast<volatile tn_status*>(&error->code) = status;
    return status;
  };
}

MUTANT(message_unterminated, {.rule = "TN-ERR-3",
                              .area = "errors",
                              .kind = "malformed text",
                              .test = "errors/are_sentences_on_refusal",
                              .what = "a long message fills the field to its last byte"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    const tn_status status = base().device_open(backend, index, out, error);
    if (status != TN_OK && error != nullptr) {
      std::memset(error->message, 'x', sizeof error->message);
    }
    return status;
  };
}

MUTANT(message_cut_inside_a_character, {.rule = "TN-ERR-3",
                                        .area = "errors",
                                        .kind = "malformed text",
                                        .test = "errors/are_sentences_on_refusal",
                                        .what = "a message that is too long ends inside a "
                                                "character"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    const tn_status status = base().device_open(backend, index, out, error);
    if (status != TN_OK && error != nullptr) {
      const size_t length = std::strlen(error->message);
      std::strcpy(error->message + std::min(length, sizeof error->message - 2), "\xe2");
    }
    return status;
  };
}

MUTANT(out_left_on_error, {.rule = "TN-ERR-4",
                           .area = "errors",
                           .kind = "missing write",
                           .test = "errors/come_without_handles",
                           .what = "a device_open that fails does not write its output"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    tn_device* made = nullptr;
    const tn_status status = base().device_open(backend, index, &made, error);
    if (status == TN_OK) *out = made;
    return status;
  };
}

MUTANT(handle_with_an_error, {.rule = "TN-ERR-4",
                              .area = "errors",
                              .kind = "leak",
                              .test = "errors/come_without_handles",
                              .what = "buffer_allocate that runs out of memory gives a handle "
                                      "together with its error",
                              .may_crash = true}) {
  planted.table.buffer_allocate = [](tn_device* device, uint32_t kind, uint64_t size,
                                     tn_buffer** out, tn_error* error) {
    const tn_status status = base().buffer_allocate(device, kind, size, out, error);
    if (status == TN_OUT_OF_MEMORY) base().buffer_allocate(device, kind, 0, out, nullptr);
    return status;
  };
}

MUTANT(unknown_stream_flags, {.rule = "TN-ERR-11",
                              .area = "errors",
                              .kind = "ignored input",
                              .test = "streams/refuse_unknown_flags",
                              .what = "flags of a stream that do not exist are not looked at"}) {
  planted.table.stream_create = [](tn_device* device, const tn_stream_desc* desc, tn_stream** out,
                                   tn_error* error) {
    if (desc == nullptr) return base().stream_create(device, desc, out, error);
    tn_stream_desc known = *desc;
    known.flags = 0;
    return base().stream_create(device, &known, out, error);
  };
}

MUTANT(null_is_destroyed, {.rule = "TN-ERR-12",
                           .area = "errors",
                           .kind = "swallowed error",
                           .test = "errors/come_for_null_handles",
                           .what = "destroying NULL is TN_OK, as free does it"}) {
  planted.table.event_destroy = [](tn_event* event, tn_error* error) {
    return event == nullptr ? accept(error) : base().event_destroy(event, error);
  };
}

MUTANT(refused_copy_happens, {.rule = "TN-ERR-5",
                              .area = "errors",
                              .kind = "done all the same",
                              .test = "copies/past_the_end_are_refused",
                              .what = "a copy_h2d that ends past its buffer is refused when what "
                                      "fits was copied"}) {
  planted.table.copy_h2d = [](tn_stream* stream, const void* source, tn_buffer* destination,
                              uint64_t offset, uint64_t size, tn_error* error) {
    const uint64_t there = facts_of(destination).size;
    if (offset < there && size > there - offset) {
      base().copy_h2d(stream, source, destination, offset, there - offset, nullptr);
    }
    return base().copy_h2d(stream, source, destination, offset, size, error);
  };
}

MUTANT(refused_fill_happens, {.rule = "TN-ERR-5",
                              .area = "errors",
                              .kind = "done all the same",
                              .test = "copies/fills_with_odd_patterns_are_refused",
                              .what = "a fill whose size is no multiple of its pattern is refused "
                                      "after the whole patterns were written"}) {
  planted.table.fill = [](tn_stream* stream, tn_buffer* buffer, uint64_t offset, uint64_t size,
                          uint32_t pattern, uint32_t pattern_size, tn_error* error) {
    const tn_status status =
        base().fill(stream, buffer, offset, size, pattern, pattern_size, error);
    if (status == TN_INVALID_ARGUMENT && (pattern_size == 2 || pattern_size == 4)) {
      base().fill(stream, buffer, offset, size / pattern_size * pattern_size, pattern, pattern_size,
                  nullptr);
    }
    return status;
  };
}

MUTANT(mistakes_are_internal, {.rule = "TN-ERR-6",
                               .area = "errors",
                               .kind = "wrong code",
                               .test = "errors/are_sentences_on_refusal",
                               .what = "a device that does not exist is a fault of the plugin"}) {
  planted.table.device_open = [](tn_backend* backend, uint32_t index, tn_device** out,
                                 tn_error* error) {
    const tn_status status = base().device_open(backend, index, out, error);
    if (status != TN_NOT_FOUND) return status;
    return refuse(error, TN_INTERNAL, "[device_open] vector::_M_range_check");
  };
}

}  // namespace tenon::mutants::errors_faults
