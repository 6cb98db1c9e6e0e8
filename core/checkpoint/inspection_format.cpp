#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string_view>

#include "checkpoint/inspection.hpp"
#include "checkpoint/printable.hpp"
#include "checkpoint/tensor_info.hpp"

namespace tenon {
namespace {

constexpr size_t widest_name = 80;

std::string size_text(uint64_t bytes) {
  constexpr std::array units = {"KiB", "MiB", "GiB", "TiB"};
  if (bytes < 1024) return fmt::format("{} bytes", bytes);
  auto value = static_cast<double>(bytes) / 1024.0;
  size_t unit = 0;
  while (value >= 1024.0 && unit + 1 < units.size()) {
    value /= 1024.0;
    ++unit;
  }
  return fmt::format("{:.1f} {} ({} bytes)", value, units.at(unit), bytes);
}

std::string joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) {
    if (!text.empty()) text += ", ";
    text += printable(item);
  }
  return text;
}

void append_line(std::string& text, std::string_view label, std::string_view value) {
  if (!value.empty()) text += fmt::format("{:<14}{}\n", fmt::format("{}:", label), value);
}

void append_tensors(std::string& text, const std::vector<InspectedTensor>& tensors) {
  size_t name_width = 4;
  size_t shape_width = 5;
  for (const InspectedTensor& tensor : tensors) {
    name_width = std::max(name_width, std::min(printable(tensor.name).size(), widest_name));
    shape_width = std::max(shape_width, std::min<size_t>(shape_text(tensor.shape).size(), 40));
  }
  const auto row = [&](std::string_view name, std::string_view dtype, std::string_view shape,
                       std::string_view bytes) {
    fmt::format_to(std::back_inserter(text), "  {:<{}}  {:<11}  {:<{}}  {:>12}\n", name, name_width,
                   dtype, shape, shape_width, bytes);
  };
  row("name", "dtype", "shape", "bytes");
  for (const InspectedTensor& tensor : tensors) {
    row(printable(tensor.name), stored_dtype_name(tensor.dtype), shape_text(tensor.shape),
        fmt::format("{}", tensor.bytes));
  }
}

}  // namespace

std::string to_text(const InspectionReport& report) {
  std::string text;
  append_line(text, "path", printable(report.path));
  append_line(text, "verdict", report.ok ? "ok" : "reject");
  append_line(text, "reason", printable(report.reason));
  append_line(text, "files", joined(report.files));
  append_line(text, "architecture", joined(report.architectures));
  append_line(text, "model type", printable(report.model_type));
  append_line(text, "dtype", report.dtype);
  for (const auto& [key, value] : report.metadata) {
    append_line(text, "metadata", printable(key) + " = " + printable(value, 200));
  }
  for (const std::string& note : report.notes)
    append_line(text, "note", printable(note));
  if (!report.ok) return text;
  append_line(text, "tensors",
              fmt::format("{}, {}", report.tensors.size(), size_text(report.total_bytes)));
  append_tensors(text, report.tensors);
  return text;
}

std::string to_json(const InspectionReport& report) {
  using nlohmann::ordered_json;
  ordered_json tensors = ordered_json::array();
  for (const InspectedTensor& tensor : report.tensors) {
    tensors.push_back({{"name", tensor.name},
                       {"dtype", stored_dtype_name(tensor.dtype)},
                       {"shape", tensor.shape},
                       {"bytes", tensor.bytes}});
  }
  const ordered_json document = {{"path", report.path},
                                 {"verdict", report.ok ? "ok" : "reject"},
                                 {"reason", report.reason},
                                 {"files", report.files},
                                 {"tensors", std::move(tensors)},
                                 {"total_bytes", report.total_bytes},
                                 {"metadata", report.metadata},
                                 {"notes", report.notes},
                                 {"config",
                                  {{"architectures", report.architectures},
                                   {"model_type", report.model_type},
                                   {"dtype", report.dtype}}}};
  // ASCII, so that no terminal is confused; a path that is not UTF-8 must not stop the report.
  return document.dump(1, ' ', true, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace tenon
