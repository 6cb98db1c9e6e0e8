// The whole chain on a step that was also written by hand: config.json, program, shards, plan,
// executor and device, in virtual time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "predict.hpp"

namespace validation {

// One op of the step, by name in ops.def: how often, and how long together.
struct OpCount {
  std::int64_t count = 0;
  double milliseconds = 0;
};
using OpCounts = std::map<std::string, OpCount>;

struct ChainStep {
  StepTime time;
  OpCounts ops;
  double prefetch_gain = 0;  // of the step, in per cent; with the wrapper's defaults
};

// `profile` names the card; the model is that of published.toml, whose config.json lies in
// configs/models of `source`. Smaller steps are not padded to shape.least_rows. Throws tenon::Error
// for a model that has none.
ChainStep chain_step(const DecoderModel& model, const StepShape& shape, const std::string& profile,
                     bool with_prefetch, const std::filesystem::path& source,
                     const std::filesystem::path& plugins);

// The same of the step as decoder_step() writes it.
OpCounts written_ops(const DecoderModel& model, const StepShape& shape,
                     const timing::SocProfile& profile);

}  // namespace validation
