// Rules of the format beyond the files of safetensors-cases.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstring>

#include "checkpoint/safetensors_header.hpp"
#include "checkpoint_files.hpp"

namespace tenon::header_rules_test {
namespace {

using test::bytes_of;
using test::input_error;
using test::safetensors_file;

std::string refusal(const std::string& file) {
  return input_error([&] { parse_safetensors(bytes_of(file), "f"); });
}

std::string one_tensor(const std::string& fields) {
  return safetensors_file(R"({"a":{)" + fields + "}}", "12345678");
}

TEST(HeaderRules, ReadsTensorsInTheOrderOfTheirData) {
  const std::string file =
      safetensors_file(R"({"late":{"data_offsets":[8,10],"shape":[2],"dtype":"U8"},)"
                       R"("__metadata__":{"format":"pt"},)"
                       R"("early":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}})",
                       "12345678ab");
  const SafetensorsHeader header = parse_safetensors(bytes_of(file), "f");
  ASSERT_EQ(header.tensors.size(), 2U);
  EXPECT_EQ(header.tensors[0].name, "early");
  EXPECT_EQ(header.tensors[0].dtype, StoredDtype::f32);
  EXPECT_EQ(header.tensors[0].shape, (std::vector<uint64_t>{2, 1}));
  EXPECT_EQ(header.tensors[1].name, "late");
  ASSERT_EQ(header.tensors[1].bytes(), 2U);
  EXPECT_EQ(std::memcmp(header.tensors[1].data.data(), "ab", 2), 0);
  EXPECT_EQ(header.metadata.at("format"), "pt");
}

TEST(HeaderRules, ScalarHasOneElement) {
  const std::string file =
      safetensors_file(R"({"a":{"dtype":"I64","shape":[],"data_offsets":[0,8]}})", "12345678");
  const SafetensorsHeader header = parse_safetensors(bytes_of(file), "f");
  EXPECT_EQ(header.tensors.at(0).elements(), 1U);
  EXPECT_TRUE(header.tensors.at(0).shape.empty());
}

TEST(HeaderRules, AfterAZeroDimensionAnySizeIsLegal) {
  const std::string file = safetensors_file(
      R"({"a":{"dtype":"F32","shape":[0,18446744073709551615,7],"data_offsets":[0,0]}})");
  const SafetensorsHeader header = parse_safetensors(bytes_of(file), "f");
  EXPECT_EQ(header.tensors.at(0).elements(), 0U);
  EXPECT_EQ(header.tensors.at(0).shape.at(1), UINT64_MAX);
}

TEST(HeaderRules, EmptyFileSaysSo) {
  EXPECT_CONTAINS(refusal(""), "the file is empty");
}

TEST(HeaderRules, ForeignFilesAreNamed) {
  EXPECT_CONTAINS(refusal("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"),
                  "git lfs pull");
  EXPECT_CONTAINS(refusal("  \n<html><body>404</body></html>"), "HTML");
  EXPECT_CONTAINS(refusal(std::string("PK\x03\x04") + "abcdefgh"), "zip");
  EXPECT_CONTAINS(refusal("\x80\x02}q\x01(X\x05\x01\x01\x01"), "pickle");
  EXPECT_CONTAINS(refusal(std::string("GGUF\x03\0\0\0\0", 9)), "GGUF");
  EXPECT_CONTAINS(refusal(R"({"a": {"dtype": "F32"}})"), "JSON text without");
}

TEST(HeaderRules, HeaderLengthIsCheckedBeforeAnyAllocation) {
  EXPECT_CONTAINS(refusal(std::string("\xff\xff\xff\xff\xff\xff\xff\xff{}", 10)),
                  "18446744073709551615");
  EXPECT_CONTAINS(refusal(std::string("\x01\xe1\xf5\x05\0\0\0\0{}", 10)), "100000001");
  EXPECT_CONTAINS(refusal(std::string("\x00\xe1\xf5\x05\0\0\0\0{}", 10)), "2 bytes after");
}

TEST(HeaderRules, EmptyAndBlankHeadersAreRefused) {
  EXPECT_CONTAINS(refusal(safetensors_file("")), "an empty header");
  EXPECT_CONTAINS(refusal(safetensors_file("   ")), "does not begin with '{'");
}

TEST(HeaderRules, NumbersAreWholeAndFitU64) {
  const auto tensor = [](std::string_view shape) {
    return one_tensor(fmt::format(R"("dtype":"U8","shape":{},"data_offsets":[0,8])", shape));
  };
  for (const char* shape :
       {"[8.0]", "[8e0]", "[-8]", "[-0]", "[\"8\"]", "[null]", "[true]", "[[8]]",
        "[18446744073709551616]", "[1e400]", "[08]", "[+8]", "[0x8]", "[{}]"}) {
    SCOPED_TRACE(shape);
    EXPECT_CONTAINS(refusal(tensor(shape)), "[f]");
  }
  EXPECT_NO_THROW({
    const std::string file = tensor("[8]");
    parse_safetensors(bytes_of(file), "f");
  });
}

TEST(HeaderRules, OffsetsAreAPair) {
  const std::string rest = R"("dtype":"U8","shape":[8],"data_offsets":)";
  EXPECT_CONTAINS(refusal(one_tensor(rest + "[8]")), "not a pair");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "[]")), "not a pair");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "[0,8,8]")), "third number");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "[8,0]")), "reversed");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "8")), "data_offsets");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "{}")), "data_offsets");
  EXPECT_CONTAINS(refusal(one_tensor(rest + "[18446744073709551608,18446744073709551615]")),
                  "do not fit");
}

TEST(HeaderRules, FieldsStandOnce) {
  EXPECT_CONTAINS(
      refusal(one_tensor(R"("dtype":"U8","dtype":"U8","shape":[8],"data_offsets":[0,8])")),
      "dtype stands twice");
  EXPECT_CONTAINS(
      refusal(one_tensor(R"("dtype":"U8","\u0064type":"U8","shape":[8],"data_offsets":[0,8])")),
      "dtype stands twice");
  EXPECT_CONTAINS(refusal(one_tensor(R"("dtype":"U8","data_offsets":[0,8])")), "shape is missing");
  EXPECT_CONTAINS(refusal(one_tensor("")), "is missing");
}

TEST(HeaderRules, MetadataStandsOnceAndHoldsText) {
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"__metadata__":{},"__metadata__":{}})")),
                  "stands twice");
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"__metadata__":{"a":"1","\u0061":"2"}})")),
                  "stands twice");
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"__metadata__":null})")), "null");
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"__metadata__":{"a":{}}})")), "is not text");
}

TEST(HeaderRules, DeepNestingIsRefusedAtOnce) {
  const std::string deep(1'000'000, '[');
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"a":)" + deep)), "is not an object");
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"a":{"shape":)" + deep)), "wrong dimension");
}

TEST(HeaderRules, CommentsAndTrailingCommasAreRefused) {
  EXPECT_CONTAINS(refusal(safetensors_file("{/**/}")), "not valid JSON");
  EXPECT_CONTAINS(refusal(safetensors_file(R"({"__metadata__":{},})")), "not valid JSON");
}

TEST(HeaderRules, NamesAreSafeToPrint) {
  const std::string text =
      refusal(safetensors_file(R"({"a\u001b[2J\u0000\u202e":{"dtype":"F99"}})"));
  EXPECT_CONTAINS(text, R"(a\x1b[2J\x00\u202e)");
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(HeaderRules, LongNamesAreCutInMessages) {
  const std::string text =
      refusal(safetensors_file(R"({")" + std::string(100'000, 'x') + R"(":{"dtype":"F99"}})"));
  EXPECT_LT(text.size(), 600U);
}

TEST(HeaderRules, HundredThousandTensorsAreFoundByName) {
  test::Vectors vectors;
  vectors.reserve(100'000);
  for (int i = 0; i < 100'000; ++i) {
    vectors.push_back({"model.layers." + std::to_string(i) + ".weight", {static_cast<float>(i)}});
  }
  const std::string file = test::vectors_file(vectors);
  const SafetensorsHeader header = parse_safetensors(bytes_of(file), "f");
  ASSERT_EQ(header.tensors.size(), 100'000U);
  const std::vector<uint32_t> order = order_by_name(header.tensors);
  for (const int i : {0, 1, 99'999, 54'321}) {
    const TensorInfo* found =
        find_by_name(header.tensors, order, "model.layers." + std::to_string(i) + ".weight");
    ASSERT_NE(found, nullptr);
    float value = 0;
    std::memcpy(&value, found->data.data(), sizeof(value));
    EXPECT_EQ(value, static_cast<float>(i));
  }
  EXPECT_EQ(find_by_name(header.tensors, order, "model.layers.100000.weight"), nullptr);
}

}  // namespace
}  // namespace tenon::header_rules_test
