// Mutants that test the proof itself. They count for no rule's coverage.
#include <cstring>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::controls_faults {

MUTANT(control_canary, {.rule = "TN-COPY-4",
                        .area = "control",
                        .kind = "control",
                        .test = "copies/between_memories_of_every_kind",
                        .what = "every copy to the host brings zeros: whoever misses this finds "
                                "nothing"}) {
  planted.table.copy_d2h = [](tn_stream* stream, tn_buffer* source, uint64_t offset,
                              void* destination, uint64_t size, tn_error* error) {
    const tn_status status = base().copy_d2h(stream, source, offset, destination, size, error);
    if (status == TN_OK && size > 0) {
      run_on_stream(stream, [destination, size] { std::memset(destination, 0, size); });
    }
    return status;
  };
}

MUTANT(control_survivor, {.rule = "TN-COPY-4",
                          .area = "control",
                          .kind = "control",
                          .test = "copies/between_memories_of_every_kind",
                          .what = "nothing is wrong: whoever kills this kills at random"}) {}

MUTANT(control_void, {.rule = "TN-COPY-4",
                      .area = "control",
                      .kind = "control",
                      .test = "copies/between_memories_of_every_kind",
                      .what = "the library cannot be loaded: whoever calls this killed takes a "
                              "broken build for a proof"}) {
  // entry.cpp refuses the query for a mutant that ends as a refusal.
  planted.table.header.struct_size = 0;
}

}  // namespace tenon::mutants::controls_faults
