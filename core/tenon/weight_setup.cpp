#include "tenon/weight_setup.hpp"

#include <fmt/format.h>

#include <string>

#include "base/error.hpp"
#include "base/log.hpp"
#include "device/status.hpp"
#include "weights/weight_uses.hpp"

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

// A weight that nothing reads needs no memory.
std::vector<tn_dtype> announced_dtypes(const Program& program, tn_dtype dtype) {
  std::vector<tn_dtype> dtypes;
  for (const std::vector<tn_layout_use>& uses : weight_uses(program))
    dtypes.push_back(uses.empty() ? TN_DTYPE_NONE : dtype);
  return dtypes;
}

// Where cards can be planned together: on a device that keeps no contents.
std::string need_of_more_cards(const ResolvedConfiguration& configuration, const Device& device) {
  if (!device.can(TN_KEEPS_NO_CONTENTS)) return {};
  return fmt::format("; with parallel.tensor above {} each card holds less",
                     configuration.values.parallel.tensor);
}

template <typename Place, typename Make>
WeightStore explaining_lack_of_memory(const ResolvedConfiguration& configuration,
                                      const WeightOptions& options, const Device& device,
                                      const Place& place, const Make& make) {
  const uint64_t free_bytes = device.memory().free_bytes;
  try {
    return make();
  } catch (const DeviceError& e) {
    if (e.status() != TN_OUT_OF_MEMORY) throw;
    WeightOptions streamed = options;
    streamed.streamed = true;
    const std::string needed = (options.streamed ? streamed_need(place(options))
                                                 : resident_need(place(options), place(streamed))) +
                               need_of_more_cards(configuration, device);
    throw DeviceError(ErrorKind::failure, TN_OUT_OF_MEMORY,
                      error_text("device",
                                 options.streamed ? "out of memory for streamed weights"
                                                  : "out of memory for resident weights",
                                 needed, fmt::format("{} bytes free ({})", free_bytes, e.what())));
  }
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
  const WeightOptions options = options_of(configuration);
  const auto place = [&](const WeightOptions& with) {
    return place_weights(program, sources, device, with);
  };
  WeightStore weights = explaining_lack_of_memory(configuration, options, device, place, [&] {
    return WeightStore(program, checkpoint, sources, device, place(options), progress);
  });
  if (options.streamed) report_streaming(weights.groups());
  return weights;
}

WeightStore allocate_weights(const ResolvedConfiguration& configuration, const Program& program,
                             tn_dtype dtype, const Device& device) {
  const WeightOptions options = options_of(configuration);
  const std::vector<tn_dtype> dtypes = announced_dtypes(program, dtype);
  const auto place = [&](const WeightOptions& with) {
    return place_weights(program, dtypes, device, with);
  };
  return explaining_lack_of_memory(configuration, options, device, place,
                                   [&] { return WeightStore(program, device, place(options)); });
}

WeightGroups announced_groups(const ResolvedConfiguration& configuration, const Program& program,
                              tn_dtype dtype, const Device& device) {
  return place_weights(program, announced_dtypes(program, dtype), device, options_of(configuration))
      .groups;
}

WeightStore allocate_resident_weights(const ResolvedConfiguration& configuration,
                                      const Program& program, tn_dtype dtype,
                                      const Device& device) {
  WeightOptions options = options_of(configuration);
  options.streamed = false;
  return {program, device,
          place_weights(program, announced_dtypes(program, dtype), device, options)};
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
