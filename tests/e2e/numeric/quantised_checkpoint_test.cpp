// W8A8 checkpoints of both conventions against references with exact integer products.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "model_testing.hpp"

namespace tenon::quantised_checkpoint_test {
namespace {

// One activation on a rounding boundary moves a logit by some tenths and the references round in
// another order, so logits are compared by root mean square.
constexpr double most_relative_difference = 0.01;

double root_mean_square(const Logits& a, const Logits* b = nullptr) {
  double sum = 0;
  for (size_t i = 0; i < a.values.size(); ++i) {
    sum += std::pow(a.values[i] - (b != nullptr ? b->values[i] : 0.0F), 2);
  }
  return std::sqrt(sum / static_cast<double>(a.values.size()));
}

double margin(std::span<const float> row, int32_t best) {
  double second = -INFINITY;
  for (size_t i = 0; i < row.size(); ++i) {
    if (static_cast<int32_t>(i) != best) second = std::max<double>(second, row[i]);
  }
  return row[static_cast<size_t>(best)] - second;
}

class QuantisedCheckpoint : public testing::TestWithParam<Placement> {
 protected:
  std::filesystem::path folder() const {
    return tests_data() / "models" / (std::string("w8a8-") + std::get<0>(GetParam()));
  }
};

TEST_P(QuantisedCheckpoint, LogitsAgree) {
  const auto expected = nlohmann::json::parse(read_text(folder() / "oracle.json"));
  const auto ids = expected["input_ids"].get<std::vector<int32_t>>();
  const Logits reference =
      read_logits(folder() / "oracle.logits.f32", expected["logits_shape"][1].get<size_t>());
  const Logits found = logits_of(deployment_on(std::get<1>(GetParam()), folder()), ids);
  ASSERT_EQ(found.rows(), reference.rows());
  EXPECT_LT(root_mean_square(found, &reference) / root_mean_square(reference),
            most_relative_difference);
  const auto best = expected["argmax"].get<std::vector<int32_t>>();
  for (size_t row = 0; row < best.size(); ++row) {
    double difference = 0;
    for (size_t i = 0; i < reference.vocabulary; ++i) {
      difference =
          std::max<double>(difference, std::abs(found.row(row)[i] - reference.row(row)[i]));
    }
    if (margin(reference.row(row), best[row]) > 2 * difference) {
      EXPECT_EQ(found.argmax()[row], best[row]) << "position " << row;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Models, QuantisedCheckpoint,
    testing::Combine(testing::Values("modelslim-static", "modelslim-static-fp16",
                                     "modelslim-dynamic-moe", "compressed-tensors-static",
                                     "compressed-tensors-dynamic"),
                     testing::ValuesIn(every_backend)),
    [](const auto& test) { return placement_name(test.param); });

TEST(QuantisedModels, PartsOfOnePackedWeightMustAgree) {
  try {
    Session::open(deployment_of(tests_data() / "models/w8a8-bad-mixed-types-in-qkv"));
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_EQ(error.kind(), ErrorKind::input);
    for (const char* part :
         {"model.layers.0.self_attn.qkv_proj", "q_proj", "k_proj", "W8A8 static", "float"}) {
      EXPECT_NE(text.find(part), std::string::npos) << text;
    }
  }
}

// The stored tensor's bytes in a copy of a checkpoint's file.
void set_first_byte(const std::filesystem::path& file, const std::string& tensor, char value) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  uint64_t length = 0;
  stream.read(reinterpret_cast<char*>(&length), sizeof length);
  std::string header(length, ' ');
  stream.read(header.data(), static_cast<std::streamsize>(length));
  const auto begin = nlohmann::json::parse(header)[tensor]["data_offsets"][0].get<uint64_t>();
  stream.seekp(static_cast<std::streamoff>(sizeof length + length + begin));
  stream.put(value);
}

TEST(QuantisedModels, WeightsWithAnOffsetAreRefused) {
  const std::filesystem::path copy =
      std::filesystem::temp_directory_path() / ("tenon-offset-" + std::to_string(getpid()));
  std::filesystem::copy(tests_data() / "models/w8a8-modelslim-static", copy);
  const std::string tensor = "model.layers.0.mlp.up_proj.weight_offset";
  set_first_byte(copy / "model.safetensors", tensor, 1);
  try {
    Session::open(deployment_of(copy));
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("[" + tensor + "] weights quantised with an offset"),
              std::string::npos)
        << error.what();
  }
  std::filesystem::remove_all(copy);
}

// Rounding weights and activations to 8 bits moves logits by some hundredths of their size.
TEST(QuantisedModels, AtLoad) {
  const std::vector<int32_t> ids = {1, 48, 396, 336, 226, 223, 440, 46, 357, 105};
  for (const char* name : {"models/tiny-qwen3", "models/tiny-qwen3-moe"}) {
    const Logits exact = logits_of(deployment_of(tests_data() / name), ids);
    const Logits found =
        logits_of(deployment_of(tests_data() / name, {"weights.quantize=w8a8"}), ids);
    const double difference = root_mean_square(found, &exact) / root_mean_square(exact);
    EXPECT_GT(difference, 1e-4) << name;
    EXPECT_LT(difference, 0.15) << name;
    const Logits with_head =
        logits_of(deployment_of(tests_data() / name,
                                {"weights.quantize=w8a8", "weights.quantize_lm_head=true"}),
                  ids);
    EXPECT_NE(with_head.values, found.values) << name;
  }
}

TEST(QuantisedModels, AreNotQuantisedTwice) {
  try {
    Session::open(
        deployment_of(tests_data() / "models/w8a8-modelslim-static", {"weights.quantize=w8a8"}));
    ADD_FAILURE() << "nothing was refused";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("quantised already"), std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace tenon::quantised_checkpoint_test
