#include "weights/weight_placement.hpp"

namespace tenon {

WeightPlacement place_weights(const Program& program, std::span<const tn_dtype> dtypes,
                              const Device& device, const WeightOptions& options) {
  WeightPlacement placement;
  placement.uses = weight_uses(program);
  placement.residency = options.streamed ? stream_matrices(program) : Residency(program);
  std::vector<uint64_t> bytes;
  for (size_t i = 0; i < program.weights.size(); ++i) {
    const Weight& weight = program.weights[i];
    WeightLayout& layout = placement.layouts.emplace_back();
    bytes.push_back(0);
    if (dtypes[i] == TN_DTYPE_NONE) continue;
    layout = choose_weight_layout(device, row_major_weight(program, weight, dtypes[i]),
                                  placement.uses[i], options.native && !weight.row_major);
    // A slot holds one form of a weight.
    if (layout.has_native() && layout.needs_row_major())
      placement.residency.mark_resident(program, weight.value);
    bytes[i] = layout.storage_bytes();
    if (placement.residency.is_resident(weight.value)) placement.resident_bytes += bytes[i];
  }
  if (options.streamed)
    placement.groups = group_weights(program, placement.residency, bytes, options.streamed_slots);
  return placement;
}

WeightPlacement place_weights(const Program& program, const std::vector<WeightSource>& sources,
                              const Device& device, const WeightOptions& options) {
  std::vector<tn_dtype> dtypes;
  dtypes.reserve(sources.size());
  for (const WeightSource& source : sources)
    dtypes.push_back(source.parts.empty() ? TN_DTYPE_NONE : source.dtype);
  return place_weights(program, dtypes, device, options);
}

}  // namespace tenon
