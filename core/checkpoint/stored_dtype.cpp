#include "checkpoint/stored_dtype.hpp"

#include <algorithm>
#include <array>

namespace tenon {
namespace {

struct Row {
  StoredDtype dtype;
  std::string_view name;
  uint32_t bits;
};

// In the order of the enumeration.
constexpr std::array rows = {
    Row{StoredDtype::boolean, "BOOL", 8},
    Row{StoredDtype::f4, "F4", 4},
    Row{StoredDtype::f6_e2m3, "F6_E2M3", 6},
    Row{StoredDtype::f6_e3m2, "F6_E3M2", 6},
    Row{StoredDtype::u8, "U8", 8},
    Row{StoredDtype::i8, "I8", 8},
    Row{StoredDtype::f8_e5m2, "F8_E5M2", 8},
    Row{StoredDtype::f8_e4m3, "F8_E4M3", 8},
    Row{StoredDtype::f8_e8m0, "F8_E8M0", 8},
    Row{StoredDtype::f8_e4m3fnuz, "F8_E4M3FNUZ", 8},
    Row{StoredDtype::f8_e5m2fnuz, "F8_E5M2FNUZ", 8},
    Row{StoredDtype::i16, "I16", 16},
    Row{StoredDtype::u16, "U16", 16},
    Row{StoredDtype::f16, "F16", 16},
    Row{StoredDtype::bf16, "BF16", 16},
    Row{StoredDtype::i32, "I32", 32},
    Row{StoredDtype::u32, "U32", 32},
    Row{StoredDtype::f32, "F32", 32},
    Row{StoredDtype::c64, "C64", 64},
    Row{StoredDtype::f64, "F64", 64},
    Row{StoredDtype::i64, "I64", 64},
    Row{StoredDtype::u64, "U64", 64},
};

constexpr bool in_order() {
  for (size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<size_t>(rows[i].dtype) != i) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

uint32_t stored_dtype_bits(StoredDtype dtype) {
  return rows.at(static_cast<size_t>(dtype)).bits;
}

std::string_view stored_dtype_name(StoredDtype dtype) {
  return rows.at(static_cast<size_t>(dtype)).name;
}

std::optional<StoredDtype> stored_dtype_from_name(std::string_view name) {
  const auto* row = std::ranges::find(rows, name, &Row::name);
  if (row == rows.end()) return std::nullopt;
  return row->dtype;
}

}  // namespace tenon
