#include "checkpoint/shard_index.hpp"

#include <nlohmann/json.hpp>
#include <string_view>

#include "base/error.hpp"
#include "base/mapped_file.hpp"
#include "checkpoint/printable.hpp"
#include "checkpoint/strict_json.hpp"

namespace tenon {
namespace {

using nlohmann::json;

constexpr size_t size_limit = 100'000'000;

bool is_plain_name(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.size() <= 255 &&
         name.find_first_of("/\\") == std::string_view::npos && printable(name) == name;
}

void read_total_size(const json& document, ShardIndex& index) {
  const auto metadata = document.find("metadata");
  if (metadata == document.end() || !metadata->is_object()) return;
  const auto total = metadata->find("total_size");
  if (total == metadata->end() || total->is_null()) return;
  if (total->is_number_unsigned()) {
    index.total_size = total->get<uint64_t>();
  } else {
    index.total_size_found = describe_json(*total);
  }
}

std::string file_name(const std::string& tensor, const json& value, const std::string& where) {
  if (!value.is_string()) {
    fail_input(where, "weight_map: the file of " + quoted_name(tensor) + " is not text",
               "a file name", describe_json(value));
  }
  auto name = value.get<std::string>();
  if (!is_plain_name(name)) {
    fail_input(where, "weight_map: the file of " + quoted_name(tensor) + " is not in this folder",
               "a plain file name without folders", quoted_name(name));
  }
  return name;
}

}  // namespace

ShardIndex read_shard_index(const std::filesystem::path& file) {
  const std::string where = file.string();
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  if (bytes.size() > size_limit) {
    fail_input(where, "the file is too large to be an index", "at most 100000000 bytes",
               std::to_string(bytes.size()));
  }
  const json document =
      parse_strict_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, where);
  if (!document.is_object()) {
    fail_input(where, "the index is not an object", "an object with weight_map",
               describe_json(document));
  }
  const auto map = document.find("weight_map");
  if (map == document.end() || !map->is_object() || map->empty()) {
    fail_input(where, "no usable weight_map", "an object of tensor name to file name",
               map == document.end() ? "no such key" : describe_json(*map));
  }

  ShardIndex index;
  std::map<std::string, uint32_t> position;
  for (const auto& [tensor, value] : map->items())
    position[file_name(tensor, value, where)] = 0;
  for (auto& [name, at] : position) {
    at = static_cast<uint32_t>(index.files.size());
    index.files.push_back(name);
  }
  for (const auto& [tensor, value] : map->items()) {
    index.file_of.emplace(tensor, position.at(value.get_ref<const std::string&>()));
  }
  read_total_size(document, index);
  return index;
}

}  // namespace tenon
