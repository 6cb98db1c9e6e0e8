#include "tenon/weight_setup.hpp"

#include <fmt/format.h>

#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "device/status.hpp"

namespace tenon {
namespace {

WeightOptions options_of(const ResolvedConfiguration& configuration) {
  using Weights = WeightsConfiguration;
  const Weights& weights = configuration.values.weights;
  WeightOptions options;
  options.native = weights.layout == Weights::Layout::native;
  options.streamed = weights.residency == Weights::Residency::streamed;
  options.streamed_slots = static_cast<uint32_t>(weights.streamed_slots);
  return options;
}

std::string streamed_need(const WeightPlacement& placement) {
  return fmt::format("{} bytes ({} that stay resident and {} slots of {})",
                     placement.device_bytes(), placement.resident_bytes, placement.groups.slots,
                     placement.groups.slot_bytes);
}

std::string resident_need(const WeightPlacement& resident, const WeightPlacement& streamed) {
  std::string text = fmt::format("{} bytes", resident.device_bytes());
  if (streamed.device_bytes() < resident.device_bytes()) {
    text +=
        fmt::format("; weights.residency = \"streamed\" needs only {}", streamed_need(streamed));
  }
  return text;
}

void report_streaming(const WeightGroups& groups) {
  log(LogLevel::info, "weights",
      fmt::format("{} bytes are streamed at each step, in {} groups through {} slots of {} bytes",
                  groups.streamed_bytes(), groups.groups.size(), groups.slots, groups.slot_bytes));
}

}  // namespace

WeightStore load_weights(const ResolvedConfiguration& configuration, const Program& program,
                         const std::shared_ptr<const Checkpoint>& checkpoint,
                         const std::vector<WeightSource>& sources, const Device& device,
                         const WeightProgress& progress) {
  WeightOptions options = options_of(configuration);
  const WeightPlacement placement = place_weights(program, sources, device, options);
  const uint64_t free_bytes = device.memory().free_bytes;
  try {
    WeightStore weights(program, checkpoint, sources, device, placement, progress);
    if (options.streamed) report_streaming(weights.groups());
    return weights;
  } catch (const DeviceError& e) {
    if (e.status() != TN_OUT_OF_MEMORY) throw;
    const bool was_streamed = options.streamed;
    options.streamed = true;
    const std::string needed =
        was_streamed ? streamed_need(placement)
                     : resident_need(placement, place_weights(program, sources, device, options));
    throw DeviceError(ErrorKind::failure, TN_OUT_OF_MEMORY,
                      error_text("device",
                                 was_streamed ? "out of memory for streamed weights"
                                              : "out of memory for resident weights",
                                 needed, fmt::format("{} bytes free ({})", free_bytes, e.what())));
  }
}

WeightStore load_resident_weights(const ResolvedConfiguration& configuration,
                                  const Program& program,
                                  const std::shared_ptr<const Checkpoint>& checkpoint,
                                  const std::vector<WeightSource>& sources, const Device& device) {
  WeightOptions options = options_of(configuration);
  options.streamed = false;
  return {program, checkpoint, sources, device, place_weights(program, sources, device, options)};
}

}  // namespace tenon
