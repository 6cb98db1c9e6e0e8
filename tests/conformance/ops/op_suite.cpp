#include "ops/op_suite.hpp"

#include <algorithm>

namespace tenon::conformance {

std::vector<uint32_t> Grid::activations() const {
  std::vector<uint32_t> result{activation};
  for (const uint32_t dtype : float_dtypes) {
    if (dtype != activation) result.push_back(dtype);
  }
  return result;
}

int64_t Grid::block_size(int64_t wanted) const {
  int64_t size = (wanted + kv_block_multiple - 1) / kv_block_multiple * kv_block_multiple;
  if (kv_block_maximum > 0) {
    size = std::min(size, kv_block_maximum / kv_block_multiple * kv_block_multiple);
  }
  return size;
}

const std::vector<NamedSuite>& op_suites() {
  static const std::vector<NamedSuite> suites{
#define TN_OP(id, name, op_class, since_major, since_minor) \
  {find_op(uint32_t{id}), #name, name##_suite},
#include <tenon/ops.def>
  };
  return suites;
}

OpCase with_gaps(const OpCase& original, const OpSuite& suite, int64_t gap) {
  OpCase made = original;
  made.name += " strided";
  for (OpCall& call : made.ranks) {
    for (const std::string_view name : suite.strided) {
      HostTensor& tensor = call.operands[made.index(name)];
      if (tensor.present() && tensor.contiguous()) tensor = tensor.with_gaps(gap);
    }
  }
  return made;
}

}  // namespace tenon::conformance
