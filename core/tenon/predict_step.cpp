#include "tenon/predict_step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tenon/rehearsal.hpp"

namespace tenon {
namespace {

constexpr int64_t usual_context = 1024;

// As many tokens of each sequence as usual, or as the deployment has room for.
int64_t context_of(const RehearsedStep& step, const Rehearsal& rehearsal) {
  const EngineLimits& limits = rehearsal.limits();
  const int64_t sequences = rehearsal.share(step).sequences;
  const int64_t room = limits.block_count / sequences * limits.block_size;
  return std::max(step.rows, std::min<int64_t>({usual_context, limits.context, room}));
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
  Rehearsal rehearsal = open_rehearsal(configuration, registry);
  RehearsedStep step{sequences, tokens / sequences, 0};
  step.context = context_of(step, rehearsal);
  StepPrediction prediction;
  prediction.timeline = rehearsal.run(step);
  prediction.note = fmt::format(
      "hidden: predicted share of its time that a prefetch runs before its reader begins, with {} "
      "tokens in each sequence; late: it is not over by then",
      step.context);
  return prediction;
}

}  // namespace tenon
