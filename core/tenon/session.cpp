// Session: opening, and the calls that generate text.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <utility>

#include "base/error.hpp"
#include "tenon/open_model.hpp"
#include "tenon/session_state.hpp"
#include "tenon/text_codec.hpp"
#include "tokenizer/stream_decoder.hpp"

namespace tenon {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_between(Clock::time_point begin, Clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

// A template that cannot be rendered matters only to those who do not say --raw.
void load_chat_template(const std::filesystem::path& folder,
                        std::optional<ChatTemplate>& chat_template, std::string& problem) {
  try {
    chat_template = ChatTemplate::load(folder);
  } catch (const Error& e) {
    problem = e.what();
  }
}

float or_default(const std::optional<double>& given, double configured) {
  return static_cast<float>(given.value_or(configured));
}

SamplingParameters sampling_parameters(const GenerateOptions& options,
                                       const SamplingConfiguration& configured) {
  SamplingParameters parameters;
  parameters.temperature = or_default(options.temperature, configured.temperature);
  parameters.top_k = static_cast<int32_t>(
      std::clamp<int64_t>(options.top_k.value_or(configured.top_k), INT32_MIN, INT32_MAX));
  parameters.top_p = or_default(options.top_p, configured.top_p);
  parameters.min_p = or_default(options.min_p, configured.min_p);
  parameters.repetition_penalty =
      or_default(options.repetition_penalty, configured.repetition_penalty);
  parameters.seed = options.seed.value_or(static_cast<uint64_t>(configured.seed));
  return parameters;
}

Finish finish_of(const TokenEvent& event) {
  switch (event.reason) {
    case FinishReason::stop:
      return Finish::stop;
    case FinishReason::cancelled:
      return Finish::cancelled;
    case FinishReason::failed:
      throw Error(ErrorKind::failure, event.error);
    default:
      return Finish::length;
  }
}

// "2304 bytes up (2304 metadata), 4 down (4 samples)": averages, without the kinds that moved nothing.
std::string step_bytes_text(const StepTraffic& steps) {
  const uint64_t count = std::max<uint64_t>(1, steps.steps);
  const auto kinds = [&](std::initializer_list<std::pair<uint64_t, const char*>> all) {
    std::string text;
    for (const auto& [bytes, name] : all) {
      if (bytes == 0) continue;
      text += fmt::format("{}{} {}", text.empty() ? " (" : ", ", bytes / count, name);
    }
    return text.empty() ? text : text + ")";
  };
  return fmt::format("{} bytes up{}, {} down{}", steps.uploaded_bytes() / count,
                     kinds({{steps.metadata_bytes, "metadata"},
                            {steps.streamed_bytes, "weights"},
                            {steps.transferred_bytes, "transfers"}}),
                     steps.downloaded_bytes() / count,
                     kinds({{steps.sampled_bytes, "samples"},
                            {steps.logits_bytes, "logits"},
                            {steps.routing_bytes, "routing"},
                            {steps.transferred_bytes, "transfers"}}));
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::Session(Session&&) noexcept = default;
Session& Session::operator=(Session&&) noexcept = default;
Session::~Session() = default;

Session Session::open(const Deployment& deployment,
                      const std::function<void(uint64_t done, uint64_t total)>& progress) {
  OpenedModel opened = open_model(deployment, progress);
  const std::filesystem::path& folder = opened.configuration.values.model.path;
  const Tokenizer tokenizer = Tokenizer::load(folder / "tokenizer.json");
  auto state = std::make_unique<State>(State{
      .configuration = opened.configuration.values,
      .codec = TextCodec(std::make_shared<const TextCodec::State>(TextCodec::State{tokenizer})),
      .tokenizer = tokenizer,
      .chat_template = {},
      .chat_template_problem = {},
      .stop_token_ids = std::move(opened.stop_token_ids),
      .placement = std::move(opened.placement),
      .weight_traffic = opened.weight_traffic,
      .trace = std::move(opened.trace),
      .executor = std::move(opened.executor),
      .engine = {},
      .loop = {}});
  load_chat_template(folder, state->chat_template, state->chat_template_problem);
  state->engine = std::make_unique<Engine>(*state->executor, opened.limits);
  state->loop = std::make_unique<RequestLoop>(*state->engine);
  return Session(std::move(state));
}

std::string Session::State::render(std::span<const Message> messages, bool thinking) const {
  if (!chat_template) {
    if (!chat_template_problem.empty()) throw Error(ErrorKind::input, chat_template_problem);
    fail_input("chat", "the checkpoint has no chat template",
               "a checkpoint with one, or `tenon run --raw` for plain continuation", "none");
  }
  std::vector<ChatMessage> turns;
  for (const Message& message : messages)
    turns.push_back({message.role, message.content});
  return chat_template->render(turns, thinking);
}

Generation Session::State::generate(std::vector<int32_t> prompt, const GenerateOptions& options) {
  if (options.max_new_tokens <= 0) {
    fail_input("max_new_tokens", "no tokens are asked for", "1 or more",
               std::to_string(options.max_new_tokens));
  }
  Request request;
  request.prompt = std::move(prompt);
  request.max_new_tokens =
      static_cast<int32_t>(std::min<int64_t>(options.max_new_tokens, INT32_MAX));
  request.sampling = sampling_parameters(options, configuration.sampling);
  request.stop_token_ids = stop_token_ids;
  request.ignore_eos = options.ignore_eos;

  Generation generation;
  GenerationStatistics& statistics = generation.statistics;
  statistics.prompt_tokens = static_cast<int64_t>(request.prompt.size());
  StreamDecoder decoder(tokenizer, true);
  const auto emit = [&](const std::string& piece) {
    generation.text += piece;
    if (options.on_text && !piece.empty()) options.on_text(piece);
  };
  const Clock::time_point begin = Clock::now();
  Clock::time_point first = begin;
  Clock::time_point last = begin;
  const auto on_event = [&](const TokenEvent& event) {
    if (!event.token) return;
    last = Clock::now();
    if (statistics.generated_tokens++ == 0) first = last;
    const bool ends_text = event.finished && event.reason == FinishReason::stop;
    if (ends_text) return;  // the end-of-text token is not part of the continuation
    generation.ids.push_back(*event.token);
    emit(decoder.push(*event.token));
  };
  const TokenEvent end = loop->run(std::move(request), options.stop, on_event);
  generation.finish = finish_of(end);
  emit(decoder.finish());

  statistics.seconds_to_first_token = seconds_between(begin, first);
  if (statistics.seconds_to_first_token > 0) {
    statistics.prefill_tokens_per_second =
        static_cast<double>(statistics.prompt_tokens) / statistics.seconds_to_first_token;
  }
  const double decoding = seconds_between(first, last);
  if (statistics.generated_tokens > 1 && decoding > 0) {
    statistics.decode_tokens_per_second =
        static_cast<double>(statistics.generated_tokens - 1) / decoding;
  }
  return generation;
}

Generation Session::generate(std::string_view prompt, const GenerateOptions& options) {
  if (prompt.empty()) fail_input("prompt", "the prompt is empty", "at least one character");
  const bool templated =
      !options.raw && (state_->chat_template.has_value() || !state_->chat_template_problem.empty());
  if (!templated) return state_->generate(state_->tokenizer.encode(prompt, true), options);
  const Message message{"user", std::string(prompt)};
  return chat({&message, 1}, options);
}

Generation Session::chat(std::span<const Message> messages, const GenerateOptions& options) {
  const std::string text = state_->render(messages, options.thinking);
  // The template writes the special tokens itself.
  return state_->generate(state_->tokenizer.encode(text, false), options);
}

bool Session::has_chat_template() const {
  return state_->chat_template.has_value();
}
const TextCodec& Session::text() const {
  return state_->codec;
}
int64_t Session::vocabulary() const {
  return state_->executor->vocab_size();
}
int64_t Session::context() const {
  return state_->engine->limits().context;
}
std::string Session::placement() const {
  return state_->placement;
}

StepBytes Session::step_bytes() const {
  const StepTraffic& steps = state_->executor->traffic();
  return {steps.steps,           steps.metadata_bytes, steps.streamed_bytes,    steps.sampled_bytes,
          steps.logits_bytes,    steps.routing_bytes,  steps.transferred_bytes, steps.prefetches,
          steps.prefetched_bytes};
}

std::string Session::finish_trace() {
  if (!state_->trace) return {};
  state_->executor->record_steps({});
  const std::unique_ptr<SessionTrace> trace = std::move(state_->trace);
  return trace->write();
}

std::string Session::traffic() const {
  const StepTraffic& steps = state_->executor->traffic();
  const uint64_t count = std::max<uint64_t>(1, steps.steps);
  const WeightTraffic& weights = state_->weight_traffic;
  std::string text =
      fmt::format("weights: {} bytes used in place, {} uploaded, {} cast", weights.imported_bytes,
                  weights.uploaded_bytes, weights.cast_bytes);
  if (weights.transposed_bytes > 0) {
    text += fmt::format(", {} transposed", weights.transposed_bytes);
  }
  if (weights.streamed_bytes > 0) text += fmt::format(", {} streamed", weights.streamed_bytes);
  text += fmt::format("; per step: {}", step_bytes_text(steps));
  if (steps.captures > 0) {
    text += fmt::format("; graphs: {} captured, {} replays", steps.captures, steps.replays);
  }
  if (steps.prefetches > 0) {
    text += fmt::format("; prefetch: {} weights, {} bytes a step", steps.prefetches / count,
                        steps.prefetched_bytes / count);
  }
  if (steps.copied_bytes > 0) {
    text += fmt::format("; copied because of layouts: {} bytes a step, {} in all, {:.3f} ms",
                        steps.copied_bytes / count, steps.copied_bytes,
                        static_cast<double>(steps.copy_ns) / 1e6);
  }
  return text;
}

}  // namespace tenon
