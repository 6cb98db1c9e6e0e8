#include "program/program.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tenon {

const char* value_class_name(ValueClass value_class) {
  switch (value_class) {
    case ValueClass::weight:
      return "weight";
    case ValueClass::constant:
      return "derived constant";
    case ValueClass::state:
      return "state";
    case ValueClass::metadata:
      return "metadata";
    case ValueClass::activation:
      return "activation";
    case ValueClass::output:
      return "output";
  }
  return "unknown";
}

const char* metadata_name(Metadata metadata) {
  static constexpr const char* names[metadata_count] = {
      "token_ids",       "positions", "slot_mapping", "block_table",
      "query_start_loc", "seq_lens",  "logit_rows"};
  return names[static_cast<uint32_t>(metadata)];
}

int64_t Value::columns() const {
  int64_t product = 1;
  for (const int64_t dim : dims)
    product *= dim;
  return product;
}

void Value::set_rows_of(const Value& model) {
  leading = model.leading;
  leading_times = model.leading_times;
  leading_divisor = model.leading_divisor;
  leading_share = model.leading_share;
  leading_spread = model.leading_spread;
}

bool Value::has_rows_of(const Value& other) const {
  return leading == other.leading && leading_times == other.leading_times &&
         leading_divisor == other.leading_divisor && leading_share == other.leading_share &&
         leading_spread == other.leading_spread;
}

std::string Value::dims_text() const {
  return fmt::format("[{}]", fmt::join(dims, ", "));
}

ValueId Operation::operand(size_t offset) const {
  for (const Operand& o : operands) {
    if (o.offset == offset) return o.value;
  }
  return 0;
}

}  // namespace tenon
