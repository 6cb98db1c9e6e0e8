// layout_for: what it may answer, and that the answer works (TN-LAY-3, 4, 5, 6, 8).
#include <optional>

#include <fmt/format.h>

#include "ops/layout_casts.hpp"

namespace tenon::conformance::layout_choice_test {
namespace {

// Operands of a suite's cases that may be in a layout of the device's choice.
struct Use {
  const OpSuite& suite;
  std::vector<std::string_view> operands;
  uint32_t role = TN_ROLE_WEIGHT;
  // Another op that uses the same tensors: a tied matrix, or the caches.
  uint32_t other_op = TN_OP_none;

  std::string_view other_operand(std::string_view operand) const {
    if (other_op == TN_OP_embedding) return "table";
    return other_op == TN_OP_linear ? "weight" : operand;
  }
};

tn_layout_use use_of(uint32_t op, std::string_view operand, bool transposed = false) {
  tn_layout_use use{};
  use.op = op;
  const OpInfo& info = *find_op(op);
  for (size_t i = 0; i < info.operands.size(); ++i) {
    if (info.operands[i].name == operand) use.operand = static_cast<uint32_t>(i);
  }
  use.transposed = transposed ? 1 : 0;
  return use;
}

bool is_transposed(const HostTensor& tensor) {
  const size_t rank = tensor.shape().size();
  return rank >= 2 && !tensor.contiguous() && tensor.swapped(rank - 2, rank - 1).contiguous();
}

// The row-major tensor of which a use is a view.
HostTensor stored(const HostTensor& tensor) {
  const size_t rank = tensor.shape().size();
  return is_transposed(tensor) ? tensor.swapped(rank - 2, rank - 1) : tensor;
}

tn_layout_answer ask(Subject& subject, const HostTensor& tensor, uint32_t role,
                     const std::vector<tn_layout_use>& uses) {
  const tn_tensor described = tensor.descriptor();
  tn_layout_request request{};
  request.struct_size = sizeof request;
  request.role = role;
  request.tensor = &described;
  request.uses = uses.data();
  request.use_count = static_cast<uint32_t>(uses.size());
  tn_layout_answer answer{};
  answer.struct_size = sizeof answer;
  tn_error error{};
  const std::string call =
      fmt::format("layout_for of [{}] {} for {}", fmt::join(tensor.shape(), ", "),
                  dtype_name(tensor.dtype()), find_op(uses.front().op)->name);
  check_ok("TN-LAY-4", call,
           subject.table().layout_for(subject.device(), &request, &answer, &error), error);
  check(answer.layout <= TN_LAYOUT_FRACTAL_NZ || answer.layout >= TN_LAYOUT_PRIVATE, "TN-LAY-3",
        call, "row-major, FRACTAL_NZ or an id from TN_LAYOUT_PRIVATE on",
        fmt::format("{:#x}", answer.layout));
  const uint64_t elements = static_cast<uint64_t>(tensor.count()) * item_bytes(tensor.dtype());
  const uint64_t least = answer.layout == TN_LAYOUT_FRACTAL_NZ
                             ? fractal_nz_bytes(tensor.dtype(), tensor.shape())
                             : elements;
  const bool exact = answer.layout < TN_LAYOUT_PRIVATE;
  check(exact ? answer.storage_bytes == least : answer.storage_bytes >= least, "TN-LAY-5", call,
        fmt::format("storage_bytes {}{}", exact ? "" : "at least ", least),
        fmt::format("{}", answer.storage_bytes));
  check(uses.size() == 64 || answer.row_major_uses >> uses.size() == 0, "TN-LAY-5", call,
        fmt::format("row_major_uses of {} uses", uses.size()),
        fmt::format("{:#x}", answer.row_major_uses));
  return answer;
}

// An operand in the layout that the device wants for it; nothing where it stays row-major.
std::optional<HostTensor> packed_operand(OpRunner& runner, const Use& use, const OpCase& values,
                                         std::string_view operand) {
  const HostTensor& plain = values[operand];
  const bool transposed = is_transposed(plain);
  const HostTensor whole = stored(plain);
  if (!plain.present() || plain.count() == 0 || !whole.contiguous()) return std::nullopt;
  std::vector<tn_layout_use> uses{use_of(values.op->id, operand, transposed)};
  if (use.other_op != TN_OP_none) uses.push_back(use_of(use.other_op, use.other_operand(operand)));
  const tn_layout_answer answer = ask(runner.subject(), whole, use.role, uses);
  runner.count();
  if (answer.layout == TN_LAYOUT_ROW_MAJOR) return std::nullopt;
  const HostTensor empty =
      HostTensor::in_layout(whole.dtype(), whole.shape(), answer.layout, answer.storage_bytes);
  const HostTensor packed = *cast(runner, whole, empty, "TN-LAY-5");
  const HostTensor back =
      *cast(runner, packed, HostTensor(whole.dtype(), whole.shape()), "TN-LAY-5");
  for (int64_t i = 0; i < whole.count(); ++i) {
    check(back.bits(i) == whole.bits(i), "TN-LAY-6",
          fmt::format("{} of {} cast to layout {:#x} and back, element {}", operand,
                      values.op->name, answer.layout, i),
          fmt::format("bits {:#x}", whole.bits(i)), fmt::format("bits {:#x}", back.bits(i)));
  }
  if ((answer.row_major_uses & 1) != 0) return std::nullopt;
  const size_t rank = plain.shape().size();
  return transposed ? packed.swapped(rank - 2, rank - 1) : packed;
}

// Packs operands of a case and runs the op with them; what comes out is checked by the case.
bool check_case(OpRunner& runner, const Use& use, const OpCase& values) {
  if (!runner.supported(values)) return false;
  OpCase with = values;
  bool written = false;
  bool packed = false;
  for (const std::string_view operand : use.operands) {
    auto tensor = packed_operand(runner, use, values, operand);
    if (!tensor) continue;
    packed = true;
    written = written || is_written(values.op->operands[values.index(operand)].access);
    with.name += fmt::format(", {} in layout {:#x}", operand, tensor->layout());
    with[operand] = std::move(*tensor);
  }
  if (!packed) return false;
  const tn_op_support support = query_op(runner.subject(), with.op->id, blank_args(with, 0).data());
  check(support.supported == 1, "TN-LAY-5",
        fmt::format("op_query of {}, case \"{}\"", with.op->name, with.name),
        "supported, as layout_for answered", support.reason);
  // What is written into a private layout cannot be read back element by element.
  if (!written) runner.run(with);
  return true;
}

void check_use(Context& context, const Use& use) {
  if (!context.subject().offers("layout_for")) {
    throw TestSkipped("the table does not offer layout_for");
  }
  OpRunner runner(context, use.suite, "TN-LAY-8");
  int tried = 0;
  for (const OpCase& values : use.suite.canonical(runner.grid())) {
    if (check_case(runner, use, values) && ++tried == (context.full() ? 1000 : 24)) break;
  }
  runner.finish();
}

}  // namespace

CONFORMANCE_TEST(layouts, weight_of_linear,
                 {.rules = {"TN-LAY-5", "TN-LAY-3", "TN-LAY-4", "TN-LAY-6", "TN-LAY-8"},
                  .profile = TN_PROFILE_DENSE}) {
  check_use(context, {linear_suite(), {"weight"}});
}

CONFORMANCE_TEST(layouts, tied_matrix_of_embedding_and_linear,
                 {.rules = {"TN-LAY-5", "TN-LAY-6"},
                  .profile = TN_PROFILE_DENSE,
                  .without_contents = true}) {
  check_use(context, {linear_suite(), {"weight"}, TN_ROLE_WEIGHT, TN_OP_embedding});
  check_use(context, {embedding_suite(), {"table"}, TN_ROLE_WEIGHT, TN_OP_linear});
}

CONFORMANCE_TEST(layouts, operand_of_batched_matmul,
                 {.rules = {"TN-LAY-5", "TN-LAY-6", "TN-LAY-8"}, .profile = TN_PROFILE_DENSE}) {
  check_use(context, {batched_matmul_suite(), {"b"}});
}

CONFORMANCE_TEST(layouts, weight_of_grouped_matmul,
                 {.rules = {"TN-LAY-8", "TN-LAY-5", "TN-LAY-6"}, .profile = TN_PROFILE_MOE}) {
  check_use(context, {grouped_matmul_suite(), {"weight"}});
}

CONFORMANCE_TEST(layouts, caches,
                 {.rules = {"TN-LAY-5", "TN-LAY-4"},
                  .profile = TN_PROFILE_DENSE,
                  .without_contents = true}) {
  const std::vector<std::string_view> both{"key_cache", "value_cache"};
  check_use(context, {paged_attention_suite(), both, TN_ROLE_KV_CACHE, TN_OP_kv_write});
  check_use(context, {kv_write_suite(), both, TN_ROLE_KV_CACHE, TN_OP_paged_attention});
}

}  // namespace tenon::conformance::layout_choice_test
