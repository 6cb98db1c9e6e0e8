// The rules about an op's arguments.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "device/op_table.hpp"
#include "layers/validation/objects.hpp"

namespace tenon::validation {

class ValidationLayer;

// An argument struct in memory of the layer's, aligned.
class ArgsCopy {
 public:
  // Violates args_header: NULL, a struct_size below the known one or absurd, flags, padding.
  ArgsCopy(const OpInfo& op, const void* args, const std::string& where);

  void* data() { return words_.data(); }
  const void* data() const { return words_.data(); }
  const std::vector<uint64_t>& words() const { return words_; }
  tn_tensor& tensor(const OpOperand& operand) { return operand_tensor(data(), operand); }

 private:
  std::vector<uint64_t> words_;
};

// Violates agreeing for an id that is no op.
const OpInfo& known_op(uint32_t op, const char* call);

// All that op_query looks at: absent_operand, well_formed, contiguous, and the dtypes of index
// tensors (agreeing).
void check_operands(const OpInfo& op, const void* args, const std::string& where);

// The host arrays of an op against its tensors and bounds (host_arrays).
void check_host_arrays(const OpInfo& op, const void* args, const std::string& where);

// KV caches against the device (block_size).
void check_block_size(const OpInfo& op, const void* args, const tn_device_info& device,
                      const std::string& where);

// Outputs against all other operands (no_overlap). `args` still holds the host's handles.
void check_overlaps(const OpInfo& op, const void* args, const std::string& where);

// Checks where a tensor of work on `stream` lies and puts the handle of the layer below into it.
// The layer's mutex must be held.
std::shared_ptr<BufferObject> place_operand(const ValidationLayer& layer,
                                            const StreamObject& stream, tn_tensor& tensor,
                                            const std::string& where, const std::string& what);

}  // namespace tenon::validation
