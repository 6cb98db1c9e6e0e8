#include "ascend_emu/timing/collective_time.hpp"

#include <algorithm>

namespace tenon::ascend_emu::timing {
namespace {

struct Part {
  double latency_us;
  double seconds;
  std::uint64_t bytes;
};

// The share of a rank's links that lead to others of its group.
double links_in_group(std::uint32_t ranks, const LinkConstants& link) {
  if (ranks >= link.full_mesh_ranks) return 1;
  return (ranks - 1) / (link.full_mesh_ranks - 1);
}

// The rank receives `part` bytes from each other one; the protocol goes by the whole `message`.
Part exchange_parts(std::uint64_t part, std::uint64_t message, std::uint32_t ranks,
                    const CollectiveConstants& constants, const LinkConstants& link) {
  const bool is_long = static_cast<double>(message) >= link.long_message_kibibytes * 1024.0;
  double gigabytes_per_second =
      is_long ? constants.long_gigabytes_per_second : constants.short_gigabytes_per_second;
  gigabytes_per_second *= links_in_group(ranks, link);
  if (ranks > link.node_ranks) {
    gigabytes_per_second = std::min(gigabytes_per_second, link.between_nodes_gigabytes_per_second);
  }
  const std::uint64_t bytes = part * (ranks - 1);
  return {is_long ? constants.long_latency_us : constants.short_latency_us,
          static_cast<double>(bytes) / (gigabytes_per_second * 1e9), bytes};
}

double dispatch_us(const DispatchConstants& dispatch, const Collective& collective,
                   const LinkConstants& link) {
  return collective.ranks <= link.small_group_ranks ? dispatch.small_group_us
                                                    : dispatch.large_group_us;
}

CollectiveTime together(double fixed_us, std::initializer_list<Part> parts) {
  CollectiveTime time;
  double seconds = 0;
  for (const Part& part : parts) {
    fixed_us += part.latency_us;
    seconds += part.seconds;
    time.bytes += part.bytes;
  }
  time.fixed = from_microseconds(fixed_us);
  time.bytes_per_second = seconds > 0 ? static_cast<double>(time.bytes) / seconds : 0;
  return time;
}

}  // namespace

CollectiveTime collective_time(std::uint32_t op, const Collective& collective,
                               const SocProfile& profile) {
  const std::uint32_t ranks = collective.ranks;
  if (ranks <= 1) return {};
  const auto part = [&](std::uint64_t bytes, const CollectiveConstants& constants) {
    return exchange_parts(bytes, bytes, ranks, constants, profile.link);
  };
  const auto dispatch = [&](const DispatchConstants& constants) {
    return dispatch_us(constants, collective, profile.link);
  };
  switch (op) {
    case TN_OP_all_gather:
      return together(dispatch(profile.gather_dispatch), {part(collective.bytes, profile.gather)});
    case TN_OP_reduce_scatter:
      return together(dispatch(profile.scatter_dispatch),
                      {part(collective.bytes, profile.scatter)});
    case TN_OP_all_to_all_v:
      return together(dispatch(profile.exchange_dispatch),
                      {exchange_parts(collective.bytes / ranks, collective.bytes, ranks,
                                      profile.exchange, profile.link)});
    default:  // all_reduce
      return together(dispatch(profile.reduce_dispatch),
                      {part(collective.bytes / ranks, profile.scatter),
                       part(collective.bytes / ranks, profile.gather)});
  }
}

}  // namespace tenon::ascend_emu::timing
