#include "host_runtime/operand_check.hpp"

#include <limits>

#include "element.hpp"
#include "ops/layouts.hpp"

namespace tenon::host_runtime {
namespace {

using plugin::Failure;

// What an error text is about; made into text only when there is an error.
struct Where {
  const char* op;
  const char* operand = nullptr;
};

[[noreturn]] void refuse(Where where, const std::string& what) {
  const std::string operand = where.operand == nullptr ? "" : std::string(where.operand) + " ";
  throw Failure(TN_INVALID_ARGUMENT, "[" + std::string(where.op) + "] " + operand + what);
}

constexpr std::uint64_t too_much = std::numeric_limits<std::uint64_t>::max();

// Bytes from the tensor's start to the end of the last element it reaches; too_much if that does
// not fit 64 bits.
std::uint64_t reach_bytes(const tn_tensor& tensor) {
  std::uint64_t last = 0;
  for (std::uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] <= 0) return 0;
    std::uint64_t step = 0;
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(tensor.shape[axis] - 1),
                               static_cast<std::uint64_t>(tensor.strides[axis]), &step) ||
        __builtin_add_overflow(last, step, &last)) {
      return too_much;
    }
  }
  std::uint64_t bytes = 0;
  const auto item = static_cast<std::uint64_t>(cpu_reference::item_size(tensor.dtype));
  if (__builtin_mul_overflow(last + 1, item, &bytes) || last == too_much) return too_much;
  return bytes;
}

std::uint64_t needed_bytes(const tn_tensor& tensor) {
  if (tensor.layout == TN_LAYOUT_ROW_MAJOR) return reach_bytes(tensor);
  if (reach_bytes(tensor) == 0) return 0;
  const std::uint64_t bytes = cpu_reference::blocked_storage_bytes(tensor);
  return bytes == 0 ? too_much : bytes;
}

void check_form(Where where, const tn_tensor& tensor) {
  if (tensor.rank > TN_MAX_RANK) {
    refuse(where, "rank is too high; expected at most 6; found " + std::to_string(tensor.rank));
  }
  for (std::uint32_t axis = 0; axis < tensor.rank; ++axis) {
    if (tensor.shape[axis] < 0 || tensor.strides[axis] < 0) {
      refuse(where, "shape or stride " + std::to_string(axis) + " is negative");
    }
  }
}

void require_device(Where where, const MemoryBuffer& buffer, std::uint32_t device) {
  if (buffer.device() == device) return;
  refuse(where, "lies in a buffer of another device; expected device " + std::to_string(device) +
                    "; found device " + std::to_string(buffer.device()));
}

void check_operand(Where where, const tn_tensor& tensor, std::uint32_t device) {
  check_form(where, tensor);
  const std::uint64_t needed = needed_bytes(tensor);
  if (needed > tensor.storage_bytes) {
    refuse(where, "elements lie outside the tensor's storage; expected at most " +
                      std::to_string(tensor.storage_bytes) + " bytes; found " +
                      (needed == too_much ? "more than 64 bits hold" : std::to_string(needed)));
  }
  if (tensor.buffer == nullptr) {
    if (needed == 0) return;
    refuse(where, "buffer is NULL");
  }
  const MemoryBuffer& buffer = memory_of(tensor.buffer);
  require_device(where, buffer, device);
  if (buffer.kind() == TN_MEMORY_PINNED) {
    refuse(where,
           "lies in memory that only copies may use; expected kind DEVICE or SHARED; found "
           "PINNED");
  }
  const std::uint64_t size = buffer.size();
  if (tensor.byte_offset > size || tensor.storage_bytes > size - tensor.byte_offset) {
    refuse(where, "ends past its buffer; expected at most " + std::to_string(size) +
                      " bytes; found offset " + std::to_string(tensor.byte_offset) + " and " +
                      std::to_string(tensor.storage_bytes) + " bytes");
  }
  const std::int64_t item = cpu_reference::item_size(tensor.dtype);
  if (item == 0 || tensor.byte_offset % static_cast<std::uint64_t>(item) != 0) {
    refuse(where, "byte_offset must be a multiple of the item size " + std::to_string(item) +
                      "; found " + std::to_string(tensor.byte_offset));
  }
}

}  // namespace

void check_device(const char* where, const MemoryBuffer& buffer, std::uint32_t device) {
  require_device({where, "buffer"}, buffer, device);
}

void check_operands(const plugin::OpDescription& description, const void* args,
                    std::uint32_t device) {
  for (const plugin::OperandField& field : description.operands) {
    const tn_tensor& tensor = plugin::operand_of(args, field);
    if (tensor.dtype == TN_DTYPE_NONE) continue;
    check_operand({description.name, field.name}, tensor, device);
  }
}

void check_workspace(const char* op, const plugin::Workspace& workspace, std::uint64_t bytes,
                     std::uint32_t device) {
  if (bytes == 0) return;
  if (workspace.buffer == nullptr || workspace.size < bytes) {
    refuse({op}, "the workspace is too small; expected at least " + std::to_string(bytes) +
                     " bytes; found " + std::to_string(workspace.size));
  }
  const auto& buffer = static_cast<const MemoryBuffer&>(*workspace.buffer);
  check_device(op, buffer, device);
  if (buffer.kind() != TN_MEMORY_DEVICE) {
    refuse({op}, "the workspace lies in memory of another kind; expected DEVICE");
  }
  const auto address = reinterpret_cast<std::uintptr_t>(buffer.data() + workspace.offset);
  if (address % TN_BUFFER_ALIGNMENT != 0) {
    refuse({op}, "the workspace is not aligned to " + std::to_string(TN_BUFFER_ALIGNMENT) +
                     " bytes; found offset " + std::to_string(workspace.offset));
  }
}

}  // namespace tenon::host_runtime
