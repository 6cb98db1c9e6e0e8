// The resolved configuration as plain values. What each key means, its range and its default stand
// in schema.cpp and, generated from there, in docs/configuration.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.hpp"

namespace tenon {

// Paths are absolute unless empty; an empty path means "not given".
struct ModelConfiguration {
  enum class ActivationDtype { automatic, f32, bf16, f16 };
  std::filesystem::path path;
  std::string definition;  // a name, or "auto"
  ActivationDtype activation_dtype = ActivationDtype::automatic;
  bool operator==(const ModelConfiguration&) const = default;
};

// As written; which type an option must have is the plugin's to say (device_options.hpp).
using OptionValue = std::variant<bool, int64_t, double, std::string>;

struct DeviceConfiguration {
  enum class Fallback { allow, warn, deny };
  enum class Hazards { off, report, abort };
  std::string backend;  // a name, the absolute path of a .so, or "auto"
  int64_t count = 1;
  Fallback fallback = Fallback::warn;
  std::string fallback_backend;  // as `backend`
  bool validate = false;
  Hazards hazards = Hazards::off;
  std::map<std::string, OptionValue> options;
  bool operator==(const DeviceConfiguration&) const = default;
};

struct WeightsConfiguration {
  enum class Layout { native, row_major };
  enum class Residency { resident, stacked, streamed };
  enum class Quantize { none, w8a8 };
  Layout layout = Layout::native;
  Residency residency = Residency::resident;
  int64_t streamed_slots = 0;
  Quantize quantize = Quantize::none;
  bool quantize_lm_head = false;
  std::filesystem::path packed_cache;
  bool operator==(const WeightsConfiguration&) const = default;
};

// How much memory the KV cache takes.
struct KvCacheSize {
  enum class Kind { automatic, bytes, share_of_free };
  Kind kind = Kind::automatic;
  int64_t bytes = 0;   // for Kind::bytes
  double share = 0.0;  // for Kind::share_of_free: above 0, at most 1
  bool operator==(const KvCacheSize&) const = default;
};

struct EngineConfiguration {
  int64_t max_num_seqs = 0;
  int64_t max_num_batched_tokens = 0;
  int64_t context = 0;  // 0: the model's
  int64_t block_size = 0;
  KvCacheSize kv_cache;
  bool graphs = false;
  bool operator==(const EngineConfiguration&) const = default;
};

struct MoeConfiguration {
  enum class GroupedMatmul { automatic, always, never };
  GroupedMatmul grouped_matmul = GroupedMatmul::automatic;
  bool operator==(const MoeConfiguration&) const = default;
};

// Keys of the maps are the group and layer names that model definitions register.
struct PrefetchConfiguration {
  bool enabled = false;
  bool through_attention = false;
  std::map<std::string, std::map<std::string, double>> ratio;  // [group][name], 0 to 1
  std::map<std::string, std::optional<int64_t>> max_bytes;     // nothing: "auto"
  std::map<std::string, int64_t> min_tokens;
  std::map<std::string, int64_t> max_tokens;
  bool operator==(const PrefetchConfiguration&) const = default;
};

struct ParallelConfiguration {
  int64_t tensor = 1;
  int64_t expert = 1;
  int64_t data = 1;
  bool operator==(const ParallelConfiguration&) const = default;
};

struct SamplingConfiguration {
  double temperature = 0.0;  // 0: greedy
  int64_t top_k = 0;         // 0: off
  double top_p = 1.0;
  double min_p = 0.0;
  double repetition_penalty = 1.0;
  int64_t seed = 0;
  bool operator==(const SamplingConfiguration&) const = default;
};

struct LogConfiguration {
  LogLevel level = LogLevel::warning;
  std::filesystem::path file;
  bool operator==(const LogConfiguration&) const = default;
};

struct TraceConfiguration {
  std::filesystem::path file;
  bool operator==(const TraceConfiguration&) const = default;
};

struct PluginsConfiguration {
  std::vector<std::filesystem::path> path;
  bool operator==(const PluginsConfiguration&) const = default;
};

// A default-constructed Configuration is not the default configuration: load_configuration({}) is.
struct Configuration {
  ModelConfiguration model;
  DeviceConfiguration device;
  WeightsConfiguration weights;
  EngineConfiguration engine;
  MoeConfiguration moe;
  PrefetchConfiguration prefetch;
  ParallelConfiguration parallel;
  SamplingConfiguration sampling;
  LogConfiguration log;
  TraceConfiguration trace;
  PluginsConfiguration plugins;
  bool operator==(const Configuration&) const = default;
};

}  // namespace tenon
