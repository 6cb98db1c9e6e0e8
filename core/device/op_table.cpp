#include "device/op_table.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <vector>

namespace tenon {
namespace {

constexpr Access READ = Access::read;
constexpr Access READ_OPTIONAL = Access::read_optional;
constexpr Access WRITE = Access::write;
constexpr Access UPDATE = Access::update;
constexpr Access UPDATE_OPTIONAL = Access::update_optional;

template <class Member>
constexpr bool is_tensor = std::is_same_v<Member, tn_tensor>;
template <class Member>
constexpr bool is_host_array = std::is_same_v<Member, const int32_t*>;

struct Lists {
  std::vector<OpOperand> operands;
  std::vector<OpAlias> aliases;
  std::vector<OpHostArray> host_arrays;
  std::vector<OpField> updatable;

  size_t operand_index(std::string_view name) const {
    const auto at = std::find_if(operands.begin(), operands.end(),
                                 [&](const OpOperand& operand) { return operand.name == name; });
    return static_cast<size_t>(at - operands.begin());
  }
};

template <class Args>
constexpr size_t communicator_offset() {
  if constexpr (requires(Args args) { args.communicator; }) {
    return offsetof(Args, communicator);
  } else {
    return 0;
  }
}

template <class Args>
constexpr size_t padding_offset() {
  if constexpr (requires(Args args) { args.reserved0; }) {
    return offsetof(Args, reserved0);
  } else {
    return 0;
  }
}

class Reflection {
 public:
  Reflection() {
    uint32_t last = 0;
#define TN_OP(id_value, op_name, op_class_value, since_major, since_minor) \
  last = std::max<uint32_t>(last, id_value);
#include <tenon/ops.def>
    lists_.resize(last + 1);
    collect();  // from here on the lists stay where they are: OpInfo points into them
#define TN_OP(id_value, op_name, op_class_value, since_major, since_minor)                 \
  add(id_value, #op_name, TN_CLASS_##op_class_value, TN_VERSION(since_major, since_minor), \
      sizeof(tn_##op_name##_args), communicator_offset<tn_##op_name##_args>(),             \
      padding_offset<tn_##op_name##_args>());
#include <tenon/ops.def>
    std::sort(ops_.begin(), ops_.end(),
              [](const OpInfo& a, const OpInfo& b) { return a.id < b.id; });
  }

  std::span<const OpInfo> ops() const {
    return ops_;
  }

 private:
  Lists& lists(uint32_t id) {
    return lists_[id];
  }

  void collect() {
#define TN_OPERAND(op, field, access)                        \
  static_assert(is_tensor<decltype(tn_##op##_args::field)>); \
  lists(TN_OP_##op).operands.push_back({#field, offsetof(tn_##op##_args, field), access});
#define TN_ALIAS(op, output, input) \
  lists(TN_OP_##op)                 \
      .aliases.push_back(           \
          {lists(TN_OP_##op).operand_index(#output), lists(TN_OP_##op).operand_index(#input)});
#define TN_HOST_ARRAY(op, field, count_field)                    \
  static_assert(is_host_array<decltype(tn_##op##_args::field)>); \
  lists(TN_OP_##op)                                              \
      .host_arrays.push_back(                                    \
          {#field, offsetof(tn_##op##_args, field), offsetof(tn_##op##_args, count_field)});
#define TN_UPDATABLE(op, field) \
  lists(TN_OP_##op)             \
      .updatable.push_back(     \
          {#field, offsetof(tn_##op##_args, field), sizeof(tn_##op##_args::field)});
#include <tenon/ops.def>
  }

  void add(uint32_t id, std::string_view name, tn_op_class op_class, uint32_t since,
           size_t args_size, size_t communicator, size_t padding) {
    const Lists& of = lists(id);
    ops_.push_back({id, name, op_class, since, args_size, communicator, padding, of.operands,
                    of.aliases, of.host_arrays, of.updatable});
  }

  std::vector<Lists> lists_;
  std::vector<OpInfo> ops_;
};

}  // namespace

std::span<const OpInfo> all_ops() {
  static const Reflection reflection;
  return reflection.ops();
}

const OpInfo* find_op(uint32_t id) {
  for (const OpInfo& op : all_ops()) {
    if (op.id == id) return &op;
  }
  return nullptr;
}

const OpInfo* find_op(std::string_view name) {
  for (const OpInfo& op : all_ops()) {
    if (op.name == name) return &op;
  }
  return nullptr;
}

std::string_view op_class_name(tn_op_class op_class) {
  switch (op_class) {
    case TN_CLASS_CUBE:
      return "cube";
    case TN_CLASS_ATTENTION:
      return "attention";
    case TN_CLASS_VECTOR:
      return "vector";
    case TN_CLASS_COPY:
      return "copy";
    case TN_CLASS_COMMUNICATION:
      return "communication";
  }
  return "unknown";
}

}  // namespace tenon
