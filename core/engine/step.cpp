#include "engine/step.hpp"

namespace tenon {

StepRunner::~StepRunner() = default;

}  // namespace tenon
