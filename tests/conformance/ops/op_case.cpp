#include "ops/op_case.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace tenon::conformance {

OpCase new_case(uint32_t op, std::string name, size_t args_size, size_t ranks) {
  OpCase made;
  made.name = std::move(name);
  made.op = find_op(op);
  made.ranks.resize(ranks);
  for (OpCall& call : made.ranks) {
    call.args.resize(args_size);
    const auto size = static_cast<uint32_t>(args_size);
    std::memcpy(call.args.data(), &size, sizeof size);  // struct_size
    call.operands.resize(made.op->operands.size());
    call.expected.resize(made.op->operands.size());
    call.host_arrays.resize(made.op->host_arrays.size());
  }
  return made;
}

size_t OpCase::index(std::string_view operand) const {
  for (size_t i = 0; i < op->operands.size(); ++i) {
    if (op->operands[i].name == operand) return i;
  }
  throw std::logic_error(fmt::format("{} has no operand {}", op->name, operand));
}

Expected& OpCase::expect(std::string_view operand, int64_t flat, size_t rank) {
  const size_t at = index(operand);
  auto& expected = ranks[rank].expected[at];
  if (expected.empty()) expected.resize(static_cast<size_t>(ranks[rank].operands[at].count()));
  return expected.at(static_cast<size_t>(flat));
}

void OpCase::expect_bits(std::string_view operand, int64_t flat, uint64_t bits, size_t rank) {
  expect(operand, flat, rank) = {Expected::Kind::exact, bits, 0, 0};
}

void OpCase::expect_value(std::string_view operand, int64_t flat, double value, size_t rank) {
  expect_bits(operand, flat, encode(ranks[rank].operands[index(operand)].dtype(), value), rank);
}

void OpCase::expect_near(std::string_view operand, int64_t flat, double value, double allowed,
                         size_t rank) {
  expect(operand, flat, rank) = {Expected::Kind::near, 0, value, allowed};
}

void OpCase::expect_sum(std::string_view operand, int64_t flat, double value, double k, double s,
                        size_t rank) {
  const uint32_t dtype = ranks[rank].operands[index(operand)].dtype();
  expect_near(operand, flat, value, tolerance(dtype, value, k, s), rank);
}

void OpCase::expect_anything() {
  for (OpCall& call : ranks) {
    for (size_t i = 0; i < call.operands.size(); ++i) {
      if (!is_written(op->operands[i].access) || !call.operands[i].present()) continue;
      call.expected[i].assign(static_cast<size_t>(call.operands[i].count()),
                              {Expected::Kind::anything, 0, 0, 0});
    }
  }
}

bool OpCase::contiguous() const {
  for (const OpCall& call : ranks) {
    for (const HostTensor& tensor : call.operands) {
      if (!tensor.present()) continue;
      if (tensor.layout() != TN_LAYOUT_ROW_MAJOR || !tensor.contiguous()) return false;
    }
  }
  return true;
}

}  // namespace tenon::conformance
