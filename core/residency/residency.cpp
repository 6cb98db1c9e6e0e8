#include "residency/residency.hpp"

#include <fmt/format.h>

#include "base/error.hpp"

namespace tenon {
namespace {

const char* with_article(ValueClass value_class) {
  switch (value_class) {
    case ValueClass::weight:
      return "a weight";
    case ValueClass::constant:
      return "a derived constant";
    case ValueClass::state:
      return "a state, which is created on the device";
    case ValueClass::metadata:
      return "metadata, which comes with each step";
    case ValueClass::activation:
      return "an activation, which lives within a step";
    case ValueClass::output:
      return "an output, which lives within a step";
  }
  return "a value of no class";
}

const Value& require_value(const Program& program, ValueId id) {
  if (id == 0 || id >= program.values.size()) {
    fail_input("residency", "there is no such value",
               fmt::format("1 to {}", program.values.size() - 1), std::to_string(id));
  }
  return program.values[id];
}

void require_resident_class(const Program& program, ValueId id) {
  const Value& value = require_value(program, id);
  if (value.value_class == ValueClass::weight || value.value_class == ValueClass::constant) return;
  fail_input(value.name, "cannot be resident", "a weight or a derived constant",
             with_article(value.value_class));
}

void require_streamed_class(const Program& program, ValueId id) {
  const Value& value = require_value(program, id);
  if (value.value_class == ValueClass::weight) return;
  fail_input(value.name, "cannot be streamed", "a weight", with_article(value.value_class));
}

}  // namespace

Residency::Residency(const Program& program) : stays_(program.values.size(), Stay::neither) {
  for (ValueId id = 1; id < program.values.size(); ++id) {
    const ValueClass value_class = program.values[id].value_class;
    if (value_class == ValueClass::weight || value_class == ValueClass::constant)
      stays_[id] = Stay::resident;
  }
}

Residency::Residency(const Program& program, std::span<const ValueId> resident)
    : stays_(program.values.size(), Stay::neither) {
  for (const ValueId id : resident)
    mark_resident(program, id);
}

void Residency::mark_resident(const Program& program, ValueId value) {
  require_resident_class(program, value);
  stays_.at(value) = Stay::resident;
}

void Residency::mark_streamed(const Program& program, ValueId value) {
  require_streamed_class(program, value);
  stays_.at(value) = Stay::streamed;
}

void Residency::check(const Program& program) const {
  for (ValueId id = 0; id < stays_.size(); ++id) {
    if (stays_[id] == Stay::resident) require_resident_class(program, id);
    if (stays_[id] == Stay::streamed) require_streamed_class(program, id);
  }
}

Residency stream_matrices(const Program& program) {
  std::vector<size_t> readers(program.values.size());
  std::vector<bool> looked_up(program.values.size());
  for (const Operation& operation : program.operations) {
    for (const Operand& operand : operation.operands) {
      ++readers[operand.value];
      if (operation.op == TN_OP_embedding) looked_up[operand.value] = true;
    }
  }
  Residency residency(program);
  for (const Weight& weight : program.weights) {
    const bool matrix = program.values[weight.value].dims.size() >= 2;
    if (matrix && readers[weight.value] == 1 && !looked_up[weight.value])
      residency.mark_streamed(program, weight.value);
  }
  return residency;
}

}  // namespace tenon
