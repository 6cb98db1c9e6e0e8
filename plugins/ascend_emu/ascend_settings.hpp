// How a deployment wants its Ascend cards.
#pragma once

namespace tenon::ascend_emu {

// What becomes of a transposed view [E, N, K] as the weight of grouped_matmul.
enum class TransposedWeights {
  view,  // read through its strides, as aclnnGroupedMatmul does
  copy   // made contiguous before each call, as stacks do that do not trust the view
};

struct AscendSettings {
  bool strict_dtypes = false;  // refuse f32 activations where the real ops have none
  TransposedWeights transposed_weights = TransposedWeights::view;
  bool contents = true;  // false: nothing is computed, and buffers hold nothing
};

}  // namespace tenon::ascend_emu
