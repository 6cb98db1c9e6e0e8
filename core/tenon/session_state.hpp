// What a Session holds.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "config/configuration.hpp"
#include "engine/engine.hpp"
#include "executor/executor.hpp"
#include "plugin/registry.hpp"
#include "tenon/request_loop.hpp"
#include "tenon/session_trace.hpp"
#include "tokenizer/chat_template.hpp"
#include "tokenizer/tokenizer.hpp"

namespace tenon {

struct Session::State {
  Configuration configuration;
  TextCodec codec;
  Tokenizer tokenizer;
  std::optional<ChatTemplate> chat_template;
  std::string chat_template_problem;  // why there is a template that cannot be used; empty: none
  std::vector<int32_t> stop_token_ids;
  std::string placement;
  WeightTraffic weight_traffic;
  std::unique_ptr<SessionTrace> trace;  // null without [trace] file
  std::unique_ptr<Executor> executor;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<RequestLoop> loop;

  // The text that a model with a chat template is given.
  std::string render(std::span<const Message> messages, bool thinking) const;
  Generation generate(std::vector<int32_t> prompt, const GenerateOptions& options);
};

}  // namespace tenon
