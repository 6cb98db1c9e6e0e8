// The part of a checkpoint's weight that one rank holds, cut by hand.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "program/program.hpp"

namespace tenon {

// `whole`: the packed weight, row-major, [stack, sum of rows, columns]; `columns` is 1 for vectors.
// `item`: bytes of an element. The bytes of what `weight.share` says.
std::vector<std::byte> cut_weight(const Weight& weight, int64_t columns, uint64_t item,
                                  std::span<const std::byte> whole);

}  // namespace tenon
