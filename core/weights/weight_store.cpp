#include "weights/weight_store.hpp"

#include <fmt/format.h>

#include "base/error.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "weights/derive_weight.hpp"

namespace tenon {

WeightStore::WeightStore(const Program& program, std::shared_ptr<const Checkpoint> checkpoint,
                         const std::vector<WeightSource>& sources, const Device& device,
                         bool native, const WeightProgress& progress)
    : checkpoint_(std::move(checkpoint)),
      device_(device),
      native_(native),
      uses_(weight_uses(program)) {
  uint64_t total = 0;
  for (const WeightSource& source : sources)
    total += source.bytes;
  uint64_t done = 0;
  for (size_t i = 0; i < sources.size(); ++i) {
    stored_.push_back(store(program, program.weights[i], sources[i], uses_[i]));
    done += sources[i].bytes;
    if (progress) progress(done, total);
  }
}

// The memory of the checkpoint can be used as it is: one tensor, aligned for its elements.
bool WeightStore::can_import(const Weight& weight, const WeightSource& source) const {
  if (weight.derivation != Derivation::stored) return false;
  if (source.parts.size() != 1 || !device_.can(TN_CAN_IMPORT_HOST)) return false;
  const auto address = reinterpret_cast<uintptr_t>(source.parts[0]->data.data());
  return address % dtype_bytes(source.dtype) == 0;
}

Buffer WeightStore::upload(const Weight& weight, const WeightSource& source) {
  if (can_import(weight, source)) {
    traffic_.imported_bytes += source.bytes;
    // The API takes a mutable pointer; an op never writes through its inputs.
    auto* memory = const_cast<std::byte*>(source.parts[0]->data.data());
    return device_.import_host(memory, source.bytes);
  }
  Buffer buffer = device_.allocate(source.bytes);
  const Stream stream = device_.create_stream("weights");
  if (weight.derivation != Derivation::stored) {
    stream.copy_to_device(derive_weight(weight, source), buffer, 0);
  } else {
    uint64_t offset = 0;
    for (const TensorInfo* part : source.parts) {
      stream.copy_to_device(part->data, buffer, offset);
      offset += part->bytes();
    }
  }
  stream.synchronize();
  for (const TensorInfo* part : source.parts)
    checkpoint_->release(*part);
  traffic_.uploaded_bytes += source.bytes;
  return buffer;
}

WeightStore::Stored WeightStore::store(const Program& program, const Weight& weight,
                                       const WeightSource& source,
                                       const std::vector<tn_layout_use>& uses) {
  Stored stored;
  if (source.parts.empty()) return stored;
  stored.layout =
      choose_weight_layout(device_, row_major_weight(program, weight, source.dtype), uses, native_);
  stored.row_major = upload(weight, source);
  stored.layout.row_major.buffer = stored.row_major.get();
  if (stored.layout.native.dtype == TN_DTYPE_NONE) return stored;

  stored.native = device_.allocate(stored.layout.native.storage_bytes);
  stored.layout.native.buffer = stored.native.get();
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = stored.layout.row_major;
  cast.output = stored.layout.native;
  const OpSupport support = device_.query(cast);
  if (!support.supported) {
    fail_run(program.values[weight.value].name,
             "the device asked for a layout that it cannot cast to", "", support.reason);
  }
  const Buffer workspace = device_.allocate(support.workspace_bytes);
  const Stream stream = device_.create_stream("weights");
  stream.enqueue(cast, workspace.range());
  stream.synchronize();
  traffic_.cast_bytes += stored.layout.native.storage_bytes;
  if (!stored.layout.needs_row_major()) stored.row_major = Buffer();
  return stored;
}

tn_tensor WeightStore::tensor(uint32_t weight, uint32_t op, uint32_t operand) const {
  const std::vector<tn_layout_use>& uses = uses_.at(weight);
  for (size_t i = 0; i < uses.size(); ++i) {
    if (uses[i].op == op && uses[i].operand == operand)
      return as_read(stored_[weight].layout.for_use(i), uses[i]);
  }
  // A decomposed op may read a weight through another op than the program's own: row-major it is.
  const Stored& stored = stored_[weight];
  if (!stored.row_major) {
    fail_run("weights",
             fmt::format("op {} reads weight {} in a way that was not announced", op, weight));
  }
  return stored.layout.row_major;
}

}  // namespace tenon
