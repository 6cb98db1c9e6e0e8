#include "layers/validation/handles.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "layers/validation/violation.hpp"

namespace tenon::validation {
namespace {

// | 16 bits tag | 6 bits layer | 4 bits kind | 38 bits id |; an address that no memory has.
constexpr uint64_t tag = 0x7e4e;
constexpr unsigned layer_shift = 42;
constexpr unsigned kind_shift = 38;
constexpr uint64_t id_mask = (uint64_t{1} << kind_shift) - 1;

// Shared by all layers: a number is not used again when a layer's place is.
std::atomic<uint64_t> next_id{1};

uint64_t bits_of(const void* handle) {
  return reinterpret_cast<uint64_t>(handle);
}

Kind kind_in(const void* handle) {
  return static_cast<Kind>((bits_of(handle) >> kind_shift) & 0xf);
}

std::string what_it_is(const void* handle, bool destroyed) {
  if (handle == nullptr) return "NULL";
  if (destroyed) return fmt::format("a destroyed {}", kind_name(kind_in(handle)));
  return fmt::format("{}, which is no handle of this backend", handle);
}

}  // namespace

size_t layer_of(const void* handle) {
  if (bits_of(handle) >> 48 != tag) return most_layers;
  return std::min<size_t>((bits_of(handle) >> layer_shift) & 0x3f, most_layers);
}

void* Handles::add(std::shared_ptr<Object> object) {
  object->id = next_id.fetch_add(1);
  if (object->parent) ++object->parent->children;
  const uint64_t bits = tag << 48 | uint64_t{layer_} << layer_shift |
                        static_cast<uint64_t>(object->kind) << kind_shift | object->id;
  objects_.emplace(object->id, std::move(object));
  return reinterpret_cast<void*>(bits);
}

std::shared_ptr<Object> Handles::find(const void* handle, Kind kind, const char* call) const {
  const bool ours = layer_of(handle) == layer_;
  const uint64_t id = bits_of(handle) & id_mask;
  const auto at = ours ? objects_.find(id) : objects_.end();
  if (at == objects_.end()) {
    violate(rules::known_handle, call, fmt::format("the {} is not usable", kind_name(kind)),
            fmt::format("a living {} of this backend", kind_name(kind)),
            what_it_is(handle, ours && id != 0 && id < next_id.load()));
  }
  if (at->second->kind != kind) {
    violate(rules::known_handle, call, "the handle is of another kind",
            fmt::format("a {}", kind_name(kind)), at->second->text());
  }
  return at->second;
}

std::shared_ptr<Object> Handles::find_to_destroy(const void* handle, Kind kind,
                                                 const char* call) const {
  const uint64_t id = bits_of(handle) & id_mask;
  const bool ours = layer_of(handle) == layer_ && id != 0 && id < next_id.load();
  if (ours && !objects_.contains(id)) {
    violate(rules::destroyed_once, call,
            fmt::format("the {} was destroyed before", kind_name(kind_in(handle))));
  }
  if (ours && kind_in(handle) != kind) {
    violate(rules::destroyed_once, call, "the handle is of another kind",
            fmt::format("a {}", kind_name(kind)), objects_.at(id)->text());
  }
  return find(handle, kind, call);
}

std::vector<std::shared_ptr<Object>> Handles::all() const {
  std::vector<std::shared_ptr<Object>> objects;
  objects.reserve(objects_.size());
  for (const auto& [id, object] : objects_)
    objects.push_back(object);
  std::sort(objects.begin(), objects.end(),
            [](const auto& a, const auto& b) { return a->id < b->id; });
  return objects;
}

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::backend:
      return "backend";
    case Kind::device:
      return "device";
    case Kind::buffer:
      return "buffer";
    case Kind::stream:
      return "stream";
    case Kind::event:
      return "event";
    case Kind::graph:
      return "graph";
    case Kind::communicator:
      return "communicator";
  }
  return "object";
}

std::string Object::text() const {
  const std::string more = detail();
  return fmt::format("{} {}{}{}", kind_name(kind), id, more.empty() ? "" : " ", more);
}

std::string BufferObject::detail() const {
  return fmt::format("of {} bytes", size);
}

std::string StreamObject::detail() const {
  return label.empty() ? std::string() : fmt::format("'{}'", label);
}

}  // namespace tenon::validation
