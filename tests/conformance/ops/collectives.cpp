// all_reduce, all_gather, reduce_scatter and all_to_all_v.
#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "ops/op_suite.hpp"

namespace tenon::conformance {
namespace collectives_cases {

template <class Args>
OpCase empty(size_t world, const std::string& name, uint32_t dtype, bool basic) {
  auto made = new_case<Args>(name, world);
  made.activation = is_float(dtype) ? dtype : uint32_t{TN_DTYPE_NONE};
  made.basic = basic && is_float(dtype);
  for (size_t rank = 0; rank < world; ++rank)
    made.template args<Args>(rank).world_size = static_cast<uint32_t>(world);
  return made;
}

HostTensor contents(uint32_t dtype, std::vector<int64_t> shape, Random& random) {
  HostTensor tensor(dtype, std::move(shape));
  // Integers past what an f32 holds, whose sum over any few ranks still fits.
  return is_float(dtype) ? tensor.random(random, Fill::wide)
                         : tensor.random(random, -50'000'000, 50'000'000);
}

// Element `source` of every rank's input, reduced into element `flat` of one rank's output.
void expect_reduced(OpCase& made, uint32_t reduction, int64_t source, size_t rank, int64_t flat) {
  double value = made.operand("input", 0).at(source);
  double magnitude = std::abs(value);
  for (size_t other = 1; other < made.ranks.size(); ++other) {
    const double next = made.operand("input", other).at(source);
    value = reduction == TN_REDUCE_SUM ? value + next : std::max(value, next);
    magnitude += std::abs(next);
  }
  if (reduction == TN_REDUCE_MAX || !is_float(made.operand("input").dtype())) {
    made.expect_near("output", flat, value, 0, rank);
  } else {
    made.expect_sum("output", flat, value, static_cast<double>(made.ranks.size()), magnitude, rank);
  }
}

std::string form_name(const std::vector<int64_t>& shape, uint32_t dtype, uint32_t reduction) {
  return fmt::format("[{}] {} {}", fmt::join(shape, ", "), dtype_name(dtype),
                     reduction == TN_REDUCE_SUM ? "sum" : "max");
}

OpCase make_all_reduce(const Grid& grid, const std::vector<int64_t>& shape, uint32_t dtype,
                       uint32_t reduction, Random& random) {
  auto made = empty<tn_all_reduce_args>(grid.world, form_name(shape, dtype, reduction), dtype,
                                        reduction == TN_REDUCE_SUM);
  for (size_t rank = 0; rank < grid.world; ++rank) {
    made.args<tn_all_reduce_args>(rank).reduction = reduction;
    made.operand("input", rank) = contents(dtype, shape, random);
    made.operand("output", rank) = HostTensor(dtype, shape);
  }
  for (size_t rank = 0; rank < grid.world; ++rank) {
    for (int64_t i = 0; i < made.operand("output").count(); ++i)
      expect_reduced(made, reduction, i, rank, i);
  }
  return made;
}

OpCase make_reduce_scatter(const Grid& grid, const std::vector<int64_t>& shape, uint32_t dtype,
                           uint32_t reduction, Random& random) {
  auto made = empty<tn_reduce_scatter_args>(grid.world, form_name(shape, dtype, reduction), dtype,
                                            reduction == TN_REDUCE_SUM);
  std::vector<int64_t> whole = shape;
  whole[0] *= static_cast<int64_t>(grid.world);
  for (size_t rank = 0; rank < grid.world; ++rank) {
    made.args<tn_reduce_scatter_args>(rank).reduction = reduction;
    made.operand("input", rank) = contents(dtype, whole, random);
    made.operand("output", rank) = HostTensor(dtype, shape);
  }
  const int64_t part = made.operand("output").count();
  for (size_t rank = 0; rank < grid.world; ++rank) {
    for (int64_t i = 0; i < part; ++i)
      expect_reduced(made, reduction, static_cast<int64_t>(rank) * part + i, rank, i);
  }
  return made;
}

OpCase make_all_gather(const Grid& grid, const std::vector<int64_t>& shape, uint32_t dtype,
                       Random& random) {
  auto made = empty<tn_all_gather_args>(
      grid.world, fmt::format("[{}] {}", fmt::join(shape, ", "), dtype_name(dtype)), dtype, true);
  std::vector<int64_t> whole = shape;
  whole[0] *= static_cast<int64_t>(grid.world);
  for (size_t rank = 0; rank < grid.world; ++rank) {
    made.operand("input", rank) = HostTensor(dtype, shape).random_bits(random);
    made.operand("output", rank) = HostTensor(dtype, whole);
  }
  const int64_t part = made.operand("input").count();
  for (size_t rank = 0; rank < grid.world; ++rank) {
    for (int64_t i = 0; i < part * static_cast<int64_t>(grid.world); ++i) {
      made.expect_bits("output", i,
                       made.operand("input", static_cast<size_t>(i / part)).bits(i % part), rank);
    }
  }
  return made;
}

// counts[r][p]: rows from r to p; `spare` rows more than are sent and received.
OpCase make_all_to_all(const Grid& grid, const std::vector<std::vector<int64_t>>& counts,
                       int64_t width, int64_t spare, uint32_t dtype, Random& random) {
  const size_t world = grid.world;
  auto made = empty<tn_all_to_all_v_args>(
      world, fmt::format("rows of {} {}, {} spare", width, dtype_name(dtype), spare), dtype, true);
  int64_t most_sent = 0;
  int64_t most_received = 0;
  for (size_t rank = 0; rank < world; ++rank) {
    int64_t sent = 0;
    int64_t received = 0;
    for (size_t other = 0; other < world; ++other) {
      sent += counts[rank][other];
      received += counts[other][rank];
    }
    most_sent = std::max(most_sent, sent);
    most_received = std::max(most_received, received);
  }
  for (size_t rank = 0; rank < world; ++rank) {
    std::vector<int64_t> receives;
    for (size_t other = 0; other < world; ++other)
      receives.push_back(counts[other][rank]);
    made.operand("input", rank) = HostTensor(dtype, {most_sent + spare, width}).random_bits(random);
    made.operand("send_counts", rank) = indices(counts[rank]);
    made.operand("receive_counts", rank) = indices(receives);
    made.operand("output", rank) =
        HostTensor(dtype, {most_received + spare, width}).poison(Poison::written);
  }
  for (size_t rank = 0; rank < world; ++rank) {
    int64_t row = 0;
    for (size_t from = 0; from < world; ++from) {
      int64_t first = 0;
      for (size_t to = 0; to < rank; ++to)
        first += counts[from][to];
      for (int64_t i = 0; i < counts[from][rank] * width; ++i) {
        made.expect_bits("output", row * width + i,
                         made.operand("input", from).bits(first * width + i), rank);
      }
      row += counts[from][rank];
    }
  }
  return made;
}

std::vector<std::vector<int64_t>> draw_counts(Random& random, size_t world, int64_t most) {
  std::vector<std::vector<int64_t>> counts(world, std::vector<int64_t>(world));
  for (auto& row : counts) {
    for (int64_t& count : row)
      count = random.chance(0.3) ? 0 : random.integer(0, most);
  }
  return counts;
}

const std::vector<std::vector<int64_t>> shapes{{1}, {17}, {3, 33}, {5, 2, 31}, {2, 1027}};

using Reducer = OpCase (*)(const Grid&, const std::vector<int64_t>&, uint32_t, uint32_t, Random&);

Cases reduced_cases(const Grid& grid, Reducer reducer) {
  Random random(grid.seed);
  Cases cases;
  std::vector<uint32_t> dtypes = grid.activations();
  dtypes.push_back(TN_DTYPE_I32);
  for (const uint32_t dtype : dtypes) {
    for (const auto& shape : shapes) {
      for (const uint32_t reduction : {TN_REDUCE_SUM, TN_REDUCE_MAX})
        cases.push_back(reducer(grid, shape, dtype, reduction, random));
    }
  }
  return cases;
}

OpSuite reducing_suite(Reducer reducer) {
  OpSuite made;
  made.profile = TN_PROFILE_COLLECTIVES;
  made.canonical = [reducer](const Grid& grid) { return reduced_cases(grid, reducer); };
  made.draw = [reducer](const Grid& grid, Random& random) {
    return reducer(grid, {random.integer(1, 9), random.integer(1, 200)},
                   random.pick({uint32_t{TN_DTYPE_I32}, grid.activation}),
                   random.pick({uint32_t{TN_REDUCE_SUM}, uint32_t{TN_REDUCE_MAX}}), random);
  };
  made.zero_rows = [reducer](const Grid& grid) {
    Random random(grid.seed);
    return Cases{reducer(grid, {0, 17}, grid.activation, TN_REDUCE_SUM, random)};
  };
  return made;
}

OpSuite gathering_suite() {
  OpSuite made;
  made.profile = TN_PROFILE_COLLECTIVES;
  made.canonical = [](const Grid& grid) {
    Random random(grid.seed);
    Cases cases;
    for (uint32_t dtype = TN_DTYPE_F32; dtype <= TN_DTYPE_U8; ++dtype) {
      for (const auto& shape : shapes)
        cases.push_back(make_all_gather(grid, shape, dtype, random));
    }
    return cases;
  };
  made.draw = [](const Grid& grid, Random& random) {
    return make_all_gather(grid, {random.integer(1, 9), random.integer(1, 200)},
                           static_cast<uint32_t>(random.integer(1, 7)), random);
  };
  made.zero_rows = [](const Grid& grid) {
    Random random(grid.seed);
    return Cases{make_all_gather(grid, {0, 17}, grid.activation, random)};
  };
  return made;
}

OpSuite exchanging_suite() {
  OpSuite made;
  made.profile = TN_PROFILE_COLLECTIVES;
  made.canonical = [](const Grid& grid) {
    // The counts are attributes of a kind: a graph is replayed with them as they are.
    Random counts(1);
    Random random(grid.seed);
    Cases cases;
    for (uint32_t dtype = TN_DTYPE_F32; dtype <= TN_DTYPE_U8; ++dtype) {
      for (const int64_t spare : {0, 2}) {
        cases.push_back(
            make_all_to_all(grid, draw_counts(counts, grid.world, 5), 33, spare, dtype, random));
      }
    }
    return cases;
  };
  made.draw = [](const Grid& grid, Random& random) {
    return make_all_to_all(grid, draw_counts(random, grid.world, 9), random.integer(1, 100),
                           random.integer(0, 3), static_cast<uint32_t>(random.integer(1, 7)),
                           random);
  };
  made.zero_rows = [](const Grid& grid) {
    Random random(grid.seed);
    const std::vector<std::vector<int64_t>> none(grid.world, std::vector<int64_t>(grid.world, 0));
    return Cases{make_all_to_all(grid, none, 17, 0, grid.activation, random),
                 make_all_to_all(grid, none, 17, 3, grid.activation, random)};
  };
  made.bad_index = [](const Grid& grid) {
    Random random(grid.seed);
    Cases cases;
    for (const int64_t bad : {int64_t{-1}, int64_t{100000}}) {
      std::vector<std::vector<int64_t>> counts(grid.world, std::vector<int64_t>(grid.world, 1));
      OpCase one = make_all_to_all(grid, counts, 17, 0, grid.activation, random);
      for (size_t rank = 0; rank < grid.world; ++rank) {
        one.operand("send_counts", rank).fill(static_cast<double>(bad));
        one.operand("receive_counts", rank).fill(static_cast<double>(bad));
      }
      cases.push_back(std::move(one));
    }
    return cases;
  };
  made.not_read = [](const Grid& grid) {
    Random random(grid.seed);
    OpCase one =
        make_all_to_all(grid, draw_counts(random, grid.world, 3), 17, 5, grid.activation, random);
    return Cases{std::move(one)};
  };
  return made;
}

}  // namespace collectives_cases

const OpSuite& all_reduce_suite() {
  using namespace collectives_cases;
  static const OpSuite suite = reducing_suite(make_all_reduce);
  return suite;
}

const OpSuite& reduce_scatter_suite() {
  using namespace collectives_cases;
  static const OpSuite suite = reducing_suite(make_reduce_scatter);
  return suite;
}

const OpSuite& all_gather_suite() {
  using namespace collectives_cases;
  static const OpSuite suite = gathering_suite();
  return suite;
}

const OpSuite& all_to_all_v_suite() {
  using namespace collectives_cases;
  static const OpSuite suite = exchanging_suite();
  return suite;
}

}  // namespace tenon::conformance
