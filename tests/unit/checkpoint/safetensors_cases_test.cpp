// Every file of tests/data/checkpoint/safetensors-cases gets the verdict of its expected.json.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "checkpoint/checkpoint.hpp"
#include "checkpoint/inspection.hpp"
#include "checkpoint_files.hpp"

namespace tenon::safetensors_cases_test {
namespace {

namespace fs = std::filesystem;

fs::path cases_folder() {
  return fs::path(TENON_TEST_DATA) / "checkpoint" / "safetensors-cases";
}

nlohmann::json expectations() {
  return nlohmann::json::parse(test::read_whole(cases_folder() / "expected.json"));
}

TEST(SafetensorsCases, VerdictsAsExpected) {
  int accepted = 0;
  int rejected = 0;
  for (const auto& expected : expectations()) {
    const auto name = expected.at("file").get<std::string>();
    const auto verdict = expected.at("verdict").get<std::string>();
    SCOPED_TRACE(name);
    const InspectionReport report = inspect_checkpoint(cases_folder() / name);
    if (verdict != "either") {
      EXPECT_EQ(report.ok, verdict == "accept") << expected.at("why") << "; " << report.reason;
    }
    if (report.ok) {
      ++accepted;
    } else {
      ++rejected;
      EXPECT_CONTAINS(report.reason, name);
    }
  }
  EXPECT_GE(accepted, 11);
  EXPECT_GE(rejected, 47);
}

TEST(SafetensorsCases, EveryFileIsListed) {
  std::set<std::string> listed;
  for (const auto& expected : expectations())
    listed.insert(expected.at("file"));
  size_t files = 0;
  for (const auto& entry : fs::directory_iterator(cases_folder())) {
    if (entry.path().extension() != ".safetensors") continue;
    ++files;
    EXPECT_TRUE(listed.contains(entry.path().filename().string())) << entry.path();
  }
  EXPECT_EQ(files, listed.size());
}

// The reasons must speak of the fault, not merely refuse for another cause.
TEST(SafetensorsCases, ReasonsNameTheFault) {
  const std::vector<std::pair<std::string, std::string>> reasons = {
      {"bad_7_bytes", "7 bytes"},
      {"bad_dtype_lowercase", "unknown dtype"},
      {"bad_dtype_number", "wrong type of dtype"},
      {"bad_dtype_torch_name", "unknown dtype"},
      {"bad_duplicate_escaped", "stands twice"},
      {"bad_duplicate_tensor", "stands twice"},
      {"bad_f4_odd", "no whole number of bytes"},
      {"bad_f6_odd", "no whole number of bytes"},
      {"bad_header_len_over_limit", "at most 100000000 bytes"},
      {"bad_header_len_past_eof", "after the length"},
      {"bad_header_one_long", "NUL byte"},
      {"bad_header_one_short", "not valid JSON"},
      {"bad_hole", "leaves a hole"},
      {"bad_html", "HTML"},
      {"bad_json_array", "does not begin with '{'"},
      {"bad_json_bom", "does not begin with '{'"},
      {"bad_json_control_char", "not valid JSON"},
      {"bad_json_nul_padding", "NUL byte"},
      {"bad_json_trailing_garbage", "not valid JSON"},
      {"bad_length_only", "after the length"},
      {"bad_lfs_pointer", "Git LFS pointer"},
      {"bad_lone_surrogate_escape", "not valid JSON"},
      {"bad_metadata_array", "is not an object"},
      {"bad_metadata_not_string", "is not text"},
      {"bad_missing_offsets", "data_offsets is missing"},
      {"bad_no_tensors_but_data", "bytes behind the last tensor"},
      {"bad_non_utf8_in_name", "not valid JSON"},
      {"bad_not_json", "not valid JSON"},
      {"bad_offset_start_nonzero", "leaves a hole"},
      {"bad_offsets_exp", "wrong data_offsets"},
      {"bad_offsets_float", "wrong data_offsets"},
      {"bad_offsets_negative", "wrong data_offsets"},
      {"bad_offsets_past_end", "cut short"},
      {"bad_offsets_string", "wrong"},
      {"bad_same_range_10x", "overlaps"},
      {"bad_shape_float", "wrong dimension"},
      {"bad_shape_negative", "wrong dimension"},
      {"bad_shape_overflow_mul", "shape is too large"},
      {"bad_shape_overflow_then_zero", "shape is too large"},
      {"bad_shape_overflow_wraps_to_16", "shape is too large"},
      {"bad_shape_wrap_exact", "shape is too large"},
      {"bad_size_mismatch_dtype", "do not fit its shape"},
      {"bad_tensor_not_object", "is not an object"},
      {"bad_truncated_data", "cut short"},
      {"bad_unknown_field", "unknown field"},
      {"bad_zero_dim_with_bytes", "do not fit its shape"},
  };
  for (const auto& [name, reason] : reasons) {
    SCOPED_TRACE(name);
    EXPECT_CONTAINS(inspect_checkpoint(cases_folder() / (name + ".safetensors")).reason, reason);
  }
}

}  // namespace
}  // namespace tenon::safetensors_cases_test
