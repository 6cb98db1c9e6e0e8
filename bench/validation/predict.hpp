// From a published row to what the model says to it.
#pragma once

#include <map>
#include <string>

#include "ascend_emu/timing/simulation.hpp"
#include "ascend_emu/timing/soc_profile.hpp"
#include "decoder_step.hpp"
#include "fields.hpp"

namespace validation {

// Profiles of configs/soc by name, read once.
class Profiles {
 public:
  explicit Profiles(std::string folder) : folder_(std::move(folder)) {}
  const timing::SocProfile& get(const std::string& name);

 private:
  std::string folder_;
  std::map<std::string, timing::SocProfile> profiles_;
};

using Models = std::map<std::string, DecoderModel>;

// The tables [model.NAME] of published.toml, which is `file`. Throws as Fields do.
Models read_models(const std::string& file, const toml::table& root);

// Where the time of a step went: ops of compute (any engine but communication), collectives, and
// the rest, in which the device had nothing to do.
struct StepTime {
  double milliseconds = 0;
  double compute = 0;
  double communication = 0;
  double idle = 0;
};

// One op alone, in microseconds: weights from memory, activations in L2; `warm`: all in L2, as far
// as it holds them, from a run before.
double op_microseconds(Fields& row, Profiles& profiles);

double collective_microseconds(Fields& row, Profiles& profiles);

// The shape of a step as a row describes it; `decode` tells whether sequences have one query each.
StepShape step_shape(Fields& row, bool decode);

// Of steady_step().
StepTime step_time(const DecoderModel& model, const StepShape& shape,
                   const timing::SocProfile& profile);

}  // namespace validation
