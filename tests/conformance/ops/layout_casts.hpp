// Tensors in layouts other than row-major, as tests get and use them.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "ops/op_runner.hpp"

namespace tenon::conformance {

// Runs one copy_cast between two tensors of the suite, whichever layouts they are in, and gives the
// output's storage; nothing where op_query refuses and `required` is empty. `required`: the rule
// that a refusal breaks.
std::optional<HostTensor> cast(OpRunner& runner, const HostTensor& input, const HostTensor& output,
                               std::string_view required = "");

// Bytes of a FRACTAL_NZ tensor, and where element (m, n) of its last two dimensions lies in the
// fractals of one outer index, by the formula of types.h.
uint64_t fractal_nz_bytes(uint32_t dtype, const std::vector<int64_t>& shape);
std::vector<std::byte> fractal_nz_storage(const HostTensor& row_major);

}  // namespace tenon::conformance
