// What op_query says, and that op_enqueue says the same.
#include <fmt/format.h>

#include <algorithm>

#include "ops/generic_tests.hpp"
#include "ops/op_runner.hpp"

namespace tenon::conformance {
namespace {

constexpr uint32_t unknown_op = 0x4242;

struct Nonsense {
  std::string what;
  uint32_t op;
  std::vector<std::byte> args;
};

void set_flags(std::vector<std::byte>& args, uint32_t flags) {
  std::memcpy(args.data() + sizeof(uint32_t), &flags, sizeof flags);
}

void set_struct_size(std::vector<std::byte>& args, size_t size) {
  const auto narrow = static_cast<uint32_t>(size);
  std::memcpy(args.data(), &narrow, sizeof narrow);
}

// Variations of arguments that no plugin of this version can support.
std::vector<Nonsense> nonsense(const OpInfo& op, const std::vector<std::byte>& args) {
  std::vector<Nonsense> list;
  for (const uint32_t flag : {1U, 0x80000000U}) {
    list.push_back({fmt::format("flags {:#x}", flag), op.id, args});
    set_flags(list.back().args, flag);
  }
  list.push_back({fmt::format("op id {:#x}", unknown_op), unknown_op, args});
  const std::string_view first = op.operands[0].name;
  list.push_back({fmt::format("{} of dtype u8", first), op.id, args});
  operand_tensor(list.back().args.data(), op.operands[0]).dtype = TN_DTYPE_U8;
  list.push_back({fmt::format("{} in the layout {:#x}", first, 0x7777), op.id, args});
  operand_tensor(list.back().args.data(), op.operands[0]).layout = 0x7777;
  list.push_back({fmt::format("{} with a reserved word", first), op.id, args});
  operand_tensor(list.back().args.data(), op.operands[0]).reserved1[1] = 1;
  return list;
}

// The first case of the suite that the device supports, without rows that are empty.
std::optional<OpCase> supported_case(OpRunner& runner, const OpSuite& suite) {
  for (OpCase& values : suite.canonical(runner.grid())) {
    if (runner.supported(values)) return std::move(values);
  }
  return std::nullopt;
}

// As with memory behind them: offsets, storage and host arrays, which point to `garbage`.
std::vector<std::byte> args_with_memory(const OpCase& values, const std::vector<int32_t>& garbage) {
  std::vector<std::byte> args = blank_args(values, 0);
  for (size_t i = 0; i < values.op->operands.size(); ++i) {
    const HostTensor& tensor = values.ranks[0].operands[i];
    if (!tensor.present()) continue;
    tn_tensor& placed = operand_tensor(args.data(), values.op->operands[i]);
    placed.byte_offset = 3 * item_bytes(tensor.dtype());
    placed.storage_bytes = tensor.storage().size() + 64;
  }
  for (size_t i = 0; i < values.op->host_arrays.size(); ++i) {
    const OpHostArray& field = values.op->host_arrays[i];
    const int32_t* pointer = garbage.data();
    const auto count = static_cast<uint32_t>(values.ranks[0].host_arrays[i].size());
    std::memcpy(args.data() + field.offset, &pointer, sizeof pointer);
    std::memcpy(args.data() + field.count_offset, &count, sizeof count);
  }
  return args;
}

uint64_t estimate(Subject& subject, const OpCase& values, const std::vector<std::byte>& args) {
  const tn_op_support answer = query_op(subject, values.op->id, args.data());
  check(answer.supported == 1 || answer.estimated_ns == 0, "TN-OP-19",
        fmt::format("estimated_ns of {}, case \"{}\", which is not supported", values.op->name,
                    values.name),
        "0", fmt::format("{}", answer.estimated_ns));
  return answer.estimated_ns;
}

void check_unsupported(Subject& subject, const OpInfo& op, const Nonsense& strange) {
  const tn_op_support support = query_op(subject, strange.op, strange.args.data());
  check(support.supported == 0, "TN-OP-2",
        fmt::format("op_query of {} with {}", op.name, strange.what), "supported 0",
        fmt::format("{}", support.supported));
}

void check_refused_by_enqueue(PlacedCase& placed, const OpInfo& op, const Nonsense& strange) {
  tn_error error{};
  tn_node node = 77;
  const tn_status status = placed.enqueue_other(strange.op, strange.args, &node, &error);
  check_refused("TN-OP-4", fmt::format("op_enqueue of {} with {}", op.name, strange.what),
                TN_UNSUPPORTED, status, error);
  check(node == TN_NO_NODE, "TN-ERR-4",
        fmt::format("op_enqueue of {} with {} was refused", op.name, strange.what),
        "out_node TN_NO_NODE", fmt::format("{}", node));
  placed.download();
  placed.check_untouched("TN-OP-4", fmt::format("a refused op_enqueue with {}", strange.what));
}

}  // namespace

void query_ignores_buffers(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  for (const OpCase& values : suite.canonical(runner.grid())) {
    const auto blank = runner.supported(values);
    const std::vector<int32_t> garbage(64, -5);
    const std::vector<std::byte> args = args_with_memory(values, garbage);
    const tn_op_support filled = query_op(runner.subject(), values.op->id, args.data());
    check(
        filled.supported == (blank ? 1U : 0U) &&
            (!blank || (filled.capturable == blank->capturable &&
                        filled.workspace_bytes == blank->workspace_bytes)),
        "TN-OP-1",
        fmt::format("op_query of {}, case \"{}\", with offsets, storage and host arrays",
                    values.op->name, values.name),
        fmt::format("supported {}, as without them", blank ? 1 : 0),
        fmt::format("supported {}, workspace_bytes {}", filled.supported, filled.workspace_bytes));
    if (blank) runner.count();
  }
  for (const OpCase& values : spread(suite.canonical(runner.grid()), 6))
    runner.run(values);  // compares the answers with and without buffers
  runner.finish();
}

// Asked again, asked after other questions, and with memory.
void estimate_is_constant(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-19");
  Subject& subject = runner.subject();
  const Cases cases = suite.canonical(runner.grid());
  const std::vector<int32_t> garbage(64, -5);
  std::vector<uint64_t> first;
  for (const OpCase& values : cases)
    first.push_back(estimate(subject, values, blank_args(values, 0)));
  for (size_t i = 0; i < cases.size(); ++i) {
    for (const auto& args : {blank_args(cases[i], 0), args_with_memory(cases[i], garbage)}) {
      const uint64_t again = estimate(subject, cases[i], args);
      check(again == first[i], "TN-OP-19",
            fmt::format("estimated_ns of {}, case \"{}\", when asked again", cases[i].op->name,
                        cases[i].name),
            fmt::format("{}", first[i]), fmt::format("{}", again));
    }
    if (runner.supported(cases[i])) runner.count();
  }
  runner.finish();
}

void unsupported_is_sentence(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  Subject& subject = runner.subject();
  const OpCase values = suite.canonical(runner.grid()).front();
  const std::vector<std::byte> args = blank_args(values, 0);
  for (const Nonsense& strange : nonsense(*values.op, args))
    check_unsupported(subject, *values.op, strange);
  // A dtype that no version knows is a malformed call or an unsupported one; never a yes.
  std::vector<std::byte> unknown = args;
  operand_tensor(unknown.data(), values.op->operands[0]).dtype = 99;
  tn_op_support support{};
  support.struct_size = sizeof support;
  tn_error error{};
  subject.table().op_query(subject.device(), values.op->id, unknown.data(), &support, &error);
  check(support.supported == 0, "TN-OP-2",
        fmt::format("op_query of {} with an unknown dtype", values.op->name), "supported 0",
        fmt::format("{}", support.supported));
}

void enqueue_of_unsupported_refused(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  const auto values = supported_case(runner, suite);
  if (values) {
    PlacedCase placed = runner.place(*values, *runner.supported(*values));
    for (const Nonsense& strange : nonsense(*values->op, placed.args())) {
      check_refused_by_enqueue(placed, *values->op, strange);
    }
    // The refusals left the stream and the contents as they were.
    placed.enqueue();
    placed.download();
    placed.check("TN-OP-4");
    runner.count();
  }
  // Forms of the suite that this device refuses.
  for (const OpCase& refused : suite.canonical(runner.grid())) {
    const tn_op_support support =
        query_op(runner.subject(), refused.op->id, blank_args(refused, 0).data());
    if (support.supported != 0) continue;
    PlacedCase placed = runner.place(refused, support);
    check_refused_by_enqueue(placed, *refused.op,
                             {"case \"" + refused.name + "\"", refused.op->id, placed.args()});
    runner.count();
  }
  runner.finish();
}

void unknown_tail(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-ABI-18");
  const auto values = supported_case(runner, suite);
  if (!values) return runner.finish();
  const OpInfo& op = *values->op;
  Subject& subject = runner.subject();
  const tn_op_support known = *runner.supported(*values);
  PlacedCase placed = runner.place(*values, known);
  const size_t size = placed.args().size();
  constexpr size_t tail = 40;

  for (const size_t byte : {size, size + 17, size + tail - 1}) {
    Nonsense strange{fmt::format("byte {} of a newer field set", byte - size), op.id,
                     placed.args()};
    strange.args.resize(size + tail);
    set_struct_size(strange.args, size + tail);
    strange.args[byte] = std::byte{1};
    check_unsupported(subject, op, strange);
    check_refused_by_enqueue(placed, op, strange);
  }
  // A struct that is shorter than that of version 1.0.
  std::vector<std::byte> cut = placed.args();
  set_struct_size(cut, size - 8);
  tn_op_support support{};
  support.struct_size = sizeof support;
  tn_error error{};
  check_status("TN-ERR-6", fmt::format("op_query of {} with a struct_size below 1.0's", op.name),
               TN_INVALID_ARGUMENT,
               subject.table().op_query(subject.device(), op.id, cut.data(), &support, &error),
               error);

  for (size_t rank = 0; rank < values->ranks.size(); ++rank) {
    placed.args(rank).resize(size + tail);
    set_struct_size(placed.args(rank), size + tail);
  }
  const tn_op_support longer = query_op(subject, op.id, placed.args().data());
  check(longer.supported == 1 && longer.workspace_bytes == known.workspace_bytes, "TN-ABI-18",
        fmt::format("op_query of {} with a longer struct whose tail is zero", op.name),
        "the answer for the struct of this version",
        fmt::format("supported {}, workspace_bytes {}", longer.supported, longer.workspace_bytes));
  placed.enqueue();
  placed.download();
  placed.check("TN-ABI-17");
  runner.count();
  runner.finish();
}

}  // namespace tenon::conformance
