#include "ops/placed_case.hpp"

#include <fmt/format.h>

#include "framework/outcome.hpp"

namespace tenon::conformance {
namespace {

Poison poison_of(const OpOperand& operand, const HostTensor& tensor, Poison written) {
  if (is_written(operand.access)) return written;
  return tensor.dtype() == TN_DTYPE_I32 ? Poison::read_index : Poison::read;
}

void store_pointer(std::vector<std::byte>& args, size_t offset, const void* pointer) {
  std::memcpy(args.data() + offset, &pointer, sizeof pointer);
}

}  // namespace

std::vector<std::byte> blank_args(const OpCase& values, size_t rank) {
  const OpCall& call = values.ranks[rank];
  std::vector<std::byte> args = call.args;
  for (size_t i = 0; i < call.operands.size(); ++i) {
    tn_tensor tensor = call.operands[i].descriptor();
    tensor.storage_bytes = 0;
    operand_tensor(args.data(), values.op->operands[i]) = tensor;
  }
  return args;
}

PlacedCase::PlacedCase(Subject& subject, const OpCase& values, const Placement& placement,
                       const std::vector<tn_stream*>& streams,
                       const std::vector<tn_communicator*>& communicators,
                       const tn_op_support& support)
    : subject_(subject), values_(&values), streams_(streams), ranks_(values.ranks.size()) {
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    const OpCall& call = values.ranks[rank];
    Rank& made = ranks_[rank];
    made.args = call.args;
    made.host_arrays = call.host_arrays;
    made.operands.resize(call.operands.size());
    for (size_t i = 0; i < call.operands.size(); ++i)
      place(rank, i, placement);
    for (size_t i = 0; i < made.host_arrays.size(); ++i) {
      const OpHostArray& field = values.op->host_arrays[i];
      const auto count = static_cast<uint32_t>(made.host_arrays[i].size());
      store_pointer(made.args, field.offset, made.host_arrays[i].data());
      std::memcpy(made.args.data() + field.count_offset, &count, sizeof count);
    }
    if (values.op->communicator_offset != 0 && rank < communicators.size()) {
      store_pointer(made.args, values.op->communicator_offset, communicators[rank]);
    }
    give_workspace(rank, placement, support.workspace_bytes);
  }
  upload();
}

PlacedCase::~PlacedCase() {
  // Where a check threw, copies into this object's memory may still be in flight.
  for (tn_stream* stream : streams_)
    subject_.table().stream_synchronize(stream, nullptr);
  try {
    for (Rank& rank : ranks_) {
      for (Operand& operand : rank.operands) {
        if (operand.buffer != nullptr && !operand.aliased) subject_.destroy(operand.buffer);
      }
      if (rank.workspace_buffer != nullptr) subject_.destroy(rank.workspace_buffer);
    }
  } catch (const TestFailure&) {
    // buffer_free is the subject of other tests.
  }
}

void PlacedCase::place(size_t rank, size_t index, const Placement& placement) {
  const HostTensor& tensor = values_->ranks[rank].operands[index];
  if (!tensor.present()) return;
  Operand& operand = ranks_[rank].operands[index];
  const OpOperand& described = values_->op->operands[index];
  operand.offset = guard_bytes + placement.shift * item_bytes(tensor.dtype());
  for (const OpAlias& alias : placement.aliases) {
    if (alias.output != index) continue;
    const Operand& input = ranks_[rank].operands[alias.input];
    operand = input;
    operand.aliased = true;
  }
  if (!operand.aliased) {
    set_contents(rank, index, placement);
    operand.buffer =
        subject_.buffer(operand.before.size(), TN_MEMORY_DEVICE, static_cast<uint32_t>(rank));
  }
  tn_tensor& placed = operand_tensor(ranks_[rank].args.data(), described);
  placed = tensor.descriptor();
  placed.buffer = operand.buffer;
  placed.byte_offset = operand.offset;
}

void PlacedCase::set_contents(size_t rank, size_t index, const Placement& placement) {
  const HostTensor& tensor = values_->ranks[rank].operands[index];
  const OpOperand& described = values_->op->operands[index];
  Operand& operand = ranks_[rank].operands[index];
  operand.before.resize(operand.offset + tensor.storage().size() + guard_bytes);
  poison_bytes(operand.before, poison_of(described, tensor, placement.written));
  // A WRITE operand holds poison, the others their contents; gaps stay poisoned.
  if (described.access == Access::write) return;
  const std::vector<bool> owned = tensor.owned_bytes();
  for (size_t i = 0; i < owned.size(); ++i) {
    if (owned[i]) operand.before[operand.offset + i] = tensor.storage()[i];
  }
}

tn_tensor PlacedCase::tensor(size_t operand, size_t rank) const {
  return operand_tensor(static_cast<const void*>(ranks_[rank].args.data()),
                        values_->op->operands[operand]);
}

void PlacedCase::upload(const OpCase& others, const Placement& placement) {
  values_ = &others;
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    for (size_t i = 0; i < ranks_[rank].operands.size(); ++i) {
      const Operand& operand = ranks_[rank].operands[i];
      if (operand.buffer != nullptr && !operand.aliased) set_contents(rank, i, placement);
    }
  }
  upload();
}

void PlacedCase::upload() {
  tn_error error{};
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    for (const Operand& operand : ranks_[rank].operands) {
      if (operand.buffer == nullptr || operand.aliased) continue;
      check_ok("TN-COPY-4", "copy_h2d of an operand",
               subject_.table().copy_h2d(streams_[rank], operand.before.data(), operand.buffer, 0,
                                         operand.before.size(), &error),
               error);
    }
    const Rank& placed = ranks_[rank];
    if (placed.workspace_buffer == nullptr) continue;
    check_ok("TN-COPY-4", "copy_h2d of a workspace",
             subject_.table().copy_h2d(streams_[rank], placed.workspace_before.data(),
                                       placed.workspace_buffer, 0, placed.workspace_before.size(),
                                       &error),
             error);
  }
}

void PlacedCase::give_workspace(size_t rank, const Placement& placement, uint64_t bytes) {
  if (bytes == 0) return;
  Rank& made = ranks_[rank];
  made.workspace_bytes = bytes;
  made.workspace_before.resize(bytes + 2 * guard_bytes);
  poison_bytes(made.workspace_before, placement.workspace);
  made.workspace_buffer =
      subject_.buffer(made.workspace_before.size(), TN_MEMORY_DEVICE, static_cast<uint32_t>(rank));
}

tn_status PlacedCase::enqueue_on(size_t rank, uint32_t op, const std::vector<std::byte>& args,
                                 tn_node* node, tn_error* error) {
  const Rank& own = ranks_[rank];
  const tn_buffer_range range{own.workspace_buffer, guard_bytes, own.workspace_bytes};
  return subject_.table().op_enqueue(streams_[rank], op, args.data(),
                                     own.workspace_bytes == 0 ? nullptr : &range, node, error);
}

tn_status PlacedCase::enqueue(size_t rank, tn_node* node, tn_error* error) {
  return enqueue_on(rank, values_->op->id, ranks_[rank].args, node, error);
}

tn_status PlacedCase::enqueue_other(uint32_t op, const std::vector<std::byte>& args, tn_node* node,
                                    tn_error* error) {
  return enqueue_on(0, op, args, node, error);
}

void PlacedCase::enqueue() {
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    tn_error error{};
    check_ok("TN-OP-3",
             fmt::format("op_enqueue of {}, case \"{}\", which op_query supports",
                         values_->op->name, values_->name),
             enqueue(rank, nullptr, &error), error);
  }
}

void PlacedCase::download() {
  tn_error error{};
  for (size_t index = 0; index < ranks_.size(); ++index) {
    Rank& rank = ranks_[index];
    const auto read = [&](tn_buffer* buffer, size_t size, std::vector<std::byte>& after) {
      after.resize(size);
      check_ok("TN-OP-10",
               fmt::format("copy_d2h after {}, case \"{}\"", values_->op->name, values_->name),
               subject_.table().copy_d2h(streams_[index], buffer, 0, after.data(), size, &error),
               error);
    };
    for (Operand& operand : rank.operands) {
      if (operand.buffer != nullptr) read(operand.buffer, operand.before.size(), operand.after);
    }
    if (rank.workspace_buffer != nullptr) {
      read(rank.workspace_buffer, rank.workspace_before.size(), rank.workspace_after);
    }
  }
  for (size_t index = 0; index < ranks_.size(); ++index) {
    check_ok("TN-OP-10", fmt::format("{}, case \"{}\", ran", values_->op->name, values_->name),
             subject_.table().stream_synchronize(streams_[index], &error), error);
  }
}

void PlacedCase::download_apart() {
  for (size_t index = 0; index < ranks_.size(); ++index) {
    const auto device = static_cast<uint32_t>(index);
    const auto read = [&](tn_buffer* buffer, size_t size, std::vector<std::byte>& after) {
      after.resize(size);
      subject_.read_bytes(buffer, 0, after.data(), size, device);
    };
    Rank& rank = ranks_[index];
    for (Operand& operand : rank.operands) {
      if (operand.buffer != nullptr) read(operand.buffer, operand.before.size(), operand.after);
    }
    if (rank.workspace_buffer != nullptr) {
      read(rank.workspace_buffer, rank.workspace_before.size(), rank.workspace_after);
    }
  }
}

HostTensor PlacedCase::after(std::string_view name, size_t rank) const {
  const size_t index = values_->index(name);
  const Operand& operand = ranks_[rank].operands[index];
  HostTensor tensor = values_->ranks[rank].operands[index];
  for (size_t i = 0; i < tensor.storage().size(); ++i)
    tensor.storage()[i] = operand.after[operand.offset + i];
  return tensor;
}

Outputs PlacedCase::outputs() const {
  Outputs result(ranks_.size());
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    result[rank].resize(values_->op->operands.size());
    for (size_t i = 0; i < values_->op->operands.size(); ++i) {
      const HostTensor& tensor = values_->ranks[rank].operands[i];
      const Operand& operand = ranks_[rank].operands[i];
      if (!tensor.present() || !is_written(values_->op->operands[i].access)) continue;
      for (int64_t flat = 0; flat < tensor.count(); ++flat) {
        uint64_t bits = 0;
        std::memcpy(&bits, operand.after.data() + operand.offset + tensor.offset(flat),
                    item_bytes(tensor.dtype()));
        result[rank][i].push_back(bits);
      }
    }
  }
  return result;
}

}  // namespace tenon::conformance
