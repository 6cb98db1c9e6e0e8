// Ops among other work of a stream: held back, prefetched, captured.
#include <fmt/format.h>

#include "ops/generic_tests.hpp"
#include "ops/op_runner.hpp"
#include "rules/gate.hpp"

namespace tenon::conformance {
namespace {

void synchronize_all(OpRunner& runner) {
  for (tn_stream* stream : runner.streams())
    runner.subject().synchronize(stream);
}

// One graph for each rank, of that rank's call alone.
class CapturedCase {
 public:
  CapturedCase(OpRunner& runner, PlacedCase& placed, const OpCase& values)
      : subject_(runner.subject()), runner_(runner) {
    tn_error error{};
    for (size_t rank = 0; rank < values.ranks.size(); ++rank) {
      tn_stream* stream = runner.streams()[rank];
      tn_node node = TN_NO_NODE;
      check_ok("TN-GRAPH-1", "graph_capture_begin",
               subject_.table().graph_capture_begin(stream, &error), error);
      check_ok("TN-GRAPH-5",
               fmt::format("op_enqueue of {}, case \"{}\", during capture, as capturable = 1 says",
                           values.op->name, values.name),
               placed.enqueue(rank, &node, &error), error);
      check(node != TN_NO_NODE, "TN-OP-18",
            fmt::format("op_enqueue of {} during capture", values.op->name),
            "a node id other than TN_NO_NODE", "TN_NO_NODE");
      tn_graph* graph = nullptr;
      check_ok("TN-GRAPH-1", "graph_capture_end",
               subject_.table().graph_capture_end(stream, &graph, &error), error);
      graphs_.push_back(graph);
      subject_.keep(graph);
    }
  }
  void launch() {
    tn_error error{};
    for (size_t rank = 0; rank < graphs_.size(); ++rank) {
      check_ok("TN-GRAPH-6", "graph_launch",
               subject_.table().graph_launch(graphs_[rank], runner_.streams()[rank], &error),
               error);
    }
  }
  void destroy() {
    for (tn_graph* graph : graphs_)
      subject_.destroy(graph);
  }

 private:
  Subject& subject_;
  OpRunner& runner_;
  std::vector<tn_graph*> graphs_;
};

void check_replays(OpRunner& runner, const OpCase& values, const OpCase& others,
                   const tn_op_support& support) {
  const auto eager = runner.run(others);
  PlacedCase placed = runner.place(values, support);
  synchronize_all(runner);
  CapturedCase captured(runner, placed, values);
  placed.download();
  placed.check_untouched("TN-GRAPH-1", "capturing without a launch");
  captured.launch();
  placed.download();
  placed.check("TN-GRAPH-6");
  // The same graph over other contents of the same tensors.
  placed.upload(others, {});
  captured.launch();
  placed.download();
  placed.check("TN-GRAPH-6");
  const std::string differs = difference(others, *eager, placed.outputs());
  captured.destroy();
  if (differs.empty() || !repeats(runner, others, *eager)) return;
  fail("TN-GRAPH-6",
       fmt::format("{}, case \"{}\", replayed and enqueued eagerly", values.op->name, values.name),
       "the same bits", differs);
}

void check_not_captured(OpRunner& runner, const OpCase& values, const tn_op_support& support) {
  Subject& subject = runner.subject();
  PlacedCase placed = runner.place(values, support);
  synchronize_all(runner);
  tn_error error{};
  tn_stream* stream = runner.streams()[0];
  check_ok("TN-GRAPH-1", "graph_capture_begin", subject.table().graph_capture_begin(stream, &error),
           error);
  check_refused("TN-GRAPH-5",
                fmt::format("op_enqueue of {}, case \"{}\", during capture, where op_query says "
                            "capturable = 0",
                            values.op->name, values.name),
                TN_UNSUPPORTED, placed.enqueue(0, nullptr, &error), error);
  tn_graph* graph = nullptr;
  check_ok("TN-GRAPH-5", "graph_capture_end after a refused op",
           subject.table().graph_capture_end(stream, &graph, &error), error);
  subject.keep(graph);
  subject.destroy(graph);
  placed.enqueue();
  placed.download();
  placed.check("TN-GRAPH-5");
}

}  // namespace

void arguments_copied(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-OP-7");
  for (const OpCase& values : spread(suite.canonical(runner.grid()), context.full() ? 100 : 8)) {
    const auto support = runner.supported(values);
    if (!support) continue;
    PlacedCase placed = runner.place(values, *support);
    synchronize_all(runner);
    Gate gate(runner.subject());
    gate.enter(runner.streams()[0]);
    placed.enqueue();
    for (size_t rank = 0; rank < values.ranks.size(); ++rank) {
      std::fill(placed.args(rank).begin(), placed.args(rank).end(), std::byte{0xee});
      for (auto& array : placed.host_arrays(rank))
        std::fill(array.begin(), array.end(), 0x0eeeeeee);
    }
    gate.open();
    placed.download();
    placed.check("TN-OP-7");
    runner.count();
  }
  runner.finish();
}

void out_node(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  for (const OpCase& values : spread(suite.canonical(runner.grid()), 4)) {
    const auto support = runner.supported(values);
    if (!support) continue;
    PlacedCase placed = runner.place(values, *support);
    for (size_t rank = 0; rank < values.ranks.size(); ++rank) {
      tn_node node = 77;
      tn_error error{};
      check_ok("TN-OP-3", fmt::format("op_enqueue of {}", values.op->name),
               placed.enqueue(rank, &node, &error), error);
      check(node == TN_NO_NODE, "TN-OP-18",
            fmt::format("op_enqueue of {}, case \"{}\", outside a capture", values.op->name,
                        values.name),
            "out_node TN_NO_NODE", fmt::format("{}", node));
    }
    placed.download();
    placed.check("TN-OP-10");
    runner.count();
  }
  runner.finish();
}

void prefetch_changes_nothing(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite, "TN-PRE-1");
  for (const OpCase& values : spread(suite.canonical(runner.grid()), context.full() ? 100 : 8)) {
    const auto without = runner.run(values);
    if (!without) continue;
    const tn_op_support support = *runner.supported(values);
    PlacedCase placed = runner.place(values, support);
    for (size_t rank = 0; rank < values.ranks.size(); ++rank) {
      for (size_t i = 0; i < values.op->operands.size(); ++i) {
        const tn_tensor tensor = placed.tensor(i, rank);
        if (tensor.storage_bytes == 0 || is_written(values.op->operands[i].access)) continue;
        tn_error error{};
        check_ok("TN-PRE-1", fmt::format("prefetch of {}", values.op->operands[i].name),
                 runner.subject().table().prefetch(runner.streams()[rank], &tensor, 0, UINT64_MAX,
                                                   &error),
                 error);
      }
    }
    placed.enqueue();
    placed.download();
    placed.check("TN-PRE-1");
    const std::string differs = difference(values, *without, placed.outputs());
    if (differs.empty() || !repeats(runner, values, *without)) continue;
    fail("TN-PRE-1",
         fmt::format("{}, case \"{}\", with and without prefetches", values.op->name, values.name),
         "the same bits", differs);
  }
  runner.finish();
}

void captured_equals_eager(Context& context, const OpSuite& suite) {
  OpRunner runner(context, suite);
  const size_t count = context.full() ? 60 : 6;
  const Cases cases = spread(suite.canonical(runner.grid()), count);
  const Cases others =
      spread(suite.canonical(runner.grid_with_seed(runner.grid().seed + 1)), count);
  for (size_t i = 0; i < cases.size(); ++i) {
    const auto support = runner.supported(cases[i]);
    if (!support) continue;
    if (support->capturable != 0) {
      check_replays(runner, cases[i], others[i], *support);
    } else {
      check_not_captured(runner, cases[i], *support);
    }
    runner.count();
  }
  runner.finish();
}

}  // namespace tenon::conformance
