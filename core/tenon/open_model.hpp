// Everything between a deployment and an executor that is ready for its first step.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tenon/tenon.hpp>
#include <vector>

#include "config/resolved_configuration.hpp"
#include "engine/admission.hpp"
#include "executor/executor.hpp"
#include "tenon/session_trace.hpp"
#include "weights/weight_store.hpp"

namespace tenon {

struct OpenedModel {
  ResolvedConfiguration configuration;
  std::vector<int32_t> stop_token_ids;
  EngineLimits limits;
  WeightTraffic weight_traffic;
  std::string placement;                // one line
  std::unique_ptr<SessionTrace> trace;  // null without [trace] file; the executor's steps go there
  std::unique_ptr<Executor> executor;
};

// Loads plugins, checkpoint and weights, sizes the KV cache from what is left, and plans the first
// steps. Sets up the log. Throws Error; DeviceError when the device is too small.
OpenedModel open_model(const Deployment& deployment, const WeightProgress& progress = {});

}  // namespace tenon
