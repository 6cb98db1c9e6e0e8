// One matmul of a layer of experts: as a grouped_matmul, and as a loop of linears after reading back
// the rows of each expert. Plugins are loaded and called as the host does it.
//
//   grouped_matmul_bench [--benchmark_filter=ascend_emu]
#include <benchmark/benchmark.h>
#include <tenon/device_api.h>

#include <cstring>
#include <filesystem>
#include <numeric>
#include <random>
#include <string>
#include <vector>

#include "device/buffer.hpp"
#include "device/device.hpp"
#include "device/stream.hpp"
#include "device/tensor.hpp"
#include "plan/expert_loop.hpp"
#include "plugin/plugin.hpp"

namespace tenon {
namespace {

struct Shape {
  int64_t experts, inner, columns, per_token, tokens;
  int64_t rows() const { return tokens * per_token; }
};

Device open_backend(const std::string& name) {
  const auto plugin = LoadedPlugin::load(
      std::filesystem::path(TENON_BUILT_PLUGINS) / ("lib" + name + ".so"), device_plugins());
  return Backend(device_table(*plugin), plugin->host(), {}, plugin).open(0);
}

// Each token takes per_token experts at random, the same in every run.
std::vector<int32_t> random_group_sizes(const Shape& shape) {
  std::mt19937 random(7);
  std::vector<int32_t> sizes(static_cast<size_t>(shape.experts));
  std::vector<size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (int64_t token = 0; token < shape.tokens; ++token) {
    for (size_t i = 0; i < static_cast<size_t>(shape.per_token); ++i) {
      std::swap(order[i], order[i + random() % (order.size() - i)]);
      ++sizes[order[i]];
    }
  }
  return sizes;
}

// f32 operands on a device; the weight is stored [E, N, K], as checkpoints do.
class Experts {
 public:
  Experts(const Device& device, const Shape& shape)
      : device_(device),
        stream_(device.create_stream()),
        input_(filled(shape.rows() * shape.inner)),
        weight_(filled(shape.experts * shape.columns * shape.inner)),
        output_(filled(shape.rows() * shape.columns)),
        sizes_(random_group_sizes(shape)),
        list_(device.allocate(sizes_.size() * sizeof(int32_t))) {
    stream_.copy_to_device(std::as_bytes(std::span(sizes_)), list_);
    args_.struct_size = sizeof args_;
    args_.input = tensor({shape.rows(), shape.inner}, input_);
    args_.weight = tensor({shape.experts, shape.columns, shape.inner}, weight_);
    std::swap(args_.weight.shape[1], args_.weight.shape[2]);
    std::swap(args_.weight.strides[1], args_.weight.strides[2]);
    const std::vector<int64_t> experts = {shape.experts};
    args_.group_list = row_major_tensor(TN_DTYPE_I32, experts, list_.get());
    args_.output = tensor({shape.rows(), shape.columns}, output_);
    const auto query = [&](uint32_t op, const void* args) {
      const OpSupport answer = device.query(op, args);
      tn_op_support support{};
      support.supported = answer.supported ? 1 : 0;
      support.workspace_bytes = answer.workspace_bytes;
      return support;
    };
    const uint64_t grouped = query(TN_OP_grouped_matmul, &args_).workspace_bytes;
    const uint64_t loop = query_expert_loop(args_, query).workspace_bytes;
    workspace_ = device.allocate(std::max<uint64_t>({grouped, loop, 1}));
    stream_.synchronize();
  }

  void run_grouped() {
    stream_.enqueue(args_, workspace_.range());
    stream_.synchronize();
  }

  void run_loop() {
    stream_.copy_to_host(list_, 0, std::as_writable_bytes(std::span(sizes_)));
    stream_.synchronize();
    for_each_expert(args_, sizes_, [&](const tn_linear_args& linear) {
      stream_.enqueue(linear, workspace_.range());
    });
    stream_.synchronize();
  }

 private:
  Buffer filled(int64_t elements) {
    std::vector<float> values(static_cast<size_t>(elements));
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = static_cast<float>(i % 61) / 64.0F - 0.5F;
    Buffer buffer = device_.allocate(values.size() * sizeof(float));
    stream_.copy_to_device(std::as_bytes(std::span(values)), buffer);
    return buffer;
  }
  static tn_tensor tensor(const std::vector<int64_t>& shape, const Buffer& buffer) {
    return row_major_tensor(TN_DTYPE_F32, shape, buffer.get());
  }

  Device device_;
  Stream stream_;
  Buffer input_, weight_, output_;
  std::vector<int32_t> sizes_;
  Buffer list_;
  Buffer workspace_;
  tn_grouped_matmul_args args_{};
};

void run(benchmark::State& state, const std::string& backend, const Shape& shape, bool loop) {
  Experts experts(open_backend(backend), shape);
  for (auto _ : state) {
    if (loop) {
      experts.run_loop();
    } else {
      experts.run_grouped();
    }
  }
  state.counters["rows/s"] = benchmark::Counter(static_cast<double>(shape.rows()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}

// Experts, inner, columns, experts for a token: gate_up of the demo, and a larger layer.
constexpr Shape layers[] = {{8, 192, 384, 2, 0}, {64, 512, 1024, 8, 0}};

void add_benchmarks() {
  for (const char* backend : {"cpu_reference", "ascend_emu"}) {
    for (Shape shape : layers) {
      for (const int64_t tokens : {1, 16, 256}) {
        shape.tokens = tokens;
        for (const bool loop : {false, true}) {
          const std::string name =
              std::string(backend) + "/" + std::to_string(shape.experts) + "x" +
              std::to_string(shape.inner) + "x" + std::to_string(shape.columns) +
              "/tokens:" + std::to_string(tokens) + (loop ? "/loop" : "/grouped");
          benchmark::RegisterBenchmark(
              name.c_str(), [=](benchmark::State& state) { run(state, backend, shape, loop); })
              ->Unit(benchmark::kMicrosecond)
              ->UseRealTime();
        }
      }
    }
  }
}

}  // namespace
}  // namespace tenon

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  tenon::add_benchmarks();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
