#include "ops/op_runner.hpp"

#include <fmt/format.h>

#include <cmath>

namespace tenon::conformance {
namespace {

Grid make_grid(Context& context, const tn_device_info& info, size_t world) {
  Grid grid;
  grid.activation = info.preferred_activation_dtype;
  grid.kv_block_multiple = std::max<int64_t>(info.kv_block_multiple, 1);
  grid.kv_block_maximum = info.kv_block_maximum;
  grid.full = context.full();
  grid.seed = context.random()();
  grid.world = world;
  return grid;
}

}  // namespace

tn_op_support query_op(Subject& subject, uint32_t op, const void* args, uint32_t device) {
  tn_op_support support{};
  support.struct_size = sizeof support;
  tn_error error{};
  const OpInfo* info = find_op(op);
  const std::string name = info == nullptr ? fmt::format("op {}", op) : std::string(info->name);
  check_ok("TN-OP-2", fmt::format("op_query of {}", name),
           subject.table().op_query(subject.device(device), op, args, &support, &error), error);
  if (support.supported != 0) {
    check(support.supported == 1, "TN-OP-2", fmt::format("op_query of {}", name),
          "supported 0 or 1", fmt::format("{}", support.supported));
    return support;
  }
  const bool terminated = std::memchr(support.reason, 0, sizeof support.reason) != nullptr;
  check(terminated && support.reason[0] != '\0', "TN-OP-2",
        fmt::format("op_query of {} answered supported = 0", name),
        "a terminated sentence in reason",
        terminated ? "an empty reason" : "a reason without its end");
  return support;
}

OpRunner::OpRunner(Context& context, const OpSuite& suite, std::string rule)
    : context_(context),
      suite_(suite),
      rule_(std::move(rule)),
      subject_(context.subject()),
      info_(subject_.device_info()) {
  const bool collective = (suite.profile & TN_PROFILE_COLLECTIVES) != 0;
  const size_t world = collective ? std::min<size_t>(subject_.device_count(), 3) : 1;
  grid_ = make_grid(context, info_, world);
  for (size_t rank = 0; rank < world; ++rank)
    streams_.push_back(subject_.stream("ops", static_cast<uint32_t>(rank)));
  if (collective) communicators_ = subject_.communicators(static_cast<uint32_t>(world));
}

Grid OpRunner::grid_with_seed(uint64_t seed) const {
  Grid grid = grid_;
  grid.seed = seed;
  return grid;
}

bool OpRunner::required(const OpCase& values) const {
  if (values.op->op_class == TN_CLASS_COMMUNICATION) {
    return values.basic &&
           (values.activation == TN_DTYPE_NONE || values.activation == grid_.activation);
  }
  if ((info_.capabilities & TN_CAN_RUN_EVERY_OP) != 0) return true;
  if ((info_.profiles & suite_.profile) == 0 || !values.basic || !values.contiguous()) return false;
  if (values.quantised && (info_.profiles & TN_PROFILE_QUANTISED) == 0) return false;
  return values.activation == TN_DTYPE_NONE || values.activation == grid_.activation;
}

std::optional<tn_op_support> OpRunner::supported(const OpCase& values) {
  const std::vector<std::byte> args = blank_args(values, 0);
  const tn_op_support support = query_op(subject_, values.op->id, args.data());
  if (support.supported == 1) return support;
  if (required(values)) {
    const bool every = (info_.capabilities & TN_CAN_RUN_EVERY_OP) != 0 &&
                       values.op->op_class != TN_CLASS_COMMUNICATION;
    fail(
        every ? "TN-DEV-7" : "TN-DEV-6",
        fmt::format("op_query of {}, case \"{}\"", values.op->name, values.name),
        every ? "supported, as TN_CAN_RUN_EVERY_OP says" : "supported, as the claimed profile says",
        fmt::format("refused: {}", support.reason));
  }
  if (reason_.empty()) reason_ = support.reason;
  return std::nullopt;
}

PlacedCase OpRunner::place(const OpCase& values, const tn_op_support& support,
                           const Placement& placement) {
  return PlacedCase(subject_, values, placement, streams_, communicators_, support);
}

std::optional<Outputs> OpRunner::run(const OpCase& values, const Placement& placement) {
  const auto support = supported(values);
  if (!support) return std::nullopt;
  PlacedCase placed = place(values, *support, placement);
  const tn_op_support again = query_op(subject_, values.op->id, placed.args().data());
  check(again.supported == 1 && again.capturable == support->capturable &&
            again.workspace_bytes == support->workspace_bytes,
        "TN-OP-1",
        fmt::format("op_query of {}, case \"{}\", with buffers, offsets and host arrays in place",
                    values.op->name, values.name),
        fmt::format("the answer without them: supported 1, capturable {}, workspace_bytes {}",
                    support->capturable, support->workspace_bytes),
        fmt::format("supported {}, capturable {}, workspace_bytes {}", again.supported,
                    again.capturable, again.workspace_bytes));
  placed.enqueue();
  placed.download();
  placed.check(rule_);
  ++tested_;
  return placed.outputs();
}

void OpRunner::run_all(const Cases& cases) {
  for (const OpCase& values : cases)
    run(values);
}

void OpRunner::finish() const {
  if (tested_ == 0) {
    throw TestUnsupported(reason_.empty() ? "the op's suite has no such case" : reason_);
  }
}

std::string difference(const OpCase& values, const Outputs& one, const Outputs& other) {
  for (size_t rank = 0; rank < one.size(); ++rank) {
    for (size_t i = 0; i < one[rank].size(); ++i) {
      const uint32_t dtype = values.ranks[rank].operands[i].dtype();
      for (size_t flat = 0; flat < one[rank][i].size(); ++flat) {
        const uint64_t first = one[rank][i][flat];
        const uint64_t second = other[rank][i][flat];
        if (first == second) continue;
        if (is_float(dtype) && std::isnan(decode(dtype, first)) &&
            std::isnan(decode(dtype, second))) {
          continue;
        }
        return fmt::format("{} element {}: bits {:#x} and {:#x}", values.op->operands[i].name, flat,
                           first, second);
      }
    }
  }
  return "";
}

bool repeats(OpRunner& runner, const OpCase& values, const Outputs& first) {
  const auto second = runner.run(values);
  return second && difference(values, first, *second).empty();
}

}  // namespace tenon::conformance
