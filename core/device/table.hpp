// The function table of a plugin, checked and completed.
//
// Nothing of a plugin's table is used before the whole table has passed: it must reach to the last
// required slot and have no empty required slot. The host then works on a copy of full size, in
// which a stub that answers TN_UNIMPLEMENTED fills every optional slot that the plugin left out.
#pragma once

#include <tenon/device_api.h>

#include <bitset>
#include <cstddef>
#include <span>
#include <string_view>

namespace tenon {

// One slot of a table of either kind of plugin.
struct TableSlot {
  std::string_view name;
  size_t offset = 0;  // bytes from the start of the table
  bool required = false;
};

// Largest struct_size that is believed.
inline constexpr size_t max_table_bytes = 64 * 1024;

// Checks a table that starts with tn_table_header against its slots, in ascending order of offset:
// struct_size reaches past the last required slot and is at most max_table_bytes, and no required
// slot is NULL. Throws Error{input} that begins with "[where]" and names what is missing.
void check_table(const tn_table_header& table, std::span<const TableSlot> slots,
                 std::string_view where);

// The slots of tn_device_table (slots.def).
std::span<const TableSlot> device_slots();

// Positions of the slots in slots.def.
enum DeviceSlot : size_t {
#define TN_SLOT(name, need, since_major, since_minor) slot_##name,
#include <tenon/slots.def>
  device_slot_count
};

// A full-size copy of a device table. Value type; the functions stay the plugin's, so the library
// must outlive every copy.
class DeviceTable {
 public:
  // Throws Error{input}, see check_table. `where` names the plugin in errors.
  DeviceTable(const tn_device_table& from, std::string_view where);

  const tn_device_table* operator->() const { return &table_; }
  const tn_device_table& get() const { return table_; }

  // Whether the plugin itself offers the slot, that is, whether it is no stub. False for a name
  // that is no slot.
  bool offers(std::string_view slot) const;

 private:
  tn_device_table table_{};
  std::bitset<device_slot_count> offered_;
};

}  // namespace tenon
