#include "layers/validation/args.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>

#include "device/tensor.hpp"
#include "layers/validation/layer_state.hpp"
#include "layers/validation/overlap.hpp"
#include "layers/validation/tensor_rules.hpp"

namespace tenon::validation {
namespace {

constexpr uint32_t largest_args = 64 * 1024;

using OperandName = std::pair<uint32_t, std::string_view>;

// Operands that hold indices or counts: i32, dense but for block_table, whose rows are.
constexpr std::array<OperandName, 18> index_operands = {{{TN_OP_embedding, "token_ids"},
                                                         {TN_OP_rope, "positions"},
                                                         {TN_OP_kv_write, "slot_mapping"},
                                                         {TN_OP_paged_attention, "block_table"},
                                                         {TN_OP_paged_attention, "query_start_loc"},
                                                         {TN_OP_paged_attention, "seq_lens"},
                                                         {TN_OP_moe_gate, "hash_table"},
                                                         {TN_OP_moe_gate, "token_ids"},
                                                         {TN_OP_moe_gate, "expert_ids"},
                                                         {TN_OP_moe_permute, "expert_ids"},
                                                         {TN_OP_moe_permute, "row_map"},
                                                         {TN_OP_moe_permute, "group_sizes"},
                                                         {TN_OP_grouped_matmul, "group_list"},
                                                         {TN_OP_moe_unpermute, "row_map"},
                                                         {TN_OP_gather_rows, "index"},
                                                         {TN_OP_argmax, "output"},
                                                         {TN_OP_all_to_all_v, "send_counts"},
                                                         {TN_OP_all_to_all_v, "receive_counts"}}};

// Scales, biases, norm weights: dense in every op that has them.
constexpr std::array<std::string_view, 10> dense_names = {
    "bias",         "weight_scale", "quant_bias", "row_scale",      "quant_scale",
    "quant_offset", "smooth_scale", "sinks",      "selection_bias", "expert_weights"};

// Operands that may have any strides.
constexpr std::array<OperandName, 5> free_operands = {{{TN_OP_copy_cast, "input"},
                                                       {TN_OP_copy_cast, "output"},
                                                       {TN_OP_batched_matmul, "a"},
                                                       {TN_OP_batched_matmul, "b"},
                                                       {TN_OP_grouped_matmul, "weight"}}};

template <size_t n>
bool listed(const std::array<OperandName, n>& list, uint32_t op, std::string_view operand) {
  return std::find(list.begin(), list.end(), OperandName{op, operand}) != list.end();
}

bool must_be_dense(const OpInfo& op, std::string_view operand) {
  if (op.id == TN_OP_paged_attention && operand == "block_table") return false;
  if (listed(index_operands, op.id, operand)) return true;
  const bool norm = op.id == TN_OP_rms_norm || op.id == TN_OP_add_rms_norm;
  if (norm && operand == "weight") return true;
  return std::find(dense_names.begin(), dense_names.end(), operand) != dense_names.end() ||
         op.op_class == TN_CLASS_COMMUNICATION;
}

uint32_t read_u32(const void* args, size_t offset) {
  uint32_t value = 0;
  std::memcpy(&value, static_cast<const char*>(args) + offset, sizeof value);
  return value;
}

void check_operand(const OpInfo& op, const OpOperand& operand, const tn_tensor& tensor,
                   const std::string& where) {
  const std::string name(operand.name);
  if (tensor.dtype == TN_DTYPE_NONE) {
    if (!is_optional(operand.access)) {
      violate(rules::absent_operand, where,
              fmt::format("the required operand '{}' is absent", name));
    }
    if (!is_all_zero(tensor)) {
      violate(rules::absent_operand, where,
              fmt::format("the absent operand '{}' is not all zero", name), "all zero");
    }
    return;
  }
  check_form(tensor, where, name);
  if (listed(index_operands, op.id, operand.name) && tensor.dtype != TN_DTYPE_I32) {
    violate(rules::agreeing, where, fmt::format("the index operand '{}' has another dtype", name),
            "i32", dtype_name(tensor.dtype));
  }
  if (must_be_dense(op, operand.name)) {
    check_dense(tensor, where, name);
  } else if (!listed(free_operands, op.id, operand.name)) {
    check_last_dimension(tensor, where, name);
  }
  if (is_written(operand.access)) check_writable(tensor, where, name);
}

std::string array_text(std::string_view name, size_t index) {
  return fmt::format("{}[{}]", name, index);
}

[[noreturn]] void bad_array(const std::string& where, const std::string& what,
                            const std::string& expected, int64_t found) {
  violate(rules::host_arrays, where, what + " does not fit", expected, std::to_string(found));
}

void check_attention_lengths(const tn_paged_attention_args& args, const std::string& where) {
  const int32_t* starts = args.host_query_start_loc;
  const int32_t* lengths = args.host_seq_lens;
  const int64_t rows = args.query.rank > 0 ? args.query.shape[0] : 0;
  const uint32_t sequences = args.host_seq_lens_count;
  if (starts[0] != 0) bad_array(where, array_text("host_query_start_loc", 0), "0", starts[0]);
  for (uint32_t s = 0; s < sequences; ++s) {
    const int64_t queries = int64_t{starts[s + 1]} - starts[s];
    if (queries < 0 || queries > args.max_query_len || starts[s + 1] > rows) {
      bad_array(where, array_text("host_query_start_loc", s + 1),
                fmt::format("{} to {} and at most {} rows", starts[s],
                            int64_t{starts[s]} + args.max_query_len, rows),
                starts[s + 1]);
    }
    const bool empty = lengths[s] == 0 && queries == 0;
    if (!empty && (lengths[s] < queries || lengths[s] > args.max_seq_len)) {
      bad_array(where, array_text("host_seq_lens", s),
                fmt::format("{} to {}", queries, args.max_seq_len), lengths[s]);
    }
  }
}

}  // namespace

ArgsCopy::ArgsCopy(const OpInfo& op, const void* args, const std::string& where) {
  if (args == nullptr) violate(rules::args_header, where, "the arguments are NULL");
  const uint32_t size = read_u32(args, 0);
  if (size < op.args_size || size > largest_args) {
    violate(rules::args_header, where, "struct_size of the arguments is wrong",
            std::to_string(op.args_size), std::to_string(size));
  }
  if (const uint32_t flags = read_u32(args, sizeof(uint32_t)); flags != 0) {
    violate(rules::args_header, where, "flags of the arguments are set", "0",
            std::to_string(flags));
  }
  if (op.padding_offset != 0 && read_u32(args, op.padding_offset) != 0) {
    violate(rules::args_header, where, "reserved0 of the arguments is set", "0");
  }
  words_.resize((size + sizeof(uint64_t) - 1) / sizeof(uint64_t));
  std::memcpy(words_.data(), args, size);
}

const OpInfo& known_op(uint32_t op, const char* call) {
  const OpInfo* info = find_op(op);
  if (info == nullptr) {
    violate(rules::agreeing, call, "there is no such op", "an id of ops.def", std::to_string(op));
  }
  return *info;
}

void check_operands(const OpInfo& op, const void* args, const std::string& where) {
  for (const OpOperand& operand : op.operands) {
    check_operand(op, operand, operand_tensor(args, operand), where);
  }
}

void check_host_arrays(const OpInfo& op, const void* args, const std::string& where) {
  for (const OpHostArray& array : op.host_arrays) {
    const int32_t* data = nullptr;
    std::memcpy(&data, static_cast<const char*>(args) + array.offset, sizeof data);
    if (data == nullptr) {
      violate(rules::host_arrays, where, fmt::format("the host array '{}' is NULL", array.name));
    }
  }
  if (op.id != TN_OP_paged_attention) return;
  const auto& attention = *static_cast<const tn_paged_attention_args*>(args);
  const int64_t sequences = attention.seq_lens.rank > 0 ? attention.seq_lens.shape[0] : 0;
  if (attention.host_seq_lens_count != sequences) {
    bad_array(where, "host_seq_lens_count", std::to_string(sequences),
              attention.host_seq_lens_count);
  }
  if (attention.host_query_start_loc_count != sequences + 1) {
    bad_array(where, "host_query_start_loc_count", std::to_string(sequences + 1),
              attention.host_query_start_loc_count);
  }
  check_attention_lengths(attention, where);
}

void check_block_size(const OpInfo& op, const void* args, const tn_device_info& device,
                      const std::string& where) {
  for (const OpOperand& operand : op.operands) {
    if (operand.name != "key_cache" && operand.name != "value_cache") continue;
    const tn_tensor& cache = operand_tensor(args, operand);
    if (cache.rank != 4) continue;
    const int64_t size = cache.shape[1];
    const int64_t multiple = std::max<int64_t>(device.kv_block_multiple, 1);
    const bool too_large = device.kv_block_maximum != 0 && size > device.kv_block_maximum;
    if (size % multiple == 0 && !too_large) continue;
    violate(rules::block_size, where,
            fmt::format("the block size of '{}' does not suit the device", operand.name),
            fmt::format("a multiple of {}{}", multiple,
                        device.kv_block_maximum == 0
                            ? ""
                            : fmt::format(", at most {}", device.kv_block_maximum)),
            std::to_string(size));
  }
}

void check_overlaps(const OpInfo& op, const void* args, const std::string& where) {
  for (size_t out = 0; out < op.operands.size(); ++out) {
    const tn_tensor& output = operand_tensor(args, op.operands[out]);
    if (!is_written(op.operands[out].access) || output.dtype == TN_DTYPE_NONE) continue;
    for (size_t other = 0; other < op.operands.size(); ++other) {
      const tn_tensor& tensor = operand_tensor(args, op.operands[other]);
      const bool written = is_written(op.operands[other].access);
      if (other == out || (written && other < out)) continue;  // each pair of outputs once
      if (tensor.dtype == TN_DTYPE_NONE || tensor.buffer != output.buffer) continue;
      const bool alias = std::any_of(op.aliases.begin(), op.aliases.end(), [&](const OpAlias& a) {
        return a.output == out && a.input == other;
      });
      if ((alias && same_view(output, tensor)) || !overlap(output, tensor)) continue;
      violate(
          rules::no_overlap, where,
          fmt::format("output '{}' overlaps '{}'", op.operands[out].name, op.operands[other].name),
          alias ? "exactly the same view, or separate ones" : "separate tensors",
          fmt::format("{} at byte {}, {} at byte {}", tensor_text(output), output.byte_offset,
                      tensor_text(tensor), tensor.byte_offset));
    }
  }
}

std::shared_ptr<BufferObject> place_operand(const ValidationLayer& layer,
                                            const StreamObject& stream, tn_tensor& tensor,
                                            const std::string& where, const std::string& what) {
  if (tensor.buffer == nullptr) {
    violate(rules::known_handle, where, fmt::format("operand '{}' has no buffer", what));
  }
  const std::string role = where + ", operand '" + what + "'";
  const auto buffer = layer.get<BufferObject>(tensor.buffer, Kind::buffer, role.c_str());
  if (!on_same_device(stream, *buffer)) {
    violate(rules::same_device, where,
            fmt::format("operand '{}' lies in {} of another device", what, buffer->text()),
            fmt::format("device {}", device_of(stream).index),
            fmt::format("device {}", device_of(*buffer).index));
  }
  if (buffer->memory == TN_MEMORY_PINNED) {
    violate(rules::device_memory, where, fmt::format("operand '{}' lies in PINNED memory", what),
            "DEVICE or SHARED memory");
  }
  check_place(tensor, buffer->size, where, what);
  tensor.buffer = static_cast<tn_buffer*>(buffer->next);
  return buffer;
}

}  // namespace tenon::validation
