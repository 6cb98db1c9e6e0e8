#include "weights/prepare_weight.hpp"

#include <cstring>

#include "base/error.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "weights/derive_weight.hpp"

namespace tenon {

// The memory of the checkpoint can be used as it is: one tensor, aligned for its elements.
bool WeightPreparer::can_import(const Weight& weight, const WeightSource& source) const {
  if (weight.derivation != Derivation::stored) return false;
  if (source.parts.size() != 1 || !device_.can(TN_CAN_IMPORT_HOST)) return false;
  const auto address = reinterpret_cast<uintptr_t>(source.parts[0]->data.data());
  return address % dtype_bytes(source.dtype) == 0;
}

Buffer WeightPreparer::row_major(const Weight& weight, const WeightSource& source) {
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

void WeightPreparer::to_host(const Weight& weight, const WeightSource& source,
                             std::span<std::byte> bytes) {
  if (weight.derivation != Derivation::stored) {
    const std::vector<std::byte> derived = derive_weight(weight, source);
    std::memcpy(bytes.data(), derived.data(), derived.size());
  } else {
    uint64_t offset = 0;
    for (const TensorInfo* part : source.parts) {
      std::memcpy(bytes.data() + offset, part->data.data(), part->data.size());
      offset += part->bytes();
    }
  }
  for (const TensorInfo* part : source.parts)
    checkpoint_->release(*part);
}

void WeightPreparer::to_host(const Buffer& buffer, std::span<std::byte> bytes) {
  const Stream stream = device_.create_stream("weights");
  stream.copy_to_host(buffer, 0, bytes);
  stream.synchronize();
}

void WeightPreparer::copy_cast(const std::string& name, const tn_tensor& input,
                               const tn_tensor& output) const {
  tn_copy_cast_args cast{};
  cast.struct_size = sizeof cast;
  cast.input = input;
  cast.output = output;
  const OpSupport support = device_.query(cast);
  if (!support.supported) {
    fail_run(name, "the device asked for a layout that it cannot cast to", "", support.reason);
  }
  const Buffer workspace = device_.allocate(support.workspace_bytes);
  const Stream stream = device_.create_stream("weights");
  stream.enqueue(cast, workspace.range());
  stream.synchronize();
}

Buffer WeightPreparer::native(const std::string& name, const WeightLayout& layout,
                              Buffer& row_major) {
  tn_tensor input = layout.row_major;
  input.buffer = row_major.get();
  Buffer transposed;
  if (layout.native_transposed) {
    tn_tensor contiguous = transposed_form(layout.row_major);
    transposed = device_.allocate(contiguous.storage_bytes);
    contiguous.buffer = transposed.get();
    copy_cast(name, transposed_view(input), contiguous);
    traffic_.transposed_bytes += contiguous.storage_bytes;
    row_major = Buffer();
    input = contiguous;
  }
  tn_tensor output = layout.native;
  Buffer buffer = device_.allocate(output.storage_bytes);
  output.buffer = buffer.get();
  copy_cast(name, input, output);
  traffic_.cast_bytes += output.storage_bytes;
  if (!layout.needs_row_major()) row_major = Buffer();
  return buffer;
}

}  // namespace tenon
