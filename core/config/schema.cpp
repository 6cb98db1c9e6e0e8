#include "config/schema.hpp"

#include <array>

#include "config/store_field.hpp"

namespace tenon {
namespace {

// Choices stand in the order of the enumerators that they become.
constexpr std::array<std::string_view, 4> activation_dtypes{"auto", "f32", "bf16", "f16"};
constexpr std::array<std::string_view, 3> fallbacks{"allow", "warn", "deny"};
constexpr std::array<std::string_view, 3> hazards{"off", "report", "abort"};
constexpr std::array<std::string_view, 2> layouts{"native", "row_major"};
constexpr std::array<std::string_view, 3> residencies{"resident", "stacked", "streamed"};
constexpr std::array<std::string_view, 2> quantizations{"none", "w8a8"};
constexpr std::array<std::string_view, 3> grouped_matmul{"auto", "always", "never"};
constexpr std::array<std::string_view, 6> log_levels{"trace",   "debug", "info",
                                                     "warning", "error", "off"};

// Ratios and caps are those of the guide published for Ascend's weight prefetch.
constexpr std::array<std::string_view, 5> ratio_defaults{
    "prefetch.ratio.attn.qkv = 1.0", "prefetch.ratio.attn.o = 1.0",
    "prefetch.ratio.mlp.gate_up = 1.0", "prefetch.ratio.mlp.down = 1.0",
    "prefetch.ratio.moe.gate_up = 0.8"};
constexpr std::array<std::string_view, 3> max_bytes_defaults{"prefetch.max_bytes.attn = \"16MiB\"",
                                                             "prefetch.max_bytes.mlp = \"18MiB\"",
                                                             "prefetch.max_bytes.moe = \"auto\""};
constexpr std::array<std::string_view, 1> min_tokens_defaults{"prefetch.min_tokens.moe = 96"};
constexpr std::array<std::string_view, 1> max_tokens_defaults{"prefetch.max_tokens.mlp = 500"};

constexpr double max_tokens = 1 << 24;

using C = Configuration;
using Model = ModelConfiguration;
using Device = DeviceConfiguration;
using Weights = WeightsConfiguration;
using Engine = EngineConfiguration;
using Prefetch = PrefetchConfiguration;
using Parallel = ParallelConfiguration;
using Sampling = SamplingConfiguration;

constexpr std::array schema{
    KeyDescription{.name = "model.path",
                   .type = KeyType::path,
                   .default_text = "\"\"",
                   .doc = "Checkpoint folder in the Hugging Face layout.",
                   .store = store<&C::model, &Model::path>},
    KeyDescription{.name = "model.definition",
                   .type = KeyType::string,
                   .default_text = "\"auto\"",
                   .doc = "Model definition to build; `auto` goes by `architectures` in the "
                          "checkpoint's `config.json`.",
                   .store = store<&C::model, &Model::definition>},
    KeyDescription{.name = "model.activation_dtype",
                   .type = KeyType::choice,
                   .default_text = "\"auto\"",
                   .choices = activation_dtypes,
                   .doc = "Type of activations between ops; `auto` is the backend's own default. "
                          "Text equal to the references is promised for `f32` only.",
                   .store = store<&C::model, &Model::activation_dtype>},

    KeyDescription{.name = "device.backend",
                   .type = KeyType::backend,
                   .default_text = "\"auto\"",
                   .doc = "Backend plugin, by name or as the path of a `.so`; `auto` takes the "
                          "first one found in search order.",
                   .store = store<&C::device, &Device::backend>},
    KeyDescription{.name = "device.count",
                   .type = KeyType::integer,
                   .default_text = "1",
                   .minimum = 1,
                   .maximum = 4096,
                   .doc = "Number of devices (cards) to open.",
                   .store = store<&C::device, &Device::count>},
    KeyDescription{.name = "device.fallback",
                   .type = KeyType::choice,
                   .default_text = "\"warn\"",
                   .choices = fallbacks,
                   .doc = "What happens to an op that the backend does not support and that cannot "
                          "be decomposed: run it on the fallback backend, do so with a warning, or "
                          "refuse to run.",
                   .store = store<&C::device, &Device::fallback>},
    KeyDescription{.name = "device.fallback_backend",
                   .type = KeyType::backend,
                   .default_text = "\"auto\"",
                   .doc = "Backend plugin for ops that fall back; `auto` takes the first one found "
                          "in search order that is not the backend itself.",
                   .store = store<&C::device, &Device::fallback_backend>},
    KeyDescription{.name = "device.validate",
                   .type = KeyType::boolean,
                   .default_text = "false",
                   .doc = "Put the validation layer above the backend: misuse of the device API is "
                          "reported with its rule's id.",
                   .store = store<&C::device, &Device::validate>},
    KeyDescription{.name = "device.hazards",
                   .type = KeyType::choice,
                   .default_text = "\"off\"",
                   .choices = hazards,
                   .doc = "Happens-before checking of memory accesses over streams and events: "
                          "report hazards, or stop at the first.",
                   .store = store<&C::device, &Device::hazards>},
    KeyDescription{.name = "device.options.<name>",
                   .type = KeyType::option,
                   .doc = "Options that the backend plugin declares; `tenon list devices` prints "
                          "them. Checked when the plugin is loaded.",
                   .store = store_device_option},

    KeyDescription{.name = "weights.layout",
                   .type = KeyType::choice,
                   .default_text = "\"native\"",
                   .choices = layouts,
                   .doc =
                       "Memory layout of weights on the device: the one the backend asks for, or "
                       "plain row-major.",
                   .store = store<&C::weights, &Weights::layout>},
    KeyDescription{.name = "weights.residency",
                   .type = KeyType::choice,
                   .default_text = "\"resident\"",
                   .choices = residencies,
                   .doc =
                       "`resident`: uploaded once. `stacked`: shard i of a stacked weight on card "
                       "i. `streamed`: rolling slots, for models larger than the device.",
                   .store = store<&C::weights, &Weights::residency>},
    KeyDescription{.name = "weights.streamed_slots",
                   .type = KeyType::integer,
                   .default_text = "2",
                   .minimum = 2,
                   .maximum = 64,
                   .doc = "Slots of device memory that streamed weights pass through: one is read "
                          "while the others are filled.",
                   .store = store<&C::weights, &Weights::streamed_slots>},
    KeyDescription{.name = "weights.quantize",
                   .type = KeyType::choice,
                   .default_text = "\"none\"",
                   .choices = quantizations,
                   .doc = "Quantise a float checkpoint while it is loaded. Checkpoints that are "
                          "quantised already need no key.",
                   .store = store<&C::weights, &Weights::quantize>},
    KeyDescription{.name = "weights.quantize_lm_head",
                   .type = KeyType::boolean,
                   .default_text = "false",
                   .doc = "Quantise the output head too; needs `weights.quantize`.",
                   .store = store<&C::weights, &Weights::quantize_lm_head>},
    KeyDescription{.name = "weights.packed_cache",
                   .type = KeyType::path,
                   .default_text = "\"\"",
                   .doc = "Folder that keeps packed weights between runs; empty for none.",
                   .store = store<&C::weights, &Weights::packed_cache>},

    KeyDescription{.name = "engine.max_num_seqs",
                   .type = KeyType::integer,
                   .default_text = "16",
                   .minimum = 1,
                   .maximum = 65536,
                   .doc = "Most sequences in one step, of all replicas together.",
                   .store = store<&C::engine, &Engine::max_num_seqs>},
    KeyDescription{.name = "engine.max_num_batched_tokens",
                   .type = KeyType::integer,
                   .default_text = "2048",
                   .minimum = 1,
                   .maximum = max_tokens,
                   .doc = "Most tokens in one step, of all replicas together; longer prompts are "
                          "prefilled in chunks. At least "
                          "`engine.max_num_seqs`.",
                   .store = store<&C::engine, &Engine::max_num_batched_tokens>},
    KeyDescription{.name = "engine.context",
                   .type = KeyType::integer,
                   .default_text = "0",
                   .minimum = 0,
                   .maximum = max_tokens,
                   .doc =
                       "Longest sequence in tokens, prompt and continuation together; 0 takes the "
                       "model's.",
                   .store = store<&C::engine, &Engine::context>},
    KeyDescription{.name = "engine.block_size",
                   .type = KeyType::integer,
                   .default_text = "16",
                   .minimum = 1,
                   .maximum = 4096,
                   .doc =
                       "Tokens in one block of the KV cache: a power of two or a multiple of 16. A "
                       "backend may ask for more.",
                   .store = store<&C::engine, &Engine::block_size>},
    KeyDescription{.name = "engine.kv_cache",
                   .type = KeyType::cache_size,
                   .default_text = "\"auto\"",
                   .doc =
                       "Memory of the KV cache on each device: a size, or a share of what is free "
                       "after the weights are loaded (a float above 0, at most 1).",
                   .store = store<&C::engine, &Engine::kv_cache>},
    KeyDescription{.name = "engine.graphs",
                   .type = KeyType::boolean,
                   .default_text = "false",
                   .doc = "Capture decode steps as graphs and replay them.",
                   .store = store<&C::engine, &Engine::graphs>},

    KeyDescription{
        .name = "moe.grouped_matmul",
        .type = KeyType::choice,
        .default_text = "\"auto\"",
        .choices = grouped_matmul,
        .doc = "Run the experts of a layer as grouped matmuls; `never`: as one linear for each "
               "expert, after the host has read back how many rows each has; `auto` decides "
               "for each layer (docs/mixture-of-experts.md).",
        .store = store<&C::moe, &MoeConfiguration::grouped_matmul>},

    KeyDescription{.name = "prefetch.enabled",
                   .type = KeyType::boolean,
                   .default_text = "false",
                   .doc = "Prefetch weights into the device's cache while other ops run "
                          "(docs/prefetch.md).",
                   .store = store<&C::prefetch, &Prefetch::enabled>},
    KeyDescription{.name = "prefetch.through_attention",
                   .type = KeyType::boolean,
                   .default_text = "false",
                   .doc = "Let a window reach across attention.",
                   .store = store<&C::prefetch, &Prefetch::through_attention>},
    KeyDescription{.name = "prefetch.ratio.<group>.<name>",
                   .type = KeyType::number,
                   .named_defaults = ratio_defaults,
                   .minimum = 0,
                   .maximum = 1,
                   .doc = "Share of the weight to prefetch, for a layer name that the model "
                          "definition registers; without one, or with 0, it is not prefetched.",
                   .store = store_prefetch_ratio},
    KeyDescription{.name = "prefetch.max_bytes.<group>",
                   .type = KeyType::size,
                   .named_defaults = max_bytes_defaults,
                   .minimum = 0,
                   .doc =
                       "Most bytes of one prefetch of this group; `auto`, as no entry, takes what "
                       "the cache leaves beside the activations of the ops that hide it.",
                   .store = store_prefetch_max_bytes},
    KeyDescription{.name = "prefetch.min_tokens.<group>",
                   .type = KeyType::integer,
                   .named_defaults = min_tokens_defaults,
                   .minimum = 0,
                   .maximum = max_tokens,
                   .doc =
                       "Fewest tokens of a step, of all replicas together, for which this group is "
                       "prefetched.",
                   .store = store_prefetch_tokens<&Prefetch::min_tokens>},
    KeyDescription{.name = "prefetch.max_tokens.<group>",
                   .type = KeyType::integer,
                   .named_defaults = max_tokens_defaults,
                   .minimum = 0,
                   .maximum = max_tokens,
                   .doc =
                       "Most tokens of a step, of all replicas together, for which this group is "
                       "prefetched.",
                   .store = store_prefetch_tokens<&Prefetch::max_tokens>},

    KeyDescription{.name = "parallel.tensor",
                   .type = KeyType::integer,
                   .default_text = "1",
                   .minimum = 1,
                   .maximum = 4096,
                   .doc =
                       "Cards that share each layer's weights and heads (tensor parallelism). More "
                       "than one card in all is planned and timed, on a device that keeps no "
                       "contents; nothing generates on several.",
                   .store = store<&C::parallel, &Parallel::tensor>},
    KeyDescription{.name = "parallel.expert",
                   .type = KeyType::integer,
                   .default_text = "1",
                   .minimum = 1,
                   .maximum = 4096,
                   .doc = "Cards that share out the experts: 1, so that each holds a part of every "
                          "expert, or all of them, tensor times data.",
                   .store = store<&C::parallel, &Parallel::expert>},
    KeyDescription{.name = "parallel.data",
                   .type = KeyType::integer,
                   .default_text = "1",
                   .minimum = 1,
                   .maximum = 4096,
                   .doc =
                       "Replicas that work on different sequences (data parallelism), each on its "
                       "share of [engine] max_num_seqs and max_num_batched_tokens.",
                   .store = store<&C::parallel, &Parallel::data>},

    KeyDescription{.name = "sampling.temperature",
                   .type = KeyType::number,
                   .default_text = "0.0",
                   .minimum = 0,
                   .maximum = 100,
                   .doc = "0 is greedy.",
                   .store = store<&C::sampling, &Sampling::temperature>},
    KeyDescription{.name = "sampling.top_k",
                   .type = KeyType::integer,
                   .default_text = "0",
                   .minimum = 0,
                   .maximum = 2147483647,
                   .doc = "Sample among the k most likely tokens; 0 switches it off.",
                   .store = store<&C::sampling, &Sampling::top_k>},
    KeyDescription{.name = "sampling.top_p",
                   .type = KeyType::number,
                   .default_text = "1.0",
                   .minimum = 0,
                   .maximum = 1,
                   .above_minimum = true,
                   .doc =
                       "Sample among the most likely tokens that together reach this probability; "
                       "1 switches it off.",
                   .store = store<&C::sampling, &Sampling::top_p>},
    KeyDescription{.name = "sampling.min_p",
                   .type = KeyType::number,
                   .default_text = "0.0",
                   .minimum = 0,
                   .maximum = 1,
                   .doc = "Leave out tokens less likely than this share of the most likely one; 0 "
                          "switches it off.",
                   .store = store<&C::sampling, &Sampling::min_p>},
    KeyDescription{.name = "sampling.repetition_penalty",
                   .type = KeyType::number,
                   .default_text = "1.0",
                   .minimum = 0,
                   .maximum = 100,
                   .above_minimum = true,
                   .doc = "Penalty on tokens that occurred already; 1 switches it off.",
                   .store = store<&C::sampling, &Sampling::repetition_penalty>},
    KeyDescription{.name = "sampling.seed",
                   .type = KeyType::integer,
                   .default_text = "0",
                   .minimum = 0,
                   .doc = "Seed of the random numbers; the same seed gives the same text.",
                   .store = store<&C::sampling, &Sampling::seed>},

    KeyDescription{.name = "log.level",
                   .type = KeyType::choice,
                   .default_text = "\"warning\"",
                   .choices = log_levels,
                   .doc = "Least important lines that are written.",
                   .store = store<&C::log, &LogConfiguration::level>},
    KeyDescription{.name = "log.file",
                   .type = KeyType::path,
                   .default_text = "\"\"",
                   .doc = "File that log lines are appended to; empty for standard error.",
                   .store = store<&C::log, &LogConfiguration::file>},

    KeyDescription{.name = "trace.file",
                   .type = KeyType::path,
                   .default_text = "\"\"",
                   .doc =
                       "Chrome/Perfetto trace of the last 64 steps of a run, written when it ends; "
                       "empty for none.",
                   .store = store<&C::trace, &TraceConfiguration::file>},

    KeyDescription{.name = "plugins.path",
                   .type = KeyType::paths,
                   .default_text = "[]",
                   .doc = "Folders to search for plugins before the built-in ones.",
                   .store = store<&C::plugins, &PluginsConfiguration::path>},
};

}  // namespace

std::span<const KeyDescription> configuration_schema() {
  return schema;
}

}  // namespace tenon
