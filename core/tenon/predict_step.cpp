#include "tenon/predict_step.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "tenon/rehearsal.hpp"

namespace tenon {
namespace {

StepPrediction rehearse(const ResolvedConfiguration& configuration, PluginRegistry& registry,
                        RehearsedStep step) {
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  step.context = rehearsal.usual_context(step);
  return {rehearsal.run(step),
          fmt::format("hidden: predicted share of its time that a prefetch runs before its reader "
                      "begins, with {} tokens in each sequence; late: it is not over by then",
                      step.context)};
}

}  // namespace

StepPrediction predict_step(const ResolvedConfiguration& configuration, PluginRegistry& registry,
                            const Device& device, int64_t tokens, int64_t sequences) {
  if (!device.can(TN_KEEPS_NO_CONTENTS) || !device.can(TN_CAN_PROFILE)) {
    return {{},
            "what they hide is predicted on a device that models time, for example with --device "
            "ascend_emu,timing=true,numerics=false"};
  }
  if (tokens % sequences != 0)
    return {{}, "what they hide is predicted for steps whose sequences have equal rows"};
  try {
    return rehearse(configuration, registry, {sequences, tokens / sequences, 0});
  } catch (const Error& error) {  // a plan is made for cards that are too small as well
    return {{}, fmt::format("what they hide is not predicted: {}", error.what())};
  }
}

}  // namespace tenon
