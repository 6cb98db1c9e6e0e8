// [weights]: the weights of a program on a device, resident or streamed.
#pragma once

#include <memory>
#include <vector>

#include "config/resolved_configuration.hpp"
#include "device/device.hpp"
#include "weights/weight_store.hpp"

namespace tenon {

// As [weights] residency says. Where they do not fit, throws DeviceError with TN_OUT_OF_MEMORY that
// says how many bytes are needed, how many were free, and whether streaming them would do.
WeightStore load_weights(const ResolvedConfiguration& configuration, const Program& program,
                         const std::shared_ptr<const Checkpoint>& checkpoint,
                         const std::vector<WeightSource>& sources, const Device& device,
                         const WeightProgress& progress);

// Memory for them, as [weights] says, and nothing in it. `dtype`: of floats whose type the program
// leaves to the checkpoint. Throws as load_weights.
WeightStore allocate_weights(const ResolvedConfiguration& configuration, const Program& program,
                             tn_dtype dtype, const Device& device);

// The same, resident whatever the configuration says: for the fallback device.
WeightStore allocate_resident_weights(const ResolvedConfiguration& configuration,
                                      const Program& program, tn_dtype dtype, const Device& device);

// The groups that [weights] would stream; nothing where it streams none.
WeightGroups announced_groups(const ResolvedConfiguration& configuration, const Program& program,
                              tn_dtype dtype, const Device& device);

// Resident whatever the configuration says: for the fallback device.
WeightStore load_resident_weights(const ResolvedConfiguration& configuration,
                                  const Program& program,
                                  const std::shared_ptr<const Checkpoint>& checkpoint,
                                  const std::vector<WeightSource>& sources, const Device& device);

}  // namespace tenon
