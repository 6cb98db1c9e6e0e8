// From the program of a model to that of one rank under [parallel]; docs/parallel.md.
#pragma once

#include <cstdint>

#include "parallel/layout.hpp"
#include "program/program.hpp"

namespace tenon {

struct RankSettings {
  int64_t rank = 0;
  // Room for every row that may arrive at this rank's experts, whatever the routing. Otherwise for
  // those of an even routing, rounded up: enough to plan with.
  bool any_routing = false;
};

// `program` is whole, packed and quantised; weights of each rank are cut from the packed ones, by
// their tn_shard. The result is the same program with smaller weights, heads and caches, and with
// collectives between its ops; `tokens` and `sequences` count those of the rank's replica. Its
// prefetch names are those of `program`. With one rank it is `program` unchanged.
//
// Throws LayoutError for a layout that is none (find_mistake) and for a model that does not divide
// over it.
Program shard_program(const Program& program, const ParallelLayout& layout,
                      const RankSettings& settings = {});

}  // namespace tenon
