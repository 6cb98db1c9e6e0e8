// What a case's memory must hold after the op.
#include <fmt/format.h>

#include <cmath>

#include "framework/outcome.hpp"
#include "ops/placed_case.hpp"

namespace tenon::conformance {
namespace {

uint64_t bits_at(const std::vector<std::byte>& bytes, uint64_t offset, uint64_t size) {
  uint64_t bits = 0;
  std::memcpy(&bits, bytes.data() + offset, size);
  return bits;
}

// "(2, 0, 5)" of a flat index.
std::string place_text(const HostTensor& tensor, int64_t flat) {
  std::string text;
  for (size_t axis = tensor.shape().size(); axis-- > 0;) {
    const int64_t extent = tensor.dim(axis);
    text = fmt::format("{}{}{}", flat % extent, text.empty() ? "" : ", ", text);
    flat /= extent;
  }
  return "(" + text + ")";
}

// An infinity stands for all results past the type's range.
bool is_near(uint32_t dtype, const Expected& expected, double found) {
  if (std::isnan(expected.value)) return std::isnan(found);
  if (std::isinf(expected.value)) return found == expected.value;
  const double boundary = overflow_boundary(dtype);
  const double low = expected.value - expected.allowed;
  const double high = expected.value + expected.allowed;
  if (std::isinf(found)) return found > 0 ? high >= boundary : low <= -boundary;
  if (low >= boundary || high <= -boundary) return false;
  return std::abs(found - expected.value) <= expected.allowed;
}

}  // namespace

std::string PlacedCase::where(size_t rank, size_t operand) const {
  const std::string of_rank = ranks_.size() > 1 ? fmt::format(" of rank {}", rank) : "";
  return fmt::format("{}, case \"{}\", {}{}", values_->op->name, values_->name,
                     values_->op->operands[operand].name, of_rank);
}

void PlacedCase::check(std::string_view rule) const {
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    for (size_t i = 0; i < ranks_[rank].operands.size(); ++i)
      check_operand(rank, i, true, rule);
    check_workspace(rank);
  }
}

void PlacedCase::check_untouched(std::string_view rule, std::string_view after) const {
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    for (size_t i = 0; i < ranks_[rank].operands.size(); ++i) {
      if (ranks_[rank].operands[i].after == ranks_[rank].operands[i].before) continue;
      fail(rule, fmt::format("{} after {}", where(rank, i), after), "every byte as before",
           "other bytes");
    }
  }
}

void PlacedCase::check_surroundings() const {
  for (size_t rank = 0; rank < ranks_.size(); ++rank) {
    for (size_t i = 0; i < ranks_[rank].operands.size(); ++i)
      check_operand(rank, i, false, "TN-OP-8");
    check_workspace(rank);
  }
}

void PlacedCase::check_workspace(size_t rank) const {
  const Rank& own = ranks_[rank];
  for (size_t i = 0; i < own.workspace_after.size(); ++i) {
    if (i >= guard_bytes && i < guard_bytes + own.workspace_bytes) continue;
    if (own.workspace_after[i] == own.workspace_before[i]) continue;
    fail("TN-OP-5",
         fmt::format("{}, case \"{}\", wrote outside its workspace of {} bytes", values_->op->name,
                     values_->name, own.workspace_bytes),
         "no byte changed outside the range",
         fmt::format("byte {} of the workspace changed",
                     static_cast<int64_t>(i) - static_cast<int64_t>(guard_bytes)));
  }
}

void PlacedCase::check_operand(size_t rank, size_t index, bool elements,
                               std::string_view rule) const {
  const Operand& operand = ranks_[rank].operands[index];
  const HostTensor& tensor = values_->ranks[rank].operands[index];
  if (operand.buffer == nullptr) return;
  // The input under an alias is looked at as the output that lies over it.
  for (const Operand& other : ranks_[rank].operands) {
    if (other.aliased && &other != &operand && other.buffer == operand.buffer) return;
  }
  const bool written = is_written(values_->op->operands[index].access);
  if (operand.after != operand.before) {
    const std::vector<bool> owned = tensor.owned_bytes();
    for (size_t i = 0; i < operand.after.size(); ++i) {
      if (operand.after[i] == operand.before[i]) continue;
      const int64_t at = static_cast<int64_t>(i) - static_cast<int64_t>(operand.offset);
      const bool inside = at >= 0 && at < static_cast<int64_t>(owned.size());
      const bool element = inside && owned[static_cast<size_t>(at)];
      if (written && element) continue;
      fail("TN-OP-8",
           fmt::format("{}: {} changed", where(rank, index),
                       element  ? "an operand that is only read"
                       : inside ? "a gap between strided rows"
                                : "memory outside the operand"),
           "every byte as before",
           fmt::format("byte {} of {} changed from {:#04x} to {:#04x}", at, owned.size(),
                       static_cast<unsigned>(operand.before[i]),
                       static_cast<unsigned>(operand.after[i])));
    }
  }
  if (!written || !elements) return;
  for (int64_t flat = 0; flat < tensor.count(); ++flat)
    check_element(rank, index, flat, rule);
}

void PlacedCase::check_element(size_t rank, size_t index, int64_t flat,
                               std::string_view rule) const {
  const Operand& operand = ranks_[rank].operands[index];
  const HostTensor& tensor = values_->ranks[rank].operands[index];
  const auto& all = values_->ranks[rank].expected[index];
  const Expected expected = all.empty() ? Expected{} : all[static_cast<size_t>(flat)];
  const uint64_t item = item_bytes(tensor.dtype());
  const uint64_t at = operand.offset + tensor.offset(flat);
  const uint64_t found = bits_at(operand.after, at, item);
  const auto describe = [&](uint64_t bits) {
    return fmt::format("{:.9g} ({} bits {:#x})", decode(tensor.dtype(), bits),
                       dtype_name(tensor.dtype()), bits);
  };
  const std::string place = place_text(tensor, flat);
  if (expected.kind == Expected::Kind::exact || expected.kind == Expected::Kind::unchanged) {
    const bool keep = expected.kind == Expected::Kind::unchanged;
    const uint64_t wanted = keep ? bits_at(operand.before, at, item) : expected.bits;
    if (found == wanted) return;
    fail(keep ? "TN-OP-8" : rule, fmt::format("{}, element {}", where(rank, index), place),
         fmt::format("{}{}", describe(wanted), keep ? ", unchanged" : " exactly"), describe(found));
  }
  if (expected.kind != Expected::Kind::near) return;
  if (is_near(tensor.dtype(), expected, decode(tensor.dtype(), found))) return;
  fail(rule, fmt::format("{}, element {}", where(rank, index), place),
       fmt::format("{:.9g} within {:.3g}", expected.value, expected.allowed),
       fmt::format("{}, off by {:.3g}", describe(found),
                   std::abs(decode(tensor.dtype(), found) - expected.value)));
}

}  // namespace tenon::conformance
