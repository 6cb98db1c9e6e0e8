// Faults of tn_plugin_query and of what it hands out.
#include <array>
#include <atomic>
#include <cfenv>
#include <cstdio>

#include "plant/base.hpp"
#include "plant/mutant.hpp"

namespace tenon::mutants::abi_query_faults {

MUTANT(query_works_once, {.rule = "TN-ABI-3",
                          .area = "abi",
                          .kind = "state kept",
                          .test = "abi/query_may_be_called_again",
                          .what = "a second tn_plugin_query finds the library taken",
                          .control = "none"}) {
  planted.query = [](uint32_t kind, const tn_host* host, uint32_t version, tn_plugin_answer* out,
                     tn_error* error) {
    static std::atomic<bool> asked{false};
    if (asked.exchange(true)) {
      out->table = nullptr;
      return refuse(error, TN_INVALID_STATE, "[tn_plugin_query] the library is in use already");
    }
    return answer_honestly(kind, host, version, out, error);
  };
}

MUTANT(version_as_compiled, {.rule = "TN-ABI-4",
                             .area = "abi",
                             .kind = "wrong version",
                             .test = "abi/query_answers_its_own_version_at_most",
                             .what = "the answer carries the version that was compiled, 1.2, "
                                     "not the lower one of both sides",
                             .control = "none"}) {
  planted.query = [](uint32_t kind, const tn_host* host, uint32_t version, tn_plugin_answer* out,
                     tn_error* error) {
    const tn_status status = answer_honestly(kind, host, version, out, error);
    if (status == TN_OK) out->version = TN_VERSION(1, 2);
    return status;
  };
}

MUTANT(speaks_every_major, {.rule = "TN-ABI-5",
                            .area = "abi",
                            .kind = "missing check",
                            .test = "abi/query_refuses_major_versions_it_does_not_speak",
                            .what = "a host of another major version gets the table"}) {
  planted.query = [](uint32_t kind, const tn_host* host, uint32_t version, tn_plugin_answer* out,
                     tn_error* error) {
    const tn_status status = answer_honestly(kind, host, TN_DEVICE_API_VERSION, out, error);
    if (status == TN_OK) out->version = version;
    return status;
  };
}

MUTANT(kind_ignored, {.rule = "TN-ABI-6",
                      .area = "abi",
                      .kind = "missing check",
                      .test = "abi/query_refuses_other_kinds",
                      .what = "asked for a model plugin, the library hands out its device table"}) {
  planted.query = [](uint32_t, const tn_host* host, uint32_t version, tn_plugin_answer* out,
                     tn_error* error) {
    return answer_honestly(TN_PLUGIN_DEVICE, host, version, out, error);
  };
}

MUTANT(facts_are_rewritten, {.rule = "TN-ABI-7",
                             .area = "abi",
                             .kind = "dangling memory",
                             .test = "abi/facts_and_table_do_not_change",
                             .what = "the description lies in a buffer that each backend reuses"}) {
  static std::array<char, 80> text{"The CPU reference."};
  planted.facts.description = text.data();
  planted.table.backend_create = [](const tn_host* host, const tn_option* options, uint32_t count,
                                    tn_backend** out, tn_error* error) {
    static std::atomic<int> backends{0};
    std::snprintf(text.data(), text.size(), "The CPU reference, backend %d.", ++backends);
    return base().backend_create(host, options, count, out, error);
  };
}

MUTANT(rounding_mode_left, {.rule = "TN-ABI-20",
                            .area = "abi",
                            .kind = "state kept",
                            .test = "abi/process_is_left_as_it_is",
                            .what = "tn_plugin_query leaves the process rounding towards zero"}) {
  planted.query = [](uint32_t kind, const tn_host* host, uint32_t version, tn_plugin_answer* out,
                     tn_error* error) {
    std::fesetround(FE_TOWARDZERO);
    return answer_honestly(kind, host, version, out, error);
  };
}

MUTANT(header_reserved_set, {.rule = "TN-ABI-8",
                             .area = "abi",
                             .kind = "uninitialised",
                             .test = "abi/table_has_its_size",
                             .what = "the reserved word of the table's header holds garbage"}) {
  planted.table.header.reserved = 0x5a5a5a5a;
}

MUTANT(table_reaches_past_memory, {.rule = "TN-ABI-8",
                                   .area = "abi",
                                   .kind = "wrong size",
                                   .test = "abi/table_has_its_size",
                                   .what = "struct_size names more bytes than the version has"}) {
  planted.table.header.struct_size = sizeof(tn_device_table) + 64;
}

MUTANT(required_slot_empty, {.rule = "TN-ABI-9",
                             .area = "abi",
                             .kind = "left out",
                             .test = "abi/table_fills_required_slots",
                             .what = "stream_query is NULL because nothing called it yet",
                             .control = "none"}) {
  planted.table.stream_query = nullptr;
}

MUTANT(name_for_people, {.rule = "TN-ABI-11",
                         .area = "abi",
                         .kind = "malformed text",
                         .test = "abi/facts_are_complete",
                         .what = "the plugin's name has capitals and a space"}) {
  planted.facts.name = "CPU Reference";
}

MUTANT(licence_is_null, {.rule = "TN-ABI-11",
                         .area = "abi",
                         .kind = "left out",
                         .test = "abi/facts_are_complete",
                         .what = "a string of the facts is NULL",
                         .may_crash = true}) {
  planted.facts.licence = nullptr;
}

}  // namespace tenon::mutants::abi_query_faults
