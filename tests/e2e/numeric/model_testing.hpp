// Helpers of the numeric tests: deployments of the checkpoints in tests/data, and logits.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <tenon/tenon.hpp>
#include <tuple>
#include <vector>

namespace tenon {

std::filesystem::path demo_checkpoint(const std::string& name = "qwen3");
std::filesystem::path tests_data();
std::filesystem::path fixture_plugins();  // folder of out-of-tree model plugins

// A checkpoint on the CPU reference with f32 activations and the validation layer on, from the
// plugins of this build and nothing of the environment. `settings` as "key=value".
Deployment deployment_of(const std::filesystem::path& checkpoint,
                         const std::vector<std::string>& settings = {});

// A checkpoint and the backend to run it on: the parameter of tests that every backend must pass.
using Placement = std::tuple<const char*, const char*>;
inline constexpr const char* every_backend[] = {"cpu_reference", "ascend_emu"};

// deployment_of, on this backend.
Deployment deployment_on(const char* backend, const std::filesystem::path& checkpoint,
                         std::vector<std::string> settings = {});
// "tiny_qwen3_on_ascend_emu", for INSTANTIATE_TEST_SUITE_P.
std::string placement_name(const Placement& placement);

// Row-major [n, vocabulary].
struct Logits {
  std::vector<float> values;
  size_t vocabulary = 0;

  size_t rows() const { return values.size() / vocabulary; }
  std::span<const float> row(size_t i) const {
    return {values.data() + i * vocabulary, vocabulary};
  }
  std::vector<int32_t> argmax() const;
};

// Logits at every position of `ids`, run as one window.
Logits logits_of(Session& session, std::span<const int32_t> ids);
Logits logits_of(const Deployment& deployment, std::span<const int32_t> ids);

// float32 [n, vocabulary] as the references store it.
Logits read_logits(const std::filesystem::path& file, size_t vocabulary);

// Over the rows that both have.
double largest_difference(const Logits& a, const Logits& b);

std::string read_text(const std::filesystem::path& file);

}  // namespace tenon
