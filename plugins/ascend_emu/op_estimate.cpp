#include "ascend_emu/op_estimate.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>

#include <tenon/plugin/op_description.hpp>

#include "ascend_emu/forced_copy.hpp"
#include "ascend_emu/timing/lone_time.hpp"
#include "ops/layouts.hpp"

namespace tenon::ascend_emu {
namespace {

constexpr std::size_t largest_arguments() {
  std::size_t largest = 0;
  for (const plugin::OpDescription& op : plugin::detail::op_descriptions)
    largest = std::max(largest, op.args_size);
  return largest;
}

// Arguments with a memory of its own for each operand, which has no address.
class PlacedArguments {
 public:
  PlacedArguments(const plugin::OpDescription& description, const void* args) {
    std::memcpy(bytes_.data(), args, description.args_size);
    for (const plugin::OperandField& field : description.operands) {
      tn_tensor tensor = plugin::operand_of(bytes_.data(), field);
      if (tensor.dtype == TN_DTYPE_NONE) continue;
      tensor.buffer = reinterpret_cast<tn_buffer*>(++memories_);
      tensor.byte_offset = 0;
      tensor.storage_bytes =
          tensor.layout == TN_LAYOUT_ROW_MAJOR ? 0 : cpu_reference::blocked_storage_bytes(tensor);
      std::memcpy(bytes_.data() + field.offset, &tensor, sizeof tensor);
    }
    for (const plugin::HostArrayField& field : description.host_arrays) {
      std::memset(bytes_.data() + field.offset, 0, sizeof(const std::int32_t*));
      std::memset(bytes_.data() + field.count_offset, 0, sizeof(std::uint32_t));
    }
  }

  const void* data() const { return bytes_.data(); }
  timing::BufferId another_memory() { return ++memories_; }

 private:
  alignas(std::max_align_t) std::array<std::byte, largest_arguments()> bytes_{};
  timing::BufferId memories_ = 0;
};

}  // namespace

std::uint64_t estimate_ns(std::uint32_t op, const void* args, const AscendSettings& settings,
                          const timing::SocProfile& profile) {
  PlacedArguments placed(*plugin::find_op(op), args);
  timing::WorkItem work;
  demand_op(work, op, placed.data(), settings, {placed.another_memory(), 0, 0});
  const auto picoseconds = static_cast<std::uint64_t>(timing::lone_time(work, profile));
  return std::max<std::uint64_t>(1, picoseconds / 1000);
}

}  // namespace tenon::ascend_emu
