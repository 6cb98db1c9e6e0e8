#include "weights/weight_store.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.hpp"

namespace tenon {

WeightStore::WeightStore(const Program& program, std::shared_ptr<const Checkpoint> checkpoint,
                         const std::vector<WeightSource>& sources, const Device& device,
                         WeightPlacement placement, const WeightProgress& progress)
    : checkpoint_(std::move(checkpoint)),
      placement_(std::move(placement)),
      stored_(program.weights.size()) {
  for (const Weight& weight : program.weights) {
    if (weight.share.is_whole()) continue;
    fail_run("weights", "parts of a checkpoint's tensors cannot be loaded yet", "a whole weight",
             fmt::format("one rank's part of '{}'", program.values[weight.value].name));
  }
  uint64_t total = 0;
  for (const WeightSource& source : sources)
    total += source.bytes;
  uint64_t done = 0;
  const auto prepared = [&](size_t i) {
    done += sources[i].bytes;
    if (progress) progress(done, total);
  };
  WeightPreparer preparer(checkpoint_, device);
  // What is streamed first: its way to a layout of the device's own needs memory of the device,
  // which the slots take afterwards.
  for (const WeightGroup& group : placement_.groups.groups) {
    HostImage& image = images_.emplace_back(device, group.bytes);
    for (const WeightGroup::Member& member : group.members) {
      keep_on_host(program, sources, member, image, preparer);
      prepared(member.weight);
    }
  }
  for (size_t i = 0; i < sources.size(); ++i) {
    if (placement_.residency.is_streamed(program.weights[i].value)) continue;
    if (!sources[i].parts.empty()) keep_resident(program, sources, i, preparer);
    prepared(i);
  }
  make_slots(device);
  traffic_ = preparer.traffic();
}

WeightStore::WeightStore(const Program& program, const Device& device, WeightPlacement placement)
    : placement_(std::move(placement)), stored_(program.weights.size()) {
  for (size_t i = 0; i < stored_.size(); ++i) {
    WeightLayout& layout = placement_.layouts[i];
    if (layout.row_major.dtype == TN_DTYPE_NONE) continue;
    if (placement_.residency.is_streamed(program.weights[i].value)) continue;
    if (layout.needs_row_major()) {
      stored_[i].row_major = device.allocate(layout.row_major.storage_bytes);
      layout.row_major.buffer = stored_[i].row_major.get();
    }
    if (layout.has_native()) {
      stored_[i].native = device.allocate(layout.native.storage_bytes);
      layout.native.buffer = stored_[i].native.get();
    }
  }
  if (!placement_.groups.groups.empty()) images_.emplace_back(device, placement_.groups.slot_bytes);
  make_slots(device);
  if (!device.can(TN_KEEPS_NO_CONTENTS)) fill_with_zeros(device);
}

void WeightStore::fill_with_zeros(const Device& device) const {
  const Stream stream = device.create_stream("weights");
  const auto fill = [&](const Buffer& buffer) {
    if (buffer) stream.fill(buffer, 0, buffer.size(), 0, 1);
  };
  for (const Stored& stored : stored_) {
    fill(stored.row_major);
    fill(stored.native);
  }
  for (const Buffer& slot : slots_)
    fill(slot);
  stream.synchronize();
}

void WeightStore::keep_resident(const Program& program, const std::vector<WeightSource>& sources,
                                size_t i, WeightPreparer& preparer) {
  const Weight& weight = program.weights[i];
  WeightLayout& layout = placement_.layouts[i];
  Stored& stored = stored_[i];
  stored.row_major = preparer.row_major(weight, sources[i]);
  if (layout.has_native()) {
    stored.native = preparer.native(program.values[weight.value].name, layout, stored.row_major);
    layout.native.buffer = stored.native.get();
  }
  layout.row_major.buffer = stored.row_major.get();
}

void WeightStore::keep_on_host(const Program& program, const std::vector<WeightSource>& sources,
                               const WeightGroup::Member& member, HostImage& image,
                               WeightPreparer& preparer) {
  const Weight& weight = program.weights[member.weight];
  const WeightSource& source = sources[member.weight];
  const WeightLayout& layout = placement_.layouts[member.weight];
  const std::span<std::byte> bytes = image.bytes().subspan(member.offset, member.bytes);
  preparer.traffic().streamed_bytes += member.bytes;
  if (!layout.has_native()) {
    preparer.to_host(weight, source, bytes);
    return;
  }
  Buffer row_major = preparer.row_major(weight, source);
  const Buffer native = preparer.native(program.values[weight.value].name, layout, row_major);
  preparer.to_host(native, bytes);
}

void WeightStore::make_slots(const Device& device) {
  const WeightGroups& groups = placement_.groups;
  for (uint32_t i = 0; i < groups.slots; ++i)
    slots_.push_back(device.allocate(groups.slot_bytes));
  for (const WeightGroup& group : groups.groups) {
    for (const WeightGroup::Member& member : group.members) {
      WeightLayout& layout = placement_.layouts[member.weight];
      tn_tensor& tensor = layout.has_native() ? layout.native : layout.row_major;
      tensor.buffer = slots_[group.slot].get();
      tensor.byte_offset = member.offset;
    }
  }
}

void WeightStore::upload(uint32_t group, const Stream& stream) const {
  const HostImage& image = images_[std::min<size_t>(group, images_.size() - 1)];
  const WeightGroup& wanted = placement_.groups.groups[group];
  stream.copy_to_device(image.bytes().first(wanted.bytes), slots_[wanted.slot]);
}

tn_tensor WeightStore::tensor(uint32_t weight, uint32_t op, uint32_t operand) const {
  const std::vector<tn_layout_use>& uses = placement_.uses.at(weight);
  const WeightLayout& layout = placement_.layouts[weight];
  for (size_t i = 0; i < uses.size(); ++i) {
    if (uses[i].op == op && uses[i].operand == operand) return layout.read_by(i, uses[i]);
  }
  // A decomposed op may read a weight through another op than the program's own: row-major it is.
  if (layout.row_major.buffer == nullptr) {
    fail_run("weights",
             fmt::format("op {} reads weight {} in a way that was not announced", op, weight));
  }
  return layout.row_major;
}

}  // namespace tenon
