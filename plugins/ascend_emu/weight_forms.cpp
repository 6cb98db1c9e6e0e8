#include "ascend_emu/weight_forms.hpp"

#include "element.hpp"
#include "ops/check.hpp"
#include "ops/kernels.hpp"
#include "tensor_view.hpp"

namespace tenon::ascend_emu {

tn_tensor row_major_form(const tn_tensor& weight) {
  tn_tensor plain = weight;
  plain.buffer = nullptr;
  plain.byte_offset = 0;
  plain.layout = TN_LAYOUT_ROW_MAJOR;
  plain.storage_bytes = element_bytes(weight);
  std::int64_t stride = 1;
  for (std::uint32_t axis = weight.rank; axis-- > 0;) {
    plain.strides[axis] = stride;
    stride *= weight.shape[axis];
  }
  return plain;
}

bool is_fractal_nz(const tn_tensor& weight) {
  return weight.layout == TN_LAYOUT_FRACTAL_NZ;
}

bool is_transposed_view(const tn_tensor& weight) {
  return weight.layout == TN_LAYOUT_ROW_MAJOR && !cpu_reference::is_contiguous(weight);
}

std::uint64_t element_bytes(const tn_tensor& tensor) {
  return static_cast<std::uint64_t>(cpu_reference::element_count(tensor)) *
         static_cast<std::uint64_t>(cpu_reference::item_size(tensor.dtype));
}

void unpack(const tn_tensor& weight, tn_tensor target, host_runtime::ThreadPool& threads) {
  tn_copy_cast_args copy{};
  copy.struct_size = sizeof copy;
  copy.input = weight;
  copy.output = target;
  cpu_reference::run(copy, {}, threads);
}

}  // namespace tenon::ascend_emu
