// What the tests of cards with virtual time share.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "ascend_calls.hpp"

namespace ascend_test {

inline const std::string profile_file = std::string(TENON_SOC_PROFILES) + "/910c_die.toml";

inline std::vector<tn_option> timed(std::vector<tn_option> more = {}) {
  more.push_back(flag("timing", true));
  more.push_back(option("soc", profile_file.c_str()));
  return more;
}

inline std::vector<tn_option> without_numbers(std::vector<tn_option> more = {}) {
  more.push_back(flag("numerics", false));
  return timed(std::move(more));
}

// A record with texts of its own; those of the plugin are valid during the callback only.
struct Record : tn_profile_record {
  std::string what_text;
  std::string engine_text;
};

// In the order of enqueueing.
inline std::vector<Record> stop_profiling(tn_device* device) {
  std::vector<Record> records;
  const auto sink = [](void* context, const tn_profile_record* record) {
    static_cast<std::vector<Record>*>(context)->push_back({*record, record->what, record->engine});
  };
  tn_error error{};
  EXPECT_EQ(table().profiling_stop(device, sink, &records, &error), TN_OK) << error.message;
  std::sort(records.begin(), records.end(),
            [](const Record& a, const Record& b) { return a.sequence_number < b.sequence_number; });
  return records;
}

}  // namespace ascend_test
