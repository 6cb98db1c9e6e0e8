// The constants of one Ascend SoC that decide how long work takes, read from configs/soc/*.toml.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include <tenon/ops.h>

namespace tenon::ascend_emu::timing {

// Types that the matrix engine has a rate of its own for.
enum class CubeType { bf16, f16, f32, i8 };
inline constexpr std::size_t cube_type_count = 4;

struct CubeConstants {
  std::array<double, cube_type_count> tflops{};  // peak, indexed by CubeType
  double efficiency = 0;                         // share of the peak in a matmul without waits
};

// The vector cores. Work on a core starts cold (load, compute and store follow one another) and
// turns warm once its buffers are in rotation.
struct VectorConstants {
  double cores = 0;
  double cold_gigaelements_per_second = 0;  // of one core
  double warm_gigaelements_per_second = 0;  // of one core
  double cold_elements = 0;                 // a core's elements before it is warm
  double least_row_elements = 0;            // a shorter row takes as long, while cold
  double gigascores_per_second = 0;         // of attention's softmax, one core
};

struct HbmConstants {
  double gigabytes_per_second = 0;         // peak
  double efficiency = 0;                   // share of the peak that everything together reaches
  double attention_efficiency = 0;         // the same for the scattered blocks of a paged cache
  double row_major_weight_efficiency = 0;  // of a matmul whose weight is not in FRACTAL_NZ
};

struct L2Constants {
  double mebibytes = 0;
  double gigabytes_per_second = 0;  // to all cores together, hits and misses alike
};

struct CmoConstants {
  double gigabytes_per_second = 0;             // all prefetches of one stream
  double present_gigabytes_per_second = 0;     // over what L2 holds already
  double two_stream_gigabytes_per_second = 0;  // all together, when streams compete
  double fixed_us = 0;                         // of each prefetch, whatever its size
};

struct StreamConstants {
  double dispatch_us = 0;    // of an op's fixed time: before its cores begin to read
  double record_us = 0;      // what recording an event holds up its stream
  double wait_us = 0;        // what a wait holds up its stream after the event
  double graph_node_us = 0;  // between the nodes of a graph
};

// What each call costs the thread that makes it.
struct HostConstants {
  double op_us = 0;
  double copy_us = 0;
  double event_us = 0;  // record or wait
  double prefetch_us = 0;
  double graph_launch_us = 0;  // the whole graph
  double synchronize_us = 0;   // after what was waited for has come
};

struct CopyConstants {
  double host_gigabytes_per_second = 0;  // between host and device, either way
  double fixed_us = 0;
};

// One algorithm among ranks in two protocols: short messages and long ones.
struct CollectiveConstants {
  double short_latency_us = 0;
  double short_gigabytes_per_second = 0;  // received by one rank
  double long_latency_us = 0;
  double long_gigabytes_per_second = 0;
};

struct LinkConstants {
  double long_message_kibibytes = 0;  // of a rank, from which on the long protocol is taken
  double small_group_ranks = 0;       // groups up to this size have the small dispatch cost
  double node_ranks = 0;              // larger groups leave the node
  double between_nodes_gigabytes_per_second = 0;  // of one rank
  // Cards that are each linked with every other one by a link of its own. A smaller group has the
  // links among its ranks alone, (ranks - 1) / (full_mesh_ranks - 1) of all. 0: a switch, through
  // which any group has the whole rate.
  double full_mesh_ranks = 0;
};

// What a collective inside a network costs beyond the same one alone, whatever its size.
struct DispatchConstants {
  double small_group_us = 0;
  double large_group_us = 0;
};

// Ids of ops begin with 1.
inline constexpr std::size_t op_table_size = 26;

struct SocProfile {
  std::string name;
  CubeConstants cube;
  VectorConstants vector;
  HbmConstants hbm;
  L2Constants l2;
  CmoConstants cmo;
  StreamConstants stream;
  HostConstants host;
  CopyConstants copy;
  LinkConstants link;
  CollectiveConstants gather;
  CollectiveConstants scatter;
  CollectiveConstants exchange;
  DispatchConstants gather_dispatch;
  DispatchConstants scatter_dispatch;
  DispatchConstants reduce_dispatch;
  DispatchConstants exchange_dispatch;
  std::array<double, op_table_size> op_fixed_us{};  // by op id: device time of the smallest such op

  std::uint64_t l2_bytes() const {
    return static_cast<std::uint64_t>(l2.mebibytes * 1024.0 * 1024.0);
  }
  double hbm_bytes_per_second() const { return hbm.gigabytes_per_second * 1e9 * hbm.efficiency; }
};

// Reads a profile. `based_on = "FILE"` takes every constant that the file does not set from another
// one in the same folder, which may itself be based on another, up to four deep. Failure
// TN_INVALID_ARGUMENT with file:line for text that is no TOML, an unknown, missing or repeated
// constant, a wrong type and a value out of range.
SocProfile read_soc_profile(const std::filesystem::path& file);

}  // namespace tenon::ascend_emu::timing
