#include "ascend_emu/ascend_ops.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include <tenon/plugin/guard.hpp>

#include "ascend_emu/forced_copy.hpp"
#include "ascend_emu/host_scratch.hpp"
#include "ascend_emu/op_estimate.hpp"
#include "ascend_emu/op_rules.hpp"
#include "ascend_emu/paged_cache.hpp"
#include "ascend_emu/weight_forms.hpp"
#include "ascend_emu/weight_layout.hpp"
#include "host_runtime/completion.hpp"
#include "ops/op_dispatch.hpp"

namespace tenon::ascend_emu {
namespace {

using plugin::Support;

// Where no profile could be read: one die of an Atlas A2 or A3 (910B1, 910B2 or half a 910C).
constexpr std::uint64_t usual_l2_bytes = std::uint64_t{192} << 20;
constexpr std::uint32_t usual_cube_cores = 24;

// A core of these chips has one cube unit and two vector units.
constexpr double vector_cores_per_cube = 2;

// No TN_CAN_RUN_EVERY_OP: Ascend refuses some forms. No shared memory: the host reaches a card by
// copies alone.
constexpr std::uint64_t capabilities = TN_CAN_CAPTURE_GRAPHS | TN_CAN_CALL_HOST |
                                       TN_CAN_COMMUNICATE | TN_CAN_PREFETCH | TN_CAN_PROFILE;
constexpr std::uint64_t profiles = TN_PROFILE_CORE | TN_PROFILE_DENSE | TN_PROFILE_MOE |
                                   TN_PROFILE_QUANTISED | TN_PROFILE_PREFETCH | TN_PROFILE_GRAPH |
                                   TN_PROFILE_COLLECTIVES;

// The arguments of one of the ops that read a packed weight, to be changed before a kernel sees
// them; other ops keep the caller's.
class KernelArguments {
 public:
  KernelArguments(std::uint32_t op, const void* args) : args_(args) {
    if (op == TN_OP_linear) {
      linear_ = *static_cast<const tn_linear_args*>(args);
      args_ = &*linear_;
      weight_ = &linear_->weight;
    } else if (op == TN_OP_grouped_matmul) {
      grouped_ = *static_cast<const tn_grouped_matmul_args*>(args);
      args_ = &*grouped_;
      weight_ = &grouped_->weight;
    }
  }
  KernelArguments(const KernelArguments&) = delete;
  KernelArguments& operator=(const KernelArguments&) = delete;

  const void* get() const { return args_; }
  tn_tensor* weight() { return weight_; }  // NULL for other ops

 private:
  const void* args_;
  tn_tensor* weight_ = nullptr;
  std::optional<tn_linear_args> linear_;
  std::optional<tn_grouped_matmul_args> grouped_;
};

// What the reference kernels say when they see the weight's elements where its strides put them.
Support reference_support(std::uint32_t op, const void* args) {
  KernelArguments kernel(op, args);
  if (kernel.weight() != nullptr && is_fractal_nz(*kernel.weight())) {
    kernel.weight()->layout = TN_LAYOUT_ROW_MAJOR;
  }
  return cpu_reference::query_any_op(op, kernel.get());
}

std::uint64_t nanoseconds(double microseconds) {
  return static_cast<std::uint64_t>(std::llround(microseconds * 1e3));
}

}  // namespace

tn_device_info AscendOps::describe() const {
  tn_device_info info{};
  info.kind = TN_DEVICE_NPU;
  plugin::copy_text(info.name, sizeof info.name, "Ascend 910B (emulated)");
  info.capabilities = capabilities | (settings_.contents ? 0 : TN_KEEPS_NO_CONTENTS);
  info.profiles = settings_.contents ? profiles : 0;  // each promises values
  info.cache_bytes = usual_l2_bytes;
  info.preferred_activation_dtype = TN_DTYPE_BF16;
  info.kv_block_multiple = kv_block_multiple;
  info.kv_block_maximum = kv_block_maximum;
  info.compute_units = usual_cube_cores;
  if (profile_) {
    const timing::HostConstants& host = profile_->host;
    info.cache_bytes = profile_->l2_bytes();
    info.compute_units = static_cast<std::uint32_t>(
        std::max(1.0, std::floor(profile_->vector.cores / vector_cores_per_cube)));
    info.enqueue_ns = nanoseconds(host.op_us);
    info.read_back_ns = nanoseconds(host.copy_us + profile_->copy.fixed_us + host.synchronize_us);
  }
  if (info.cache_bytes == 0) {  // nowhere to prefetch to
    info.capabilities &= ~TN_CAN_PREFETCH;
    info.profiles &= ~TN_PROFILE_PREFETCH;
  }
  return info;
}

Support AscendOps::query(std::uint32_t op, const void* args) const {
  std::string refusal = layout_refusal(op, args);
  if (!refusal.empty()) return Support::no(std::move(refusal));
  Support support = reference_support(op, args);
  if (!support.supported) return support;
  refusal = ascend_refusal(op, args, settings_);
  if (!refusal.empty()) return Support::no(std::move(refusal));
  support.workspace_bytes = copied_bytes(op, args, settings_);
  support.copied_bytes = support.workspace_bytes;
  return support;
}

std::uint64_t AscendOps::estimated_ns(std::uint32_t op, const void* args) const {
  return profile_ ? estimate_ns(op, args, settings_, *profile_) : 0;
}

host_runtime::RunReport AscendOps::run(std::uint32_t op, const void* args,
                                       std::span<std::byte> workspace,
                                       host_runtime::ThreadPool& threads) const {
  host_runtime::RunReport report;
  if (!settings_.contents) return report;
  KernelArguments kernel(op, args);
  tn_tensor* weight = kernel.weight();
  host_runtime::MemoryBuffer copied(workspace.data(), workspace.size());
  if (weight != nullptr && copied_bytes(op, args, settings_) > 0) {
    const std::uint64_t begin = host_runtime::device_clock_ns();
    tn_tensor plain = row_major_form(*weight);
    plain.buffer = copied.handle();
    unpack(*weight, plain, threads);
    *weight = plain;
    report.copy_ns = host_runtime::device_clock_ns() - begin;
  }
  const HostScratch scratch(cpu_reference::query_any_op(op, kernel.get()).workspace_bytes);
  cpu_reference::run_op(op, kernel.get(), scratch.bytes(), threads);
  return report;
}

tn_layout_answer AscendOps::layout_for(const tn_layout_request& request) const {
  return choose_layout(request);
}

std::string AscendOps::unjoined_fork_note() const {
  return " (Ascend's error 107025: stream not joined to original stream)";
}

}  // namespace tenon::ascend_emu
