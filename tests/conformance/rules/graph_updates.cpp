// graph_update and node ids (TN-GRAPH-8, TN-GRAPH-9).
#include <algorithm>
#include <cmath>

#include "framework/context.hpp"
#include "rules/attention_batch.hpp"
#include "rules/equal.hpp"
#include "rules/gate.hpp"
#include "rules/graph_capture.hpp"

namespace tenon::conformance::graph_updates_test {
namespace {

// A captured paged_attention over two keys.
struct Captured {
  explicit Captured(Context& context)
      : subject(context.subject()), stream(subject.stream()), batch(subject, 2) {
    const tn_paged_attention_args args = batch.args();
    if (op_support(subject, TN_OP_paged_attention, &args).capturable == 0) {
      throw TestSkipped("paged_attention is not capturable");
    }
    begin_capture(subject, stream);
    tn_error error{};
    check_ok("TN-GRAPH-5", "op_enqueue of a capturable op",
             subject.table().op_enqueue(stream, TN_OP_paged_attention, &args, batch.workspace(),
                                        &node, &error),
             error);
    check(node != TN_NO_NODE, "TN-GRAPH-9", "the id of a captured node", "not TN_NO_NODE",
          "TN_NO_NODE");
    graph = end_capture(subject, stream);
  }

  tn_status update(const tn_paged_attention_args& args, tn_error& error) {
    return subject.table().graph_update(graph, node, TN_OP_paged_attention, &args, &error);
  }
  void refused(const char* what, const tn_paged_attention_args& args) {
    tn_error error{};
    check_refused("TN-GRAPH-8", fmt::format("graph_update of {}", what), TN_INVALID_ARGUMENT,
                  update(args, error), error);
  }
  void check_output(const char* what, float expected) {
    launch(subject, graph, stream);
    subject.synchronize(stream);
    const float found = batch.output();
    check(std::abs(found - expected) < 1e-4F, "TN-GRAPH-8", what, fmt::format("{}", expected),
          fmt::format("{}", found));
  }

  Subject& subject;
  tn_stream* stream;
  AttentionBatch batch;
  tn_node node = TN_NO_NODE;
  tn_graph* graph = nullptr;
};

constexpr uint64_t capture = TN_CAN_CAPTURE_GRAPHS;

}  // namespace

CONFORMANCE_TEST(graph_updates, replace_host_arrays_by_copy,
                 {.rules = {"TN-GRAPH-8", "TN-GRAPH-6"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture}) {
  Captured captured(context);
  captured.batch.host_lengths[0] = -5;  // the capture has copied it
  captured.check_output("attention over two keys", 1.5F);
  for (const int32_t length : {4, 3, 1}) {
    captured.batch.set_device_length(length);
    captured.batch.host_lengths[0] = length;
    const tn_paged_attention_args longer = captured.batch.args();
    tn_error error{};
    check_ok("TN-GRAPH-8", "graph_update of the lengths", captured.update(longer, error), error);
    captured.batch.host_lengths[0] = -5;  // and so has the update
    const float expected = static_cast<float>(length + 1) / 2;
    captured.check_output("attention after an update", expected);
    captured.check_output("attention in a second launch after an update", expected);
  }
}

CONFORMANCE_TEST(graph_updates, of_other_fields_are_refused,
                 {.rules = {"TN-GRAPH-8", "TN-ERR-5"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture}) {
  Captured captured(context);
  tn_paged_attention_args other = captured.batch.args();
  other.scale = 2;
  captured.refused("an attribute", other);
  other = captured.batch.args();
  other.causal = 0;
  captured.refused("causal", other);
  other = captured.batch.args();
  other.max_seq_len = 3;
  captured.refused("max_seq_len", other);
  other = captured.batch.args();
  other.output = other.query;
  captured.refused("an operand", other);
  other = captured.batch.args();
  other.host_seq_lens_count = 2;
  captured.refused("the length of a host array", other);
  captured.check_output("attention after refused updates", 1.5F);
}

CONFORMANCE_TEST(graph_updates, of_other_nodes_and_ops_are_refused,
                 {.rules = {"TN-GRAPH-9", "TN-GRAPH-8"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture}) {
  Captured captured(context);
  const tn_device_table& table = captured.subject.table();
  const tn_paged_attention_args same = captured.batch.args();
  tn_error error{};
  for (const tn_node node : {static_cast<tn_node>(TN_NO_NODE), captured.node + 1000, UINT32_MAX}) {
    check_refused("TN-GRAPH-9", fmt::format("graph_update of node {}", node), TN_NOT_FOUND,
                  table.graph_update(captured.graph, node, TN_OP_paged_attention, &same, &error),
                  error);
  }
  const tn_copy_cast_args cast = copy_cast_args(same.query, same.output);
  check_refused("TN-GRAPH-8", "graph_update with another op", TN_INVALID_ARGUMENT,
                table.graph_update(captured.graph, captured.node, TN_OP_copy_cast, &cast, &error),
                error);
  captured.check_output("attention after refused updates", 1.5F);
}

CONFORMANCE_TEST(graph_updates, wait_for_no_launch,
                 {.rules = {"TN-GRAPH-8"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture | TN_CAN_CALL_HOST}) {
  Captured captured(context);
  const tn_paged_attention_args same = captured.batch.args();
  tn_error error{};
  {
    Gate gate(captured.subject);
    gate.enter(captured.stream);
    launch(captured.subject, captured.graph, captured.stream);
    check_refused("TN-GRAPH-8", "graph_update while a launch is pending", TN_INVALID_STATE,
                  captured.update(same, error), error);
  }
  captured.subject.synchronize(captured.stream);
  check_ok("TN-GRAPH-8", "graph_update after the launch", captured.update(same, error), error);
  captured.check_output("attention after a refused update", 1.5F);
}

CONFORMANCE_TEST(graph_updates, nodes_have_ids_in_captures_only,
                 {.rules = {"TN-GRAPH-9", "TN-OP-18"},
                  .profile = TN_PROFILE_GRAPH,
                  .needs = capture,
                  .without_contents = true}) {
  Subject& subject = context.subject();
  tn_stream* stream = subject.stream();
  tn_buffer* data = subject.filled<uint32_t>({1, 0, 0, 0});
  auto move = move_one(subject, data, 0, 1);
  if (op_support(subject, TN_OP_copy_cast, &move.args).capturable == 0) {
    throw TestSkipped("copy_cast is not capturable");
  }
  tn_node eager = 77;
  move.enqueue(stream, &eager);
  check_equal("TN-OP-18", "out_node outside a capture", tn_node{TN_NO_NODE}, eager);
  begin_capture(subject, stream);
  std::vector<tn_node> nodes(20, TN_NO_NODE);
  for (tn_node& node : nodes)
    move.enqueue(stream, &node);
  end_capture(subject, stream);
  std::sort(nodes.begin(), nodes.end());
  check(nodes.front() != TN_NO_NODE, "TN-GRAPH-9", "ids of captured nodes", "not TN_NO_NODE",
        "TN_NO_NODE");
  check(std::adjacent_find(nodes.begin(), nodes.end()) == nodes.end(), "TN-GRAPH-9",
        "ids of captured nodes", "each its own", "one twice");
}

}  // namespace tenon::conformance::graph_updates_test
