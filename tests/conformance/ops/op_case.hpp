// One call of one op with all it needs: attributes, contents of every operand, and what every
// written element must hold afterwards.
#pragma once

#include <tenon/ops.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "device/op_table.hpp"
#include "numeric/host_tensor.hpp"

namespace tenon::conformance {

// What an element of a written operand must hold.
struct Expected {
  enum class Kind : uint8_t {
    unchanged,  // the bits from before
    exact,      // these bits
    near,       // a value with an allowed deviation
    anything    // any bits (a bad index was used)
  };
  Kind kind = Kind::unchanged;
  uint64_t bits = 0;
  double value = 0;
  double allowed = 0;
};

// The call of one rank; an op that is no collective has one.
struct OpCall {
  std::vector<std::byte> args;       // attributes only; the runner fills in tensors and pointers
  std::vector<HostTensor> operands;  // in the order of ops.def
  std::vector<std::vector<Expected>> expected;    // by operand; empty for operands that are read
  std::vector<std::vector<int32_t>> host_arrays;  // in the order of ops.def
};

struct OpCase {
  std::string name;
  const OpInfo* op = nullptr;
  // The activation dtype; TN_DTYPE_NONE where the form has none (integers).
  uint32_t activation = TN_DTYPE_NONE;
  // The plain form of the op: weights of the activation dtype, nothing beyond what each model
  // needs. Required, contiguous and with the preferred activation dtype, of every device that
  // claims the op's profile.
  bool basic = false;
  bool quantised = false;  // a W8A8 form: required with TN_PROFILE_QUANTISED only
  std::vector<OpCall> ranks;

  template <class Args>
  Args& args(size_t rank = 0) {
    return *reinterpret_cast<Args*>(ranks[rank].args.data());
  }
  // By the name that ops.def gives; a wrong name ends the test as the suite's own mistake.
  size_t index(std::string_view operand) const;
  HostTensor& operand(std::string_view field, size_t rank = 0) {
    return ranks[rank].operands[index(field)];
  }
  HostTensor& operator[](std::string_view field) { return operand(field); }
  const HostTensor& operator[](std::string_view field) const {
    return ranks[0].operands[index(field)];
  }

  // What element `flat` of a written operand must hold.
  Expected& expect(std::string_view operand, int64_t flat, size_t rank = 0);
  void expect_bits(std::string_view operand, int64_t flat, uint64_t bits, size_t rank = 0);
  void expect_value(std::string_view operand, int64_t flat, double value, size_t rank = 0);
  void expect_near(std::string_view operand, int64_t flat, double value, double allowed,
                   size_t rank = 0);
  // With the tolerance of ops.h for the operand's dtype.
  void expect_sum(std::string_view operand, int64_t flat, double value, double k, double s,
                  size_t rank = 0);
  // Every element of every written operand may hold anything.
  void expect_anything();

  bool contiguous() const;
};

OpCase new_case(uint32_t op, std::string name, size_t args_size, size_t ranks);

template <class Args>
OpCase new_case(std::string name, size_t ranks = 1) {
  return new_case(op_of<Args>, std::move(name), sizeof(Args), ranks);
}

}  // namespace tenon::conformance
