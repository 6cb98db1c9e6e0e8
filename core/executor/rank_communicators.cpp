#include "executor/rank_communicators.hpp"

#include "base/error.hpp"

namespace tenon {
namespace {

std::vector<std::shared_ptr<const Communicator>> connect(const Backend& backend,
                                                         std::span<const Device> devices) {
  std::vector<const Device*> members;
  for (const Device& device : devices)
    members.push_back(&device);
  const auto group =
      std::make_shared<const std::vector<Communicator>>(backend.create_communicators(members));
  std::vector<std::shared_ptr<const Communicator>> ranks;
  for (const Communicator& rank : *group)
    ranks.emplace_back(group, &rank);
  return ranks;
}

}  // namespace

tn_communicator* RankCommunicators::of(RankGroup group) const {
  const auto& found = group == RankGroup::tensor ? tensor : all;
  if (group == RankGroup::none || !found) {
    fail_run("executor", "a collective has no communicator", "a device opened as a rank");
  }
  return found->get();
}

std::vector<RankCommunicators> connect_ranks(const Backend& backend,
                                             std::span<const Device> devices, int64_t tensor) {
  std::vector<RankCommunicators> ranks(devices.size());
  const auto size = static_cast<size_t>(tensor);
  for (size_t first = 0; size > 1 && first + size <= devices.size(); first += size) {
    const auto group = connect(backend, devices.subspan(first, size));
    for (size_t i = 0; i < size; ++i)
      ranks[first + i].tensor = group[i];
  }
  if (devices.size() > 1) {
    const auto group = connect(backend, devices);
    for (size_t i = 0; i < devices.size(); ++i)
      ranks[i].all = group[i];
  }
  return ranks;
}

}  // namespace tenon
