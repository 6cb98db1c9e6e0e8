// A fake device whose layouts a test sets.
#pragma once

#include <functional>

#include "device/backend.hpp"
#include "device/device.hpp"
#include "fake_device.hpp"

namespace tenon {

using LayoutRule = std::function<tn_layout_answer(const tn_layout_request&)>;

inline LayoutRule& layout_rule() {
  static LayoutRule rule;
  return rule;
}

inline Device device_with(LayoutRule rule) {
  reset_fake();
  layout_rule() = std::move(rule);
  static tn_device_table table = fake_table();
  table.layout_for = [](tn_device*, const tn_layout_request* request, tn_layout_answer* out,
                        tn_error*) {
    *out = layout_rule()(*request);
    return static_cast<tn_status>(TN_OK);
  };
  static const tn_host host{};
  return Backend(DeviceTable(table, "fake"), host, {}).open(0);
}

inline tn_layout_answer answer_of(uint32_t layout, uint64_t bytes = 0,
                                  uint64_t row_major_uses = 0) {
  tn_layout_answer answer{};
  answer.struct_size = sizeof answer;
  answer.layout = layout;
  answer.storage_bytes = bytes;
  answer.row_major_uses = row_major_uses;
  return answer;
}

// FRACTAL_NZ for what is read as it is stored, never through a view; its bytes are 1000.
inline tn_layout_answer only_without_views(const tn_layout_request& request) {
  for (uint32_t i = 0; i < request.use_count; ++i) {
    if (request.uses[i].transposed != 0) return answer_of(TN_LAYOUT_ROW_MAJOR);
  }
  return answer_of(TN_LAYOUT_FRACTAL_NZ, 1000);
}

}  // namespace tenon
