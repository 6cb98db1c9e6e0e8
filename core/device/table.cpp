#include "device/table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <tuple>

#include "device/status.hpp"

namespace tenon {
namespace {

enum Need { REQUIRED, OPTIONAL };

constexpr std::array<TableSlot, device_slot_count> slots = {{
#define TN_SLOT(name, need, since_major, since_minor) \
  {#name, offsetof(tn_device_table, name), need == REQUIRED},
#include <tenon/slots.def>
}};

using AnyFunction = void (*)();

bool is_empty(const tn_table_header& table, size_t offset) {
  AnyFunction function = nullptr;
  std::memcpy(&function, reinterpret_cast<const char*>(&table) + offset, sizeof function);
  return function == nullptr;
}

// Outputs are written on every path, also by a stub: NULL for handles, zero for plain values.
// Structs that carry struct_size are left as they are.
template <class T>
void clear_output(T) {}
template <class T>
void clear_output(T** out) {
  if (out != nullptr) *out = nullptr;
}
void clear_output(bool* out) {
  if (out != nullptr) *out = false;
}
void clear_output(int64_t* out) {
  if (out != nullptr) *out = 0;
}

template <size_t slot, class Function>
struct Stub;
template <size_t slot, class... Arguments>
struct Stub<slot, tn_status (*)(Arguments...)> {
  static tn_status call(Arguments... arguments) {
    (clear_output(arguments), ...);
    tn_error* error = std::get<sizeof...(Arguments) - 1>(std::tie(arguments...));
    const std::string text =
        error_text(slots[slot].name, "the plugin does not implement this slot");
    return write_error(error, TN_UNIMPLEMENTED, text);
  }
};

// The one slot whose output is an array.
tn_status no_communicators(tn_device* const*, uint32_t device_count, tn_communicator** out,
                           tn_error* error) {
  if (out != nullptr) std::fill_n(out, device_count, nullptr);
  return Stub<slot_communicator_create, decltype(tn_device_table::communicator_create)>::call(
      nullptr, 0, nullptr, error);
}

size_t minimum_bytes(std::span<const TableSlot> of) {
  size_t end = sizeof(tn_table_header);
  for (const TableSlot& slot : of) {
    if (slot.required) end = std::max(end, slot.offset + sizeof(AnyFunction));
  }
  return end;
}

}  // namespace

void check_table(const tn_table_header& table, std::span<const TableSlot> of,
                 std::string_view where) {
  const size_t minimum = minimum_bytes(of);
  if (table.struct_size < minimum || table.struct_size > max_table_bytes) {
    const auto missing = std::find_if(of.begin(), of.end(), [&](const TableSlot& slot) {
      return slot.required && slot.offset + sizeof(AnyFunction) > table.struct_size;
    });
    const std::string what =
        missing == of.end()
            ? "the table's struct_size is absurd"
            : fmt::format("the table ends before its required slot '{}'", missing->name);
    fail_input(where, what, fmt::format("struct_size from {} to {}", minimum, max_table_bytes),
               fmt::format("{}", table.struct_size));
  }
  for (const TableSlot& slot : of) {
    if (slot.required && is_empty(table, slot.offset)) {
      fail_input(where, fmt::format("the required slot '{}' of the table is empty", slot.name),
                 "a function", "NULL");
    }
  }
}

std::span<const TableSlot> device_slots() {
  return slots;
}

DeviceTable::DeviceTable(const tn_device_table& from, std::string_view where) {
  check_table(from.header, slots, where);
  const size_t known = std::min<size_t>(from.header.struct_size, sizeof table_);
  // A size in the middle of a slot ends the table before that slot.
  const size_t whole = known - (known - sizeof(tn_table_header)) % sizeof(AnyFunction);
  std::memcpy(&table_, &from, whole);
  table_.header.struct_size = sizeof table_;
#define TN_SLOT(name, need, since_major, since_minor)                        \
  offered_[slot_##name] = table_.name != nullptr;                            \
  if (table_.name == nullptr) {                                              \
    table_.name = &Stub<slot_##name, decltype(tn_device_table::name)>::call; \
  }
#include <tenon/slots.def>
  if (!offered_[slot_communicator_create]) table_.communicator_create = no_communicators;
}

bool DeviceTable::offers(std::string_view slot) const {
  const auto at = std::find_if(slots.begin(), slots.end(),
                               [&](const TableSlot& candidate) { return candidate.name == slot; });
  return at != slots.end() && offered_[static_cast<size_t>(at - slots.begin())];
}

}  // namespace tenon
