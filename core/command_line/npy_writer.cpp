#include "command_line/npy_writer.hpp"

#include <fmt/format.h>

#include <bit>
#include <string_view>

#include "base/error.hpp"

namespace tenon {
namespace {

static_assert(std::endian::native == std::endian::little, "the file is little-endian");

constexpr size_t header_alignment = 64;
constexpr std::string_view magic{"\x93NUMPY\x01\x00", 8};

std::string header(int64_t rows, int64_t columns) {
  std::string dictionary =
      fmt::format("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}, {}), }}", rows, columns);
  const size_t unpadded = magic.size() + 2 + dictionary.size() + 1;
  dictionary.append((header_alignment - unpadded % header_alignment) % header_alignment, ' ');
  dictionary += '\n';
  std::string text(magic);
  text += static_cast<char>(dictionary.size() & 0xffU);
  text += static_cast<char>(dictionary.size() >> 8U);
  return text + dictionary;
}

}  // namespace

NpyWriter::NpyWriter(const std::filesystem::path& target)
    : name_(target.string()), file_("--logits", target) {}

void NpyWriter::begin(int64_t rows, int64_t columns) {
  missing_ = rows * columns;
  file_.write(header(rows, columns));
}

void NpyWriter::append(std::span<const float> values) {
  missing_ -= static_cast<int64_t>(values.size());
  if (missing_ < 0) fail_run(name_, "the model gave more logits than were asked for");
  const std::span<const std::byte> bytes = std::as_bytes(values);
  file_.write({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

void NpyWriter::finish() {
  if (missing_ != 0) {
    fail_run(name_, "the model gave fewer logits than were asked for", {},
             fmt::format("{} values are missing", missing_));
  }
  file_.finish();
}

}  // namespace tenon
