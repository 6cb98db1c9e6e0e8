#include "ops/collective_kernels.hpp"

#include <algorithm>
#include <cstring>
#include <string>

#include <tenon/plugin/op_description.hpp>

#include "tensor_view.hpp"

namespace tenon::cpu_reference {
namespace {

using plugin::Failure;
using plugin::Support;

Support refuse(const char* op, const std::string& what) {
  return Support::no(std::string("[") + op + "] " + what);
}

bool is_contiguous(const tn_tensor& tensor) {
  std::int64_t expected = 1;
  for (std::uint32_t axis = tensor.rank; axis-- > 0;) {
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != expected) return false;
    expected *= tensor.shape[axis];
  }
  return true;
}

bool is_plain(const tn_tensor& tensor) {
  return tensor.layout == TN_LAYOUT_ROW_MAJOR && tensor.rank >= 1 && tensor.rank <= TN_MAX_RANK &&
         std::all_of(tensor.shape, tensor.shape + tensor.rank,
                     [](std::int64_t extent) { return extent >= 0; }) &&
         (element_count(tensor) == 0 || is_contiguous(tensor));
}

bool is_reducible(const tn_tensor& tensor) {
  return tensor.dtype == TN_DTYPE_F32 || tensor.dtype == TN_DTYPE_F16 ||
         tensor.dtype == TN_DTYPE_BF16 || tensor.dtype == TN_DTYPE_I32;
}

// What input and output of every collective have in common; "" when all is well.
std::string check_pair(const tn_tensor& input, const tn_tensor& output, std::uint32_t world_size,
                       std::uint32_t maximum_rank) {
  if (world_size == 0) return "world_size is 0; expected at least 1";
  if (!is_plain(input) || !is_plain(output)) {
    return "input and output must be row-major and contiguous, of rank 1 or more";
  }
  if (input.rank > maximum_rank) {
    return "the rank is too high; expected at most " + std::to_string(maximum_rank) + "; found " +
           std::to_string(input.rank);
  }
  if (item_size(input.dtype) == 0 || input.dtype != output.dtype) {
    return "output must have input's dtype; found " + std::to_string(input.dtype) + " and " +
           std::to_string(output.dtype);
  }
  if (input.rank != output.rank ||
      !std::equal(input.shape + 1, input.shape + input.rank, output.shape + 1)) {
    return "input and output must agree in all dimensions but the first";
  }
  return {};
}

std::string check_rows(std::int64_t found, std::int64_t expected, const char* name) {
  if (found == expected) return {};
  return std::string("first dimension of ") + name + " is wrong; expected " +
         std::to_string(expected) + "; found " + std::to_string(found);
}

std::string check_reduction(const tn_tensor& input, std::uint32_t reduction) {
  if (!is_reducible(input)) {
    return "dtype cannot be reduced; expected f32, f16, bf16 or i32; found " +
           std::to_string(input.dtype);
  }
  if (reduction != TN_REDUCE_SUM && reduction != TN_REDUCE_MAX) {
    return "unknown reduction; expected 0 or 1; found " + std::to_string(reduction);
  }
  return {};
}

Support answer(const char* op, const std::string& first, const std::string& second) {
  if (!first.empty()) return refuse(op, first);
  if (!second.empty()) return refuse(op, second);
  return {};
}

std::byte* address_of(const tn_tensor& tensor) {
  if (element_count(tensor) == 0) return nullptr;
  return buffer_address(tensor.buffer) + tensor.byte_offset;
}

// input[i] of all ranks reduced, in rank order.
template <class Element>
Element reduce_one(std::span<const Element* const> inputs, std::int64_t index,
                   std::uint32_t reduction) {
  float result = to_float(inputs[0][index]);
  for (std::size_t rank = 1; rank < inputs.size(); ++rank) {
    const float next = to_float(inputs[rank][index]);
    result = reduction == TN_REDUCE_SUM ? result + next : std::max(result, next);
  }
  Element rounded{};
  round_to(result, rounded);
  return rounded;
}

template <>
std::int32_t reduce_one(std::span<const std::int32_t* const> inputs, std::int64_t index,
                        std::uint32_t reduction) {
  std::int32_t result = inputs[0][index];
  for (std::size_t rank = 1; rank < inputs.size(); ++rank) {
    const std::int32_t next = inputs[rank][index];
    result = reduction == TN_REDUCE_SUM
                 ? static_cast<std::int32_t>(static_cast<std::uint32_t>(result) +
                                             static_cast<std::uint32_t>(next))
                 : std::max(result, next);
  }
  return result;
}

constexpr std::int64_t reduction_grain = 16 * 1024;  // elements

template <class Visitor>
void visit_reducible(std::uint32_t dtype, Visitor&& visitor) {
  if (dtype == TN_DTYPE_I32) return visitor(std::int32_t{});
  visit_float_type(dtype, visitor);
}

template <class Args>
std::vector<const Args*> typed(std::span<const void* const> ranks) {
  std::vector<const Args*> result;
  for (const void* args : ranks)
    result.push_back(static_cast<const Args*>(args));
  return result;
}

// An output may be the rank's own input: every element is read from all ranks before it is written.
template <class Element>
void reduce_all(std::span<const tn_all_reduce_args* const> ranks, ThreadPool& threads) {
  std::vector<const Element*> inputs;
  std::vector<Element*> outputs;
  for (const tn_all_reduce_args* args : ranks) {
    inputs.push_back(reinterpret_cast<const Element*>(address_of(args->input)));
    outputs.push_back(reinterpret_cast<Element*>(address_of(args->output)));
  }
  const auto reduce = [&](std::int64_t index) {
    const Element result = reduce_one<Element>(inputs, index, ranks[0]->reduction);
    for (Element* output : outputs)
      output[index] = result;
  };
  threads.parallel_for(element_count(ranks[0]->input), reduce, reduction_grain);
}

template <class Element>
void reduce_parts(std::span<const tn_reduce_scatter_args* const> ranks, ThreadPool& threads) {
  std::vector<const Element*> inputs;
  for (const tn_reduce_scatter_args* args : ranks) {
    inputs.push_back(reinterpret_cast<const Element*>(address_of(args->input)));
  }
  const std::int64_t part = element_count(ranks[0]->output);
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    auto* output = reinterpret_cast<Element*>(address_of(ranks[rank]->output));
    const std::int64_t first = static_cast<std::int64_t>(rank) * part;
    const auto reduce = [&](std::int64_t index) {
      output[index] = reduce_one<Element>(inputs, first + index, ranks[0]->reduction);
    };
    threads.parallel_for(part, reduce, reduction_grain);
  }
}

void gather_all(std::span<const tn_all_gather_args* const> ranks) {
  const std::int64_t part = element_count(ranks[0]->input) * item_size(ranks[0]->input.dtype);
  if (part == 0) return;
  for (const tn_all_gather_args* receiver : ranks) {
    std::byte* output = address_of(receiver->output);
    for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
      std::memcpy(output + static_cast<std::int64_t>(rank) * part, address_of(ranks[rank]->input),
                  static_cast<std::size_t>(part));
    }
  }
}

std::int64_t row_bytes(const tn_tensor& tensor) {
  std::int64_t bytes = item_size(tensor.dtype);
  for (std::uint32_t axis = 1; axis < tensor.rank; ++axis)
    bytes *= tensor.shape[axis];
  return bytes;
}

// Where the rows for or from each peer begin: the running sum of `counts`, checked against `rows`.
std::vector<std::int64_t> row_starts(std::size_t rank, const char* name, const tn_tensor& counts,
                                     std::size_t world_size, std::int64_t rows) {
  const auto* values = reinterpret_cast<const std::int32_t*>(address_of(counts));
  std::vector<std::int64_t> starts{0};
  for (std::size_t peer = 0; peer < world_size; ++peer) {
    starts.push_back(starts.back() + values[peer]);
    if (values[peer] < 0 || starts.back() > rows) {
      throw Failure(TN_INVALID_ARGUMENT,
                    "[all_to_all_v] " + std::string(name) + "[" + std::to_string(peer) +
                        "] of rank " + std::to_string(rank) + " is out of range; expected 0.." +
                        std::to_string(rows - starts[peer]) + "; found " +
                        std::to_string(values[peer]));
    }
  }
  return starts;
}

void exchange_rows(std::span<const tn_all_to_all_v_args* const> ranks) {
  std::vector<std::vector<std::int64_t>> sends;
  std::vector<std::vector<std::int64_t>> receives;
  for (std::size_t rank = 0; rank < ranks.size(); ++rank) {
    const tn_all_to_all_v_args& args = *ranks[rank];
    sends.push_back(
        row_starts(rank, "send_counts", args.send_counts, ranks.size(), args.input.shape[0]));
    receives.push_back(row_starts(rank, "receive_counts", args.receive_counts, ranks.size(),
                                  args.output.shape[0]));
  }
  const std::int64_t bytes = row_bytes(ranks[0]->input);
  for (std::size_t from = 0; from < ranks.size(); ++from) {
    for (std::size_t to = 0; to < ranks.size(); ++to) {
      const std::int64_t rows = sends[from][to + 1] - sends[from][to];
      const std::int64_t expected = receives[to][from + 1] - receives[to][from];
      if (rows != expected) {
        throw Failure(TN_INVALID_ARGUMENT, "[all_to_all_v] rank " + std::to_string(from) +
                                               " sends rank " + std::to_string(to) +
                                               " another number of rows than that one receives; "
                                               "expected " +
                                               std::to_string(expected) + "; found " +
                                               std::to_string(rows));
      }
      if (rows * bytes == 0) continue;
      std::memcpy(address_of(ranks[to]->output) + receives[to][from] * bytes,
                  address_of(ranks[from]->input) + sends[from][to] * bytes,
                  static_cast<std::size_t>(rows * bytes));
    }
  }
}

std::uint32_t reduction_of(std::uint32_t op, const void* args) {
  if (op == TN_OP_all_reduce) return static_cast<const tn_all_reduce_args*>(args)->reduction;
  if (op == TN_OP_reduce_scatter) {
    return static_cast<const tn_reduce_scatter_args*>(args)->reduction;
  }
  return 0;
}

}  // namespace

Support query(const tn_all_reduce_args& args) {
  std::string problem = check_pair(args.input, args.output, args.world_size, 3);
  if (problem.empty()) {
    problem = check_rows(args.output.shape[0], args.input.shape[0], "output");
  }
  return answer("all_reduce", problem, check_reduction(args.input, args.reduction));
}

Support query(const tn_all_gather_args& args) {
  std::string problem = check_pair(args.input, args.output, args.world_size, TN_MAX_RANK);
  if (problem.empty()) {
    problem = check_rows(args.output.shape[0], args.input.shape[0] * args.world_size, "output");
  }
  return answer("all_gather", problem, {});
}

Support query(const tn_reduce_scatter_args& args) {
  std::string problem = check_pair(args.input, args.output, args.world_size, TN_MAX_RANK);
  if (problem.empty()) {
    problem = check_rows(args.input.shape[0], args.output.shape[0] * args.world_size, "input");
  }
  return answer("reduce_scatter", problem, check_reduction(args.input, args.reduction));
}

Support query(const tn_all_to_all_v_args& args) {
  std::string problem = check_pair(args.input, args.output, args.world_size, 2);
  if (problem.empty() && args.input.rank != 2) problem = "input must have rank 2";
  for (const tn_tensor* counts : {&args.send_counts, &args.receive_counts}) {
    if (!problem.empty()) break;
    if (counts->dtype != TN_DTYPE_I32 || counts->rank != 1 || !is_plain(*counts) ||
        counts->shape[0] != static_cast<std::int64_t>(args.world_size)) {
      problem = "counts must be contiguous i32 [" + std::to_string(args.world_size) + "]";
    }
  }
  return answer("all_to_all_v", problem, {});
}

std::string collective_mismatch(std::uint32_t op, std::span<const void* const> ranks) {
  const plugin::OpDescription& description = *plugin::find_op(op);
  for (const void* args : ranks) {
    if (reduction_of(op, args) != reduction_of(op, ranks[0])) {
      return "the ranks ask for different reductions";
    }
    for (const plugin::OperandField& field : description.operands) {
      const tn_tensor& first = plugin::operand_of(ranks[0], field);
      const tn_tensor& other = plugin::operand_of(args, field);
      // all_to_all_v may send and receive different numbers of rows on each rank.
      const std::uint32_t begin = op == TN_OP_all_to_all_v ? 1 : 0;
      if (first.dtype != other.dtype || first.rank != other.rank ||
          !std::equal(first.shape + begin, first.shape + TN_MAX_RANK, other.shape + begin)) {
        return std::string(field.name) + " has another shape or dtype on another rank";
      }
    }
  }
  return {};
}

void run_collective(std::uint32_t op, std::span<const void* const> ranks, ThreadPool& threads) {
  switch (op) {
    case TN_OP_all_reduce: {
      const auto args = typed<tn_all_reduce_args>(ranks);
      visit_reducible(args[0]->input.dtype,
                      [&](auto type) { reduce_all<decltype(type)>(args, threads); });
      return;
    }
    case TN_OP_reduce_scatter: {
      const auto args = typed<tn_reduce_scatter_args>(ranks);
      visit_reducible(args[0]->input.dtype,
                      [&](auto type) { reduce_parts<decltype(type)>(args, threads); });
      return;
    }
    case TN_OP_all_gather:
      return gather_all(typed<tn_all_gather_args>(ranks));
    case TN_OP_all_to_all_v:
      return exchange_rows(typed<tn_all_to_all_v_args>(ranks));
    default:
      throw Failure(TN_INTERNAL, "[op] op " + std::to_string(op) + " is no collective");
  }
}

}  // namespace tenon::cpu_reference
