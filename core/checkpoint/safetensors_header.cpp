#include "checkpoint/safetensors_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.hpp"
#include "checkpoint/file_kind.hpp"
#include "checkpoint/header_reader.hpp"
#include "checkpoint/printable.hpp"

namespace tenon {
namespace {

constexpr uint64_t length_bytes = 8;

uint64_t little_endian_u64(std::span<const std::byte> bytes) {
  uint64_t value = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    value |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  }
  return value;
}

[[noreturn]] void refuse_start(std::span<const std::byte> file, std::string_view where,
                               std::string_view expected, std::string_view found) {
  const std::string_view kind = recognise_foreign_file(file);
  if (!kind.empty()) {
    fail_input(where, "not a safetensors file", "a header length and a JSON header", kind);
  }
  fail_input(where, "not a complete safetensors file", expected, found);
}

std::string_view header_text(std::span<const std::byte> file, std::string_view where) {
  if (file.empty()) fail_input(where, "the file is empty", "a safetensors file", "0 bytes");
  if (file.size() < length_bytes) {
    refuse_start(file, where, "at least 8 bytes", fmt::format("{} bytes", file.size()));
  }
  const uint64_t length = little_endian_u64(file);
  if (length > safetensors_header_limit) {
    refuse_start(file, where, "a header of at most 100000000 bytes",
                 fmt::format("a header length of {}", length));
  }
  if (length > file.size() - length_bytes) {
    refuse_start(file, where, fmt::format("a header of {} bytes", length),
                 fmt::format("{} bytes after the length", file.size() - length_bytes));
  }
  const auto header = file.subspan(length_bytes, length);
  return {reinterpret_cast<const char*>(header.data()), header.size()};
}

[[noreturn]] void refuse_size(const HeaderEntry& entry, std::string_view where) {
  fail_input(where, "tensor " + quoted_name(entry.name) + ": shape is too large",
             "a size in bits below 2^64", printable(shape_text(entry.shape), 80));
}

// Bytes that dtype and shape ask for.
uint64_t size_of(const HeaderEntry& entry, std::string_view where) {
  uint64_t bits = 1;
  for (const uint64_t dimension : entry.shape) {
    if (__builtin_mul_overflow(bits, dimension, &bits)) refuse_size(entry, where);
  }
  if (__builtin_mul_overflow(bits, uint64_t{stored_dtype_bits(entry.dtype)}, &bits)) {
    refuse_size(entry, where);
  }
  if (bits % 8 != 0) {
    fail_input(where, "tensor " + quoted_name(entry.name) + ": size is no whole number of bytes",
               "a multiple of 8 bits", fmt::format("{} bits", bits));
  }
  return bits / 8;
}

void check_size(const HeaderEntry& entry, std::string_view where) {
  if (entry.begin > entry.end) {
    fail_input(where, "tensor " + quoted_name(entry.name) + ": data_offsets are reversed",
               "begin <= end", fmt::format("[{}, {}]", entry.begin, entry.end));
  }
  const uint64_t wanted = size_of(entry, where);
  if (wanted == entry.end - entry.begin) return;
  fail_input(where, "tensor " + quoted_name(entry.name) + ": data_offsets do not fit its shape",
             fmt::format("{} bytes for {} {}", wanted, stored_dtype_name(entry.dtype),
                         printable(shape_text(entry.shape), 80)),
             fmt::format("{} bytes", entry.end - entry.begin));
}

// The tensors, sorted by offset, must cover [0, data_bytes) once.
void check_tiling(const std::vector<HeaderEntry>& entries, uint64_t data_bytes,
                  std::string_view where) {
  uint64_t covered = 0;
  for (const HeaderEntry& entry : entries) {
    if (entry.begin != covered) {
      fail_input(where,
                 "tensor " + quoted_name(entry.name) +
                     (entry.begin > covered ? " leaves a hole before it"
                                            : " overlaps the tensor before it"),
                 fmt::format("begin at byte {} of the data", covered),
                 fmt::format("{}", entry.begin));
    }
    covered = entry.end;
  }
  if (covered == data_bytes) return;
  if (covered > data_bytes) {
    fail_input(where, "the file is cut short", fmt::format("{} bytes of data", covered),
               fmt::format("{}", data_bytes));
  }
  fail_input(where, "bytes behind the last tensor", fmt::format("{} bytes of data", covered),
             fmt::format("{}", data_bytes));
}

}  // namespace

SafetensorsHeader parse_safetensors(std::span<const std::byte> file, std::string_view where) {
  const std::string_view text = header_text(file, where);
  HeaderContent content = read_safetensors_header(text, where);
  for (const HeaderEntry& entry : content.entries)
    check_size(entry, where);
  std::ranges::stable_sort(content.entries, {}, [](const HeaderEntry& entry) {
    return std::pair(entry.begin, entry.end);
  });
  const std::span<const std::byte> data = file.subspan(length_bytes + text.size());
  check_tiling(content.entries, data.size(), where);

  SafetensorsHeader header;
  header.metadata = std::move(content.metadata);
  header.tensors.reserve(content.entries.size());
  for (HeaderEntry& entry : content.entries) {
    header.tensors.push_back({std::move(entry.name), entry.dtype, std::move(entry.shape), 0,
                              data.subspan(entry.begin, entry.end - entry.begin)});
  }
  return header;
}

}  // namespace tenon
