// libtenon: load a checkpoint, generate text, stream it, cancel. The command line uses nothing
// else.
//
//   tenon::Session session = tenon::Session::open({.config_file = "configs/demo.toml"});
//   tenon::GenerateOptions options;
//   options.on_text = [](std::string_view piece) { std::cout << piece << std::flush; };
//   session.generate("Once upon a time", options);
//
// Every function throws tenon::Error; its kind says whether the input or the run was at fault.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <tenon/error.hpp>
#include <tenon/export.hpp>
#include <vector>

namespace tenon {

TENON_EXPORT std::string_view version();  // "0.1.0"

// --- Configuration -----------------------------------------------------------------------------

// One setting that beats the environment and the file: a dotted key and its value in TOML syntax.
struct Setting {
  std::string assignment;  // "engine.context=512"
  std::string origin;      // how the user wrote it, for messages: "--set engine.context=512"
};

// Where a deployment's configuration comes from. All keys: docs/configuration.md.
struct Deployment {
  std::filesystem::path config_file = {};                  // TOML; empty: none
  std::vector<Setting> settings = {};                      // strongest last
  std::vector<std::filesystem::path> plugin_folders = {};  // searched before all others
  bool read_environment = true;                            // TENON_... variables
};

// The settings that `--device NAME[,option=value...]` stands for. Throws Error{input}.
TENON_EXPORT std::vector<Setting> device_settings(std::string_view text);

// Every mistake that can be found without running: configuration, plugins and their options,
// checkpoint, memory. Empty: the deployment is fine. Each entry is a message ready to print.
TENON_EXPORT std::vector<std::string> check(const Deployment& deployment);

// The resolved configuration as TOML, each value with its origin as a comment.
TENON_EXPORT std::string describe_configuration(const Deployment& deployment);

// --- Looking at things -------------------------------------------------------------------------

struct Inspection {
  bool accepted = false;
  std::string text;  // verdict, files, tensors; for people
  std::string json;  // the same as one JSON object
};
// A checkpoint folder or one safetensors file. A malformed file is a verdict, not an exception.
TENON_EXPORT Inspection inspect(const std::filesystem::path& path);

// Tables for people. `explain` adds the transcript of the plugin search: folder, candidate,
// outcome, reason.
TENON_EXPORT std::string list_plugins(const Deployment& deployment, bool explain);
TENON_EXPORT std::string list_devices(const Deployment& deployment, bool explain);
TENON_EXPORT std::string list_models(const Deployment& deployment, bool explain);

// Placement of a step's ops, memory, and what is prefetched or why not. Works from a
// config.json without weights. `tokens` rows of `sequences` sequences.
TENON_EXPORT std::string describe_plan(const Deployment& deployment, int64_t tokens,
                                       int64_t sequences);

// Steps of a deployment as it would run them, from a config.json without weights: each has
// `sequences` sequences of `context` tokens, the last `rows` of them new (1: they decode).
struct TraceOptions {
  int64_t sequences = 1;
  int64_t rows = 1;
  int64_t context = 0;  // 0: 1024, or what the deployment allows
  int64_t steps = 1;    // successive ones to record, at most 1000; others warm up before
  std::filesystem::path file = {};  // of the JSON; empty: [trace] file, or trace.json
  std::function<void(std::string_view)> on_json = {};  // given: no file is written
  std::filesystem::path picture = {};                  // an SVG of the last step; empty: none
  std::string picture_layer = {};  // as "model.layers.3": what it shows; empty: the whole step
};

struct TraceResult {
  std::string summary;         // for people: time, engines, bytes, prefetches and which came late
  std::filesystem::path file;  // that was written
};

// Writes a trace for chrome://tracing and Perfetto; docs/reading-a-trace.md. Needs a device that
// records its work. With one that models time the same deployment gives the same bytes.
TENON_EXPORT TraceResult trace(const Deployment& deployment, const TraceOptions& options);

// What prefetching gains, looked for on a device that models time (TN_KEEPS_NO_CONTENTS).
struct TuneOptions {
  std::vector<int64_t> sequences = {};  // batches to tune; empty: [engine] max_num_seqs
  int64_t rows = 1;                     // as TraceOptions
  int64_t context = 0;
  int64_t evaluations = 240;  // most steps to time for each batch, at least 3
  // What each prefetch may cost beyond what the device's model says, and what has to be gained even
  // then, in per cent of a step: the reasons for these are in docs/tuning-prefetch.md.
  double margin_us = 3;
  double threshold = 0.5;
  bool ascii = false;  // no Unicode in Tuning::text
  // Where Tuning::toml will lie: relative paths in it are made to fit. Nothing is written there.
  std::filesystem::path output = {};
  std::function<void(uint64_t done, uint64_t most)> progress = {};
};

struct Tuning {
  std::string text;  // for people: times, curves, the answer
  std::string json;  // the same as one JSON object
  std::string svg;   // the curves
  std::string toml;  // the deployment with the settings found; prefetch.enabled = false: off
};

// Deterministic. With the margin counted in, it never answers with a step that is longer than one
// without prefetch, nor by more than the threshold longer than one with the defaults of [prefetch].
TENON_EXPORT Tuning tune(const Deployment& deployment, const TuneOptions& options);

// --- Text --------------------------------------------------------------------------------------

// The tokenizer of a checkpoint folder, without the model. Cheap to copy; thread-safe.
class TENON_EXPORT TextCodec {
 public:
  // Needs [model] path with a tokenizer.json, nothing else.
  static TextCodec open(const Deployment& deployment);

  // `special`: with the tokens that the checkpoint puts around a text (BOS and the like).
  std::vector<int32_t> encode(std::string_view text, bool special) const;
  // `special`: keep special tokens in the text.
  std::string decode(std::span<const int32_t> ids, bool special) const;

 private:
  struct State;
  friend class Session;
  explicit TextCodec(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

struct Message {
  std::string role;  // "system", "user", "assistant"
  std::string content;
};

// --- Generation --------------------------------------------------------------------------------

enum class Finish { stop, length, cancelled };

struct GenerateOptions {
  int64_t max_new_tokens = 128;
  bool ignore_eos = false;
  bool raw = false;      // no chat template, even if the checkpoint has one
  bool thinking = true;  // chat templates that know the difference: let the model think first
  // What is not set comes from [sampling].
  std::optional<double> temperature = {};
  std::optional<int64_t> top_k = {};
  std::optional<double> top_p = {};
  std::optional<double> min_p = {};
  std::optional<double> repetition_penalty = {};
  std::optional<uint64_t> seed = {};
  // Called on the generating thread with each piece of text as it becomes certain: whole UTF-8
  // characters, which joined give Generation::text. An exception ends the request and is passed on.
  std::function<void(std::string_view)> on_text = {};
  std::stop_token stop = {};  // cancels between steps
};

struct GenerationStatistics {
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
  double seconds_to_first_token = 0;
  double prefill_tokens_per_second = 0;
  double decode_tokens_per_second = 0;  // 0 with fewer than two tokens
};

struct Generation {
  std::string text;
  std::vector<int32_t> ids;  // of the continuation
  Finish finish = Finish::length;
  GenerationStatistics statistics;
};

// Bytes that the steps of a session moved between the host and its devices, in all.
struct StepBytes {
  uint64_t steps = 0;
  uint64_t metadata_up = 0;  // ids, positions, lengths, block tables
  uint64_t weights_up = 0;   // streamed ones (weights.residency = "streamed")
  uint64_t samples_down = 0;
  uint64_t logits_down = 0;   // for sampling and evaluation on the host
  uint64_t routing_down = 0;  // rows of each expert, where experts run as a loop
  uint64_t transferred = 0;   // from device to device: down and up again
  // What prefetches brought into the device's cache.
  uint64_t prefetches = 0;
  uint64_t prefetched = 0;
};

struct EvaluateOptions {
  int64_t window = 0;  // tokens of each window, each run alone; 0: the context
  bool keep_logits = false;
  std::function<void(int64_t done, int64_t total)> progress = {};
  // With keep_logits: rows [count, vocabulary] as they come, in order.
  std::function<void(std::span<const float> rows)> on_logits = {};
};

struct Evaluation {
  int64_t tokens = 0;
  int64_t predicted = 0;  // all but the first of each window
  double nll = 0;         // mean negative log-likelihood over the predicted positions
  double perplexity = 0;
};

// A loaded model. Move-only. generate() may be called from several threads at once: their requests
// are batched together. evaluate() waits until it is alone.
class TENON_EXPORT Session {
 public:
  // Loads plugins, checkpoint and weights. `progress` gets bytes of weights prepared, of all.
  static Session open(const Deployment& deployment,
                      const std::function<void(uint64_t done, uint64_t total)>& progress = {});
  Session(Session&&) noexcept;
  Session& operator=(Session&&) noexcept;
  ~Session();

  // Continues a prompt, taken byte for byte. A checkpoint with a chat template has it rendered as a
  // user's message, unless options.raw.
  Generation generate(std::string_view prompt, const GenerateOptions& options);
  // Answers a conversation. Throws Error{input} if the checkpoint has no chat template.
  Generation chat(std::span<const Message> messages, const GenerateOptions& options);

  Evaluation evaluate(std::span<const int32_t> ids, const EvaluateOptions& options);

  bool has_chat_template() const;
  const TextCodec& text() const;
  int64_t vocabulary() const;
  int64_t context() const;
  std::string placement() const;  // one line: which device runs how many ops
  std::string traffic() const;    // one line: bytes of weights, bytes up and down per step
  StepBytes step_bytes() const;

  // Writes what [trace] file asks for; later steps are not recorded. One line that says what was
  // written, empty without [trace] file. A session that ends without this call writes it too, but
  // can only log that it failed.
  std::string finish_trace();

 private:
  struct State;
  explicit Session(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace tenon
