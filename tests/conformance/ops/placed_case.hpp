// A case in the memory of the device: each operand in a buffer of its own between guard bytes.
#pragma once

#include <string>
#include <vector>

#include "ops/op_case.hpp"
#include "subject/subject.hpp"

namespace tenon::conformance {

// Where operands lie and what is around them.
struct Placement {
  uint64_t shift = 0;  // operands begin this many of their items past an aligned offset
  Poison written = Poison::written;  // around and in written operands
  Poison workspace = Poison::read;
  std::vector<OpAlias> aliases = {};  // each output placed exactly over the input
};

// Elements of the written operands, by rank, operand and flat index.
using Outputs = std::vector<std::vector<std::vector<uint64_t>>>;

class PlacedCase {
 public:
  // Before and behind each operand and workspace lie as many bytes that nothing may change.
  static constexpr uint64_t guard_bytes = TN_BUFFER_ALIGNMENT;

  // Allocates operands and the workspace that `support` asks for, and uploads on streams[rank],
  // without waiting.
  PlacedCase(Subject& subject, const OpCase& values, const Placement& placement,
             const std::vector<tn_stream*>& streams,
             const std::vector<tn_communicator*>& communicators, const tn_op_support& support);
  ~PlacedCase();
  PlacedCase(const PlacedCase&) = delete;
  PlacedCase& operator=(const PlacedCase&) = delete;

  const OpCase& values() const { return *values_; }
  // The argument struct; its host arrays live as long as this object.
  std::vector<std::byte>& args(size_t rank = 0) { return ranks_[rank].args; }
  std::vector<std::vector<int32_t>>& host_arrays(size_t rank = 0) {
    return ranks_[rank].host_arrays;
  }
  tn_tensor tensor(size_t operand, size_t rank = 0) const;

  // For all ranks; throws unless every call is accepted.
  void enqueue();
  tn_status enqueue(size_t rank, tn_node* node, tn_error* error);
  // Other arguments with the same workspace, on the stream of rank 0.
  tn_status enqueue_other(uint32_t op, const std::vector<std::byte>& args, tn_node* node,
                          tn_error* error);

  // Puts the contents back to those of before the op, or to those of another case of the same
  // shapes, whose expectations then hold.
  void upload();
  void upload(const OpCase& others, const Placement& placement);
  // Enqueues the copies back and waits; throws with TN-OP-10 where a stream failed.
  void download();
  // The same by streams of their own, after the first failed.
  void download_apart();

  // Elements against what the case expects, everything else against what it was.
  void check(std::string_view rule) const;
  // Nothing at all has changed since the upload.
  void check_untouched(std::string_view rule, std::string_view after) const;
  // Guards, gaps, workspace guards and read operands only.
  void check_surroundings() const;
  Outputs outputs() const;
  // An operand with the storage that was read back.
  HostTensor after(std::string_view name, size_t rank = 0) const;

 private:
  struct Operand {
    tn_buffer* buffer = nullptr;
    uint64_t offset = 0;
    bool aliased = false;                  // shares the buffer of an input
    std::vector<std::byte> before, after;  // the whole buffer
  };
  struct Rank {
    std::vector<std::byte> args;
    std::vector<std::vector<int32_t>> host_arrays;
    std::vector<Operand> operands;
    tn_buffer* workspace_buffer = nullptr;
    uint64_t workspace_bytes = 0;
    std::vector<std::byte> workspace_before, workspace_after;
  };
  // `index`: of an operand, among those of the op.
  void place(size_t rank, size_t index, const Placement& placement);
  void give_workspace(size_t rank, const Placement& placement, uint64_t bytes);
  tn_status enqueue_on(size_t rank, uint32_t op, const std::vector<std::byte>& args, tn_node* node,
                       tn_error* error);
  void set_contents(size_t rank, size_t index, const Placement& placement);
  void check_operand(size_t rank, size_t index, bool elements, std::string_view rule) const;
  void check_element(size_t rank, size_t index, int64_t flat, std::string_view rule) const;
  void check_workspace(size_t rank) const;
  std::string where(size_t rank, size_t operand) const;

  Subject& subject_;
  const OpCase* values_;
  const std::vector<tn_stream*>& streams_;
  std::vector<Rank> ranks_;
};

// The argument struct of a call as op_query must be able to take it: no buffers, offsets, storage,
// communicators or host arrays.
std::vector<std::byte> blank_args(const OpCase& values, size_t rank);

}  // namespace tenon::conformance
