#include "parallel/weight_cut.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace tenon {
namespace {

// The dimension that counts rows: of a matrix the last but one, of a vector the last.
size_t row_dimension(const Program& program, const Weight& weight) {
  const size_t rank = program.values[weight.value].dims.size();
  const size_t stacked = weight.stack > 0 ? 1 : 0;
  return rank - stacked == 2 ? rank - 2 : rank - 1;
}

// Whether the weight still has to be cut.
bool begin_cut(const Program& program, const Weight& weight, const WeightShare& share) {
  if (weight.share.is_whole()) return true;
  if (weight.share == share) return false;
  fail_run("parallel", fmt::format("'{}' is cut in two ways", program.values[weight.value].name));
}

Weight& weight_of(Program& program, ValueId value) {
  return program.weights[program.values[value].index];
}

}  // namespace

void cut_rows(Program& program, ValueId value, const std::vector<WeightShare::Range>& rows) {
  Weight& weight = weight_of(program, value);
  WeightShare share;
  share.part_rows = rows;
  if (!begin_cut(program, weight, share)) return;
  int64_t kept = 0;
  for (const WeightShare::Range& part : rows)
    kept += part.count;
  program.values[value].dims[row_dimension(program, weight)] = kept;
  weight.share = share;
}

void cut_columns(Program& program, ValueId value, const WeightShare::Range& columns) {
  Weight& weight = weight_of(program, value);
  WeightShare share;
  share.columns = columns;
  if (!begin_cut(program, weight, share)) return;
  program.values[value].dims.back() = columns.count;
  weight.share = share;
}

void cut_stack(Program& program, ValueId value, const WeightShare::Range& matrices) {
  Weight& weight = weight_of(program, value);
  WeightShare share;
  share.stack = matrices;
  if (!begin_cut(program, weight, share)) return;
  program.values[value].dims.front() = matrices.count;
  weight.share = share;
}

ValueId copy_weight(Program& program, ValueId value, const std::string& name) {
  Value copy = program.values[value];
  Weight weight = weight_of(program, value);
  copy.name = name;
  copy.index = static_cast<uint32_t>(program.weights.size());
  program.values.push_back(std::move(copy));
  weight.value = static_cast<ValueId>(program.values.size() - 1);
  program.weights.push_back(std::move(weight));
  return program.weights.back().value;
}

}  // namespace tenon
